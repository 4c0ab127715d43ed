#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where an output goes: to a file that is replaced, or into a device or a FIFO that takes bytes as they come.
struct OutputPlace {
  /// What a symbolic link names at last, be it there or not; else the path itself. The link stays.
  let path: String
  /// Whether bytes are written through, and nothing is replaced.
  let isStream: Bool

  private static let mostLinks = 40

  /// - Throws: `InputError` for an empty path, for what can be neither, and for links that lead in circles.
  init(_ path: String) throws {
    guard !path.isEmpty else {
      throw InputError("output", found: "an empty path", expected: "a path for a file")
    }
    var status = stat()
    let isThere = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if isThere, kind == S_IFCHR || kind == S_IFIFO || Self.isOfProcess(path) && kind != S_IFDIR {
      (self.path, isStream) = (path, true)
      return
    }
    if isThere, kind == S_IFBLK || kind == S_IFSOCK {
      throw InputError(path, found: kind == S_IFBLK ? "a block device" : "a socket", expected: "a path for a file")
    }
    var place = path
    for _ in 0..<Self.mostLinks {
      guard let target = readlink(place) else {
        (self.path, isStream) = (place, false)
        return
      }
      place = target.hasPrefix("/") ? target : "\(OutputFile.folder(of: place))/\(target)"
    }
    throw InputError(path, found: "a symbolic link that leads in circles", expected: "a path for a file")
  }

  /// Whether a path names what a process has open, as `/dev/stdout` does: replacing that file would not reach the process.
  private static func isOfProcess(_ path: String) -> Bool {
    ["/dev/stdout", "/dev/stderr"].contains(path) || ["/dev/fd/", "/proc/"].contains { path.hasPrefix($0) }
  }

  /// Finds out whether a file can stand there.
  /// - Parameter name: what an error calls it.
  /// - Throws: `InputError` or `SystemError` where it cannot.
  func requireReplaceable(as name: String) throws {
    if isStream {
      guard access(path, W_OK) == 0 else { throw systemError(name, expected: "a path that can be written") }
      return
    }
    guard !OutputFile.isFolder(path) else { throw InputError(name, found: "a folder", expected: "a path for a file") }
    var (there, around) = (stat(), stat())
    let isThere = lstat(path, &there) == 0
    if !isThere, errno == ENAMETOOLONG { throw systemError(name, expected: "a shorter name") }
    // In a folder with the sticky bit only the owner of a file, or of the folder, may replace it.
    if isThere, stat(OutputFile.folder(of: path), &around) == 0, around.st_mode & S_ISVTX != 0, geteuid() != 0,
      ![there.st_uid, around.st_uid].contains(geteuid())
    {
      throw InputError(
        name, found: "another user's file in a folder with the sticky bit", expected: "a file that can be replaced")
    }
  }

  /// Where a temporary file for it lies: beside it, or for a stream among the system's temporary files.
  var scratch: String {
    guard isStream else { return path }
    let folder = getenv("TMPDIR").map { PathText.text($0) } ?? "/tmp"
    return "\(folder)/espalier-\(path.split(separator: "/").last ?? "stream")"
  }
}
