/// Rewrites cairo's SVG so that it depends on nothing but the drawing.
enum StableSVG {
  /// Cairo numbers surfaces over the life of the process ("surface12"): renumbers them in each document, by first
  /// appearance, and puts the title in.
  static func rewrite(_ svg: [UInt8], title: String) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(svg.count + title.utf8.count + 32)
    var numbers: [Int: Int] = [:]
    var needsTitle = !title.isEmpty
    var insideTag = false
    var at = 0
    while at < svg.count {
      if insideTag, let prefix = prefixes.first(where: { svg[at...].starts(with: $0) }) {
        output += prefix
        at += prefix.count
        var number = 0
        let digits = svg[at...].prefix(while: { $0 >= 0x30 && $0 <= 0x39 }).prefix(18)
        for digit in digits { number = number * 10 + Int(digit - 0x30) }
        at += digits.count
        guard !digits.isEmpty else { continue }
        let renumbered = numbers[number] ?? numbers.count + 1
        numbers[number] = renumbered
        output += Array(String(renumbered).utf8)
        continue
      }
      let byte = svg[at]
      output.append(byte)
      at += 1
      if byte == UInt8(ascii: "<") { insideTag = true }
      if byte == UInt8(ascii: ">") {
        insideTag = false
        if needsTitle, svg[..<at].suffix(400).contains(startTag) {
          output += Array("\n<title>\(escape(title))</title>".utf8)
          needsTitle = false
        }
      }
    }
    return output
  }

  private static let startTag = Array("<svg ".utf8)
  private static let prefixes = ["surface", "image", "mask-", "source-"].map { Array($0.utf8) }

  private static func escape(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
