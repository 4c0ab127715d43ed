/// Text from outside, such as a layer's name, as a terminal, a report or a figure may show it: what would move the cursor,
/// change colours or turn the direction of writing is escaped, as `\u{1B}`.
public enum VisibleText {
  /// On one line: line breaks are escaped too.
  public static func line(_ text: String) -> String {
    escaped(text, escape)
  }

  /// With its line breaks and tabs.
  public static func lines(_ text: String) -> String {
    escaped(text) { $0 == "\n" || $0 == "\t" ? String($0) : escape($0) }
  }

  /// A JSON document that has its line breaks: what JSON lets stand in a string is escaped as JSON has it, `\u009b`.
  public static func json(_ document: String) -> String {
    escaped(document) { scalar in
      // A byte of a path stays as it is written in records.
      if scalar == "\n" || PathText.isOdd(scalar) { return String(Character(scalar)) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    PathText.isOdd(scalar) ? PathText.visible(scalar) : scalar.escaped(asASCII: true)
  }

  private static func escaped(_ text: String, _ escape: (Unicode.Scalar) -> String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if isHarmful(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// Controls (C0, DEL, C1), separators of lines and paragraphs, what embeds, overrides or isolates a direction, and what stands
  /// for a byte of a path (`PathText`).
  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
    default: PathText.isOdd(scalar)
    }
  }
}
