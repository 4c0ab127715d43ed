#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files that appear whole or not at all: written beside their place under a temporary name, synced, then renamed.
public enum OutputFile {
  /// Replaces the file at `path`, making the folders above it where they are missing.
  /// - Parameter produce: writes a file at the temporary path that it is given.
  /// - Throws: `InputError` where the place cannot be written; what was there before stays as it was.
  public static func replace(_ path: String, _ produce: (_ temporaryPath: String) throws -> Void) throws {
    let output = StagedOutputs()
    try output.add(path, produce)
    try output.commit()
  }

  /// Replaces the file at `path` by these bytes.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let output = StagedOutputs()
    try output.add(bytes, at: path)
    try output.commit()
  }

  /// Replaces the file at `path` by this text in UTF-8.
  public static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  /// Makes a folder and those above it.
  public static func makeFolder(_ path: String) throws {
    for folder in missingFolders(to: path) {
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        throw systemError(folder, expected: "a folder that can be made")
      }
      // A file system that cannot sync a folder has no say here.
      try? sync(self.folder(of: folder), for: folder)
    }
    try requireFolder(path)
  }

  /// - Throws: `InputError` that names what is in the way, at `path` or above it; nothing where folders are only missing.
  private static func requireFolder(_ path: String) throws {
    var status = stat()
    var place = path
    while lstat(place, &status) != 0, errno == ENOENT || errno == ENOTDIR, place != "/", place != "." {
      place = folder(of: place)
    }
    guard stat(place, &status) == 0 else { throw systemError(place, expected: "a folder") }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw InputError(place, found: "a file", expected: "a folder") }
  }

  /// The folders to be made for `path` to be one, from the outermost; none where something else is in the way.
  static func missingFolders(to path: String) -> [String] {
    var status = stat()
    guard stat(path, &status) != 0, errno == ENOENT, path != ".", path != "/" else { return [] }
    return missingFolders(to: folder(of: path)) + [path]
  }

  /// Whether there is a folder at `path`.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether there is a plain file at `path`.
  public static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Finds out before the work is done whether a file can be written at `path`.
  /// - Throws: `InputError` where it is a folder, or lies in none that can be written or made.
  public static func requireWritable(_ path: String) throws {
    guard !isFolder(path) else { throw InputError(path, found: "a folder", expected: "a path for a file") }
    try requireFolder(folder(of: path))
    var status = stat()
    var above = folder(of: path)
    while stat(above, &status) != 0, above != "/", above != "." { above = folder(of: above) }
    guard access(above, W_OK | X_OK) == 0 else { throw systemError(path, expected: "a folder that can be written") }
  }

  /// The folder that holds `path`: `.` for a bare name.
  public static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Writes a file at once; `target` is what an error calls it.
  static func writeNow(_ bytes: [UInt8], to path: String, for target: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError(target, expected: "a path that can be written") }
    defer { close(descriptor) }
    try bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let count = Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw systemError(target, expected: "room for \(buffer.count) bytes") }
        written += count
      }
    }
  }

  static func sync(_ path: String, for target: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(target, expected: "a path that can be written") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError(target, expected: "a disk that takes it") }
  }
}
