import Glibc

/// Numbers as they stand in a figure, without a locale.
enum NumberText {
  /// `value` with `decimals` places, correctly rounded, with a minus sign (U+2212) rather than a hyphen.
  static func fixed(_ value: Double, decimals: Int) -> String {
    format("%.*f", decimals, value)
  }

  /// `value` with `digits` significant digits at most: "1.5e+09".
  static func significant(_ value: Double, digits: Int) -> String {
    format("%.*g", digits, value)
  }

  private static func format(_ format: String, _ precision: Int, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let count = withVaList([Int32(clamping: precision), value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    let text = String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard text.hasPrefix("-") else { return text }
    // -0.04 with one decimal is 0.0, not -0.0.
    let isZero = text.dropFirst().allSatisfy { $0 == "0" || $0 == "." }
    return isZero ? String(text.dropFirst()) : "\u{2212}" + text.dropFirst()
  }
}
