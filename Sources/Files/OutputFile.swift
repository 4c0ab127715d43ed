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
    let place = try OutputPlace(path)
    try place.requireReplaceable(as: path)
    guard !place.isStream else { return }
    try requireFolder(folder(of: place.path))
    var status = stat()
    var above = folder(of: place.path)
    while stat(above, &status) != 0, above != "/", above != "." { above = folder(of: above) }
    guard access(above, W_OK | X_OK) == 0 else { throw systemError(path, expected: "a folder that can be written") }
  }

  /// Whether a path leads into a device or a FIFO, which takes bytes as they come.
  public static func isStream(_ path: String) -> Bool { (try? OutputPlace(path))?.isStream ?? false }

  /// Whether there is anything at `path`.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Removes the file at `path`.
  /// - Throws: `InputError` or `SystemError` where it cannot be removed.
  public static func remove(_ path: String) throws {
    guard unlink(path) == 0 else { throw systemError(path, expected: "a file that can be removed") }
  }

  /// The folder that holds `path`: `.` for a bare name.
  public static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last name of `path`.
  static func name(of path: String) -> String {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    return slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
  }

  /// A file beside `path` that goes with it: its name with an ending, shortened where it would be too long.
  public static func beside(_ path: String, ending: String) -> String {
    let place = (try? OutputPlace(path))?.path ?? path
    let name = name(of: place)
    return "\(place.dropLast(name.count))\(TemporaryFile.stem(of: name))\(ending)"
  }

  /// Writes a file's bytes into a device or a FIFO; waits for who reads it.
  static func pour(_ source: String, into path: String, as name: String) throws {
    let bytes = try FileBytes.read(source, limit: .max)
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw systemError(name, expected: "a path that can be written") }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, for: name)
  }

  /// Writes a file at once; `target` is what an error calls it.
  static func writeNow(_ bytes: [UInt8], to path: String, for target: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw systemError(target, expected: "a path that can be written") }
    defer { close(descriptor) }
    try write(bytes, to: descriptor, for: target)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, for target: String) throws {
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
