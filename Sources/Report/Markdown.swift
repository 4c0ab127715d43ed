import Files

/// Text from outside, such as a file's name, as Markdown that shows it as it is.
package enum Markdown {
  /// `` `text` ``, with as many backticks around as the text needs, and on one line.
  package static func code(_ text: String) -> String {
    let line = VisibleText.line(String(text.map { $0.isNewline ? " " : $0 }))
    let longest = line.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    return longest == 0 ? fence + line + fence : "\(fence) \(line) \(fence)"
  }

  /// Text in a line of its own: what would be markup is escaped.
  package static func plain(_ text: String) -> String {
    VisibleText.line(text).map { "\\`*_{}[]<>#|!&".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// The path that `link` was made of; nil for what is no such text.
  package static func path(ofLink link: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(link.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return PathText.text(bytes)
  }

  /// A relative path as the target of a link: everything but letters, digits and `/._-~` is percent-encoded.
  package static func link(_ path: String) -> String {
    PathText.bytes(path).map { byte in
      let scalar = Unicode.Scalar(byte)
      let isPlain = scalar.properties.isAlphabetic && scalar.isASCII || ("0"..."9").contains(scalar)
      if isPlain || "/._-~".unicodeScalars.contains(scalar) { return String(scalar) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
