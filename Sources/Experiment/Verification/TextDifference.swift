/// Where two texts part.
package enum TextDifference {
  /// The first line that differs, with its number and both texts; nil for equal texts.
  /// - Parameters:
  ///   - found: what a file holds.
  ///   - expected: what it should hold.
  package static func first(_ found: String, _ expected: String) -> String? {
    guard !found.utf8.elementsEqual(expected.utf8) else { return nil }
    let (own, other) = (lines(found), lines(expected))
    func text(_ lines: [String.UTF8View.SubSequence], _ index: Int) -> String {
      index < lines.count ? "'\(visible(String(decoding: lines[index].prefix(shown), as: UTF8.self)))'" : "nothing"
    }
    let line = zip(own, other).prefix { $0.elementsEqual($1) }.count
    return "line \(line + 1): \(text(own, line)) in the file, \(text(other, line)) recomputed"
  }

  /// How many bytes of a line are shown.
  private static let shown = 2000

  /// With control characters by their numbers, so that a file's text cannot move a terminal's cursor.
  private static func visible(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }.joined()
  }

  /// Split at line feeds alone, so that a carriage return is a difference and not a line.
  private static func lines(_ text: String) -> [String.UTF8View.SubSequence] {
    text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }
}
