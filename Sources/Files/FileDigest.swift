import CCrypto

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SHA-256 of files, so that a record says which bytes it was made from. Source: FIPS 180-4; computed by libcrypto.
public enum FileDigest {
  /// The digest of a file's bytes, as 64 hexadecimal digits.
  /// - Throws: `InputError` where the file cannot be read, `SystemError` where there is no libcrypto.
  public static func sha256(ofFileAt path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError(path, expected: "a file that can be read") }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    return try digest(path) { update in
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw systemError(path, expected: "a file that can be read") }
        if count == 0 { return }
        try update(buffer, count)
      }
    }
  }

  /// The digest of bytes in memory.
  public static func sha256(of bytes: [UInt8]) throws -> String {
    try digest("memory") { update in try update(bytes, bytes.count) }
  }

  private static func digest(
    _ location: String, _ body: (_ update: ([UInt8], Int) throws -> Void) throws -> Void
  ) throws -> String {
    let libcrypto = try libcrypto.get()
    let failure = SystemError(location, found: "no SHA-256 in libcrypto", expected: "OpenSSL 1.1 or later")
    guard let context = libcrypto.make() else { throw failure }
    defer { libcrypto.free(context) }
    guard libcrypto.begin(context, libcrypto.sha256(), nil) == 1 else { throw failure }
    try body { bytes, count in
      guard libcrypto.update(context, bytes, count) == 1 else { throw failure }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard libcrypto.finish(context, &digest, nil) == 1 else { throw failure }
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static let libcrypto = Result { () throws(SystemError) in
    try loadDigest(from: ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"])
  }
}

/// SHA-256 by the first of these libraries that has it, each a name or path as `dlopen` takes it.
package func loadDigest(from libraries: [String]) throws(SystemError) -> ccrypto_digest {
  let digest = UnsafeMutablePointer<ccrypto_digest>.allocate(capacity: 1)
  defer { digest.deallocate() }
  var found: String?
  for library in libraries {
    if ccrypto_load(library, digest) { return digest.pointee }
    found = found ?? dlerror().map { String(cString: $0) }
  }
  throw SystemError(
    libraries[0], found: found ?? "no SHA-256", expected: "OpenSSL 1.1 or later, as the package libssl-dev brings it")
}
