import Files
import Foundation

/// One JSON document on standard output, with keys in alphabetical order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  try Console.answer(VisibleText.json(String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n")
}
