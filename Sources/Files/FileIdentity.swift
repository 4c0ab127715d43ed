#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a path leads to, so that two paths to one file can be told: through links of both kinds, and before the file is there.
public enum FileIdentity: Hashable, Sendable {
  /// A file that is there.
  case file(device: UInt64, number: UInt64)
  /// A place where none is yet: the names from the root down.
  case place([String])

  /// The identity of what is at `path`, or may come there; nil for a device or a FIFO, which several may write into.
  public init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      self = .place(RealPath.components((try? OutputPlace(path).path) ?? path))
      return
    }
    guard ![S_IFCHR, S_IFIFO].contains(status.st_mode & S_IFMT) else { return nil }
    self = .file(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }
}
