import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Several files that appear together: each is written and synced beside its place under a temporary name, and only when
/// all are there are they renamed. A failure before that leaves everything as it was.
public final class StagedOutputs {
  private var files: [(temporary: String, path: String)] = []

  /// The temporary files of every instance, for a program that is interrupted.
  private static let unfinished = Mutex<Set<String>>([])

  /// Nothing yet.
  public init() {}

  deinit {
    for file in files { StagedOutputs.remove(file.temporary) }
  }

  /// Writes one more file, making the folders above it where they are missing.
  /// - Parameter produce: writes a file at the temporary path that it is given.
  /// - Returns: the temporary path, where the file can be read until `commit`.
  /// - Throws: `InputError` where the place cannot be written, and what `produce` throws.
  @discardableResult
  public func add(_ path: String, _ produce: (_ temporaryPath: String) throws -> Void) throws -> String {
    try OutputFile.makeFolder(OutputFile.folder(of: path))
    let temporary = "\(path).\(getpid()).tmp"
    StagedOutputs.unfinished.withLock { _ = $0.insert(temporary) }
    do {
      try produce(temporary)
      try OutputFile.sync(temporary, for: path)
    } catch {
      StagedOutputs.remove(temporary)
      throw error
    }
    files.append((temporary, path))
    return temporary
  }

  /// Adds a file of these bytes.
  public func add(_ bytes: [UInt8], at path: String) throws {
    try add(path) { try OutputFile.writeNow(bytes, to: $0, for: path) }
  }

  /// Adds a file of this text in UTF-8.
  public func add(_ text: String, at path: String) throws { try add(Array(text.utf8), at: path) }

  /// Renames every file to its place, in the order in which they were added.
  /// - Throws: `InputError` where a file cannot be renamed; the ones after it are dropped.
  public func commit() throws {
    while let file = files.first {
      guard rename(file.temporary, file.path) == 0 else {
        throw systemError(file.path, expected: "a path that can be written")
      }
      StagedOutputs.unfinished.withLock { _ = $0.remove(file.temporary) }
      files.removeFirst()
      // The rename itself is durable only once the folder is; a file system that cannot sync a folder has no say here.
      try? OutputFile.sync(OutputFile.folder(of: file.path), for: file.path)
    }
  }

  /// Removes the temporary files of a program that is about to end.
  public static func removeUnfinished() {
    let paths = unfinished.withLock { $0 }
    for path in paths { unlink(path) }
  }

  private static func remove(_ temporary: String) {
    unlink(temporary)
    unfinished.withLock { _ = $0.remove(temporary) }
  }
}
