#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Several files that appear together or not at all: each is written and synced beside its place under a temporary name, and only
/// when all are there are they renamed. What was there before is kept until the last one is in its place, and comes back where
/// one cannot be put there.
public final class StagedOutputs {
  private var files: [(temporary: TemporaryFile, place: OutputPlace, path: String)] = []
  /// That were made for the files, from the outermost.
  private var folders: [String] = []

  /// Nothing yet.
  public init() {}

  deinit {
    files = []
    removeFolders()
  }

  /// Writes one more file, making the folders above it where they are missing, and removes what a killed process left of
  /// an earlier attempt.
  /// - Parameter produce: writes a file at the temporary path that it is given.
  /// - Returns: the temporary path, where the file can be read until `commit`.
  /// - Throws: `InputError` or `SystemError` where the place cannot be written, and what `produce` throws.
  @discardableResult
  public func add(_ path: String, _ produce: (_ temporaryPath: String) throws -> Void) throws -> String {
    let place = try OutputPlace(path)
    if !place.isStream {
      let folder = OutputFile.folder(of: place.path)
      let missing = OutputFile.missingFolders(to: folder)
      folders += missing
      for folder in missing { Unfinished.add(folder) }
      try OutputFile.makeFolder(folder)
      let name = TemporaryFile.stem(of: OutputFile.name(of: place.path))
      TemporaryFile.removeAbandoned(in: folder) { $0 == name }
    }
    try place.requireReplaceable(as: path)
    let temporary = try TemporaryFile(for: place.scratch, named: path)
    do {
      try produce(temporary.path)
    } catch let error as any FileError where error.location.hasPrefix(temporary.path) {
      throw error.of(path, insteadOf: temporary.path)
    }
    if !place.isStream { try temporary.sync(for: path) }
    files.append((temporary, place, path))
    return temporary.path
  }

  /// Adds a file of these bytes.
  public func add(_ bytes: [UInt8], at path: String) throws {
    try add(path) { try OutputFile.writeNow(bytes, to: $0, for: path) }
  }

  /// Adds a file of this text in UTF-8.
  public func add(_ text: String, at path: String) throws { try add(Array(text.utf8), at: path) }

  /// Removes the temporary files that killed processes left in a folder.
  /// - Parameter isOurs: whether one for a file of this name may be removed.
  public static func removeAbandoned(in folder: String, where isOurs: (String) -> Bool) {
    TemporaryFile.removeAbandoned(in: folder, where: isOurs)
  }

  /// Renames every file to its place, in the order in which they were added; an interruption waits until all are there. What goes
  /// into devices and FIFOs is written before, for it cannot be taken back.
  /// - Parameter record: the path of one that speaks of the others: what was there before goes first, so that at no moment
  ///   it stands beside files that are not its own.
  /// - Throws: `InputError` or `SystemError` where a file cannot be renamed; then all are as they were.
  public func commit(record: String? = nil) throws {
    defer { files = [] }
    for file in files { try file.place.requireReplaceable(as: file.path) }
    for file in files where file.place.isStream {
      try OutputFile.pour(file.temporary.path, into: file.place.path, as: file.path)
    }
    try Unfinished.uninterrupted {
      // They hold what was there before until all is done.
      var undoings: [() -> Void] = []
      do {
        if let (backup, place) = try record.flatMap(Self.hide) { undoings.append { _ = rename(backup.path, place) } }
        for file in files where !file.place.isStream {
          undoings.append(try file.temporary.move(to: file.place.path, as: file.path))
        }
      } catch {
        for undo in undoings.reversed() { undo() }
        throw error
      }
    }
    keepFolders()
  }

  /// Takes an earlier record out of its place; nil where there is none.
  private static func hide(_ record: String) throws -> (backup: BackupName, place: String)? {
    let place = try OutputPlace(record)
    var status = stat()
    guard !place.isStream, lstat(place.path, &status) == 0 else { return nil }
    return (try BackupName(of: place.path, moves: true), place.path)
  }

  /// Those with something in them stay.
  private func removeFolders() {
    for folder in folders.reversed() { rmdir(folder) }
    keepFolders()
  }

  private func keepFolders() {
    for folder in folders { Unfinished.forget(folder) }
    folders = []
  }
}
