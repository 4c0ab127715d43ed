import CZlib
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A gzip file (RFC 1952), inflated whole.
public enum GzipFile {
  /// The inflated bytes, whose checksum has been found right; a file of several members is all of them one after the other.
  ///
  /// - Parameter limit: the most bytes that are inflated.
  /// - Throws: `InputError` where the file cannot be read, is damaged or cut short, or inflates to more.
  public static func bytes(path: String, limit: Int) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0, let file = gzdopen(descriptor, "rb") else {
      if descriptor >= 0 { close(descriptor) }
      throw InputError(path, found: "cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { gzclose(file) }
    gzbuffer(file, 1 << 17)
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = gzread(file, &part, UInt32(part.count))
      var code: Int32 = 0
      // A file that ends too early is told behind its last bytes alone.
      let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
      guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
        throw InputError(path, found: "does not inflate (\(message))", expected: "a whole, undamaged gzip file")
      }
      guard count > 0 else { return bytes }
      guard bytes.count + Int(count) <= limit else {
        throw InputError(path, found: "inflates to more than \(limit) bytes", expected: "at most these")
      }
      bytes.append(contentsOf: part[..<Int(count)])
    }
  }
}
