import CCrypto

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// SHA-256 of files, so that a record says which bytes it was made from. Source: FIPS 180-4; computed by libcrypto.
public enum FileDigest {
  /// The digest of a file's bytes, as 64 hexadecimal digits.
  /// - Throws: `InputError` where the file cannot be read.
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
    let failure = InputError(location, found: "no SHA-256 in libcrypto", expected: "OpenSSL 1.1 or later")
    guard let context = EVP_MD_CTX_new() else { throw failure }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw failure }
    try body { bytes, count in
      guard EVP_DigestUpdate(context, bytes, count) == 1 else { throw failure }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw failure }
    let digits = Array("0123456789abcdef")
    return String(digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
