/// Paths as text, though the system takes any bytes for them: text goes back to its bytes in the calls of `PathCalls`.
///
/// A byte that is not part of valid UTF-8 is the character U+10F700 plus the byte, of an area for private use. A path that has such
/// a character itself has its four bytes in that form, so that every path comes back as it was. People see such bytes as `\xe9`
/// (`VisibleText`).
public enum PathText {
  private static let first: UInt32 = 0x10F780
  private static let base = first - 0x80

  /// The text of a path's bytes.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: isOdd) { return text }
    var text = String.UnicodeScalarView()
    var place = 0
    while place < bytes.count {
      if let (scalar, length) = scalar(bytes[place...]), !isOdd(scalar) {
        text.append(scalar)
        place += length
      } else {
        text.append(odd(bytes[place]))
        place += 1
      }
    }
    return String(text)
  }

  /// The text of a path that a C function answers.
  public static func text(_ path: UnsafePointer<CChar>) -> String {
    var bytes: [UInt8] = []
    var place = path
    while place.pointee != 0 {
      bytes.append(UInt8(bitPattern: place.pointee))
      place += 1
    }
    return text(bytes)
  }

  /// The bytes of a path; what stands for a byte is that byte.
  public static func bytes(_ text: some StringProtocol) -> [UInt8] {
    guard text.unicodeScalars.contains(where: isOdd) else { return Array(text.utf8) }
    return text.unicodeScalars.flatMap { scalar in
      isOdd(scalar) ? [UInt8(scalar.value - base)] : Array(String(Character(scalar)).utf8)
    }
  }

  /// Hands a path to a C function.
  public static func withCString<Result>(_ text: String, _ body: (UnsafePointer<CChar>) throws -> Result) rethrows
    -> Result
  {
    guard text.utf8.contains(0xF4) else { return try text.withCString(body) }
    return try (bytes(text).map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { try body($0.baseAddress!) }
  }

  /// Whether a character stands for a byte.
  static func isOdd(_ scalar: Unicode.Scalar) -> Bool { (first..<first + 0x80).contains(scalar.value) }

  /// `\xe9` for what stands for that byte.
  static func visible(_ scalar: Unicode.Scalar) -> String { "\\x" + String(scalar.value - base, radix: 16) }

  /// A byte of at least 0x80: no smaller one is invalid.
  private static func odd(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(base + UInt32(byte | 0x80)) ?? "\u{FFFD}"
  }

  /// The character at the start, and how many bytes it has; nil where there is none in valid UTF-8.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    let length =
      switch bytes[bytes.startIndex] {
      case ..<0x80: 1
      case ..<0xE0: 2
      case ..<0xF0: 3
      default: 4
      }
    guard bytes.count >= length, let text = String(validating: bytes.prefix(length), as: UTF8.self),
      let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1
    else { return nil }
    return (scalar, length)
  }
}
