#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Several files that appear together: each is written and synced beside its place under a temporary name, and only when
/// all are there are they renamed. A failure before that leaves everything as it was.
public final class StagedOutputs {
  private var files: [(temporary: TemporaryFile, path: String)] = []

  /// Nothing yet.
  public init() {}

  /// Writes one more file, making the folders above it where they are missing, and removes what a killed process left of
  /// an earlier attempt.
  /// - Parameter produce: writes a file at the temporary path that it is given.
  /// - Returns: the temporary path, where the file can be read until `commit`.
  /// - Throws: `InputError` or `SystemError` where the place cannot be written, and what `produce` throws.
  @discardableResult
  public func add(_ path: String, _ produce: (_ temporaryPath: String) throws -> Void) throws -> String {
    let folder = OutputFile.folder(of: path)
    try OutputFile.makeFolder(folder)
    guard !OutputFile.isFolder(path) else { throw InputError(path, found: "a folder", expected: "a path for a file") }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    TemporaryFile.removeAbandoned(in: folder) { $0 == name }
    let temporary = try TemporaryFile(for: path)
    do {
      try produce(temporary.path)
    } catch let error as any FileError where error.location.hasPrefix(temporary.path) {
      throw error.of(path, insteadOf: temporary.path)
    }
    try temporary.sync(for: path)
    files.append((temporary, path))
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

  /// Renames every file to its place, in the order in which they were added; an interruption waits until all are there.
  /// - Parameter record: the path of one that speaks of the others: what was there before goes first, so that at no moment
  ///   it stands beside files that are not its own.
  /// - Throws: `InputError` or `SystemError` where a file cannot be renamed; the ones after it are dropped.
  public func commit(record: String? = nil) throws {
    defer { files = [] }
    try Unfinished.uninterrupted {
      if let record { unlink(record) }
      for file in files { try file.temporary.move(to: file.path) }
    }
  }
}
