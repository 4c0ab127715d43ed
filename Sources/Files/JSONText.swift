import Foundation

/// JSON as it is written everywhere: indented, keys in alphabetical order, so that the same value is the same bytes.
public enum JSONText {
  /// The text of a value, with a final line break.
  public static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
