import Files

/// A table of a report, by the heading that it stands under.
public struct ReportTable {
  /// The heading and, where several tables share one, the line before the table.
  public let title: String
  private let table: MarkdownTable

  /// The table in a format, without a final line break.
  public func text(as format: TableFormat) -> String { table.text(as: format) }

  /// Letters, digits and dashes, as a file's name has them.
  public var name: String {
    let words = title.lowercased().split { !$0.isASCII || !$0.isLetter && !$0.isNumber }
    return words.isEmpty ? "table" : words.joined(separator: "-")
  }

  /// Every table of a report's Markdown, in order, with titles of which no two are the same.
  public static func tables(in markdown: String) -> [ReportTable] {
    var tables: [ReportTable] = []
    var heading = "", before = ""
    var block: [Substring] = []
    var titles: Set<String> = []
    func end() {
      defer { block = [] }
      guard let table = MarkdownTable(lines: block) else { return }
      let detail = before.hasSuffix(":") ? String(before.dropLast()) : before
      var title = tables.contains { $0.title == heading } && !detail.isEmpty ? "\(heading), \(detail)" : heading
      var number = 2
      while !titles.insert(title).inserted {
        title = "\(heading), \(number)"
        number += 1
      }
      tables.append(ReportTable(title: title, table: table))
    }
    for line in (markdown + "\n").split(separator: "\n" as Character, omittingEmptySubsequences: false) {
      if line.hasPrefix("|") {
        block.append(line)
        continue
      }
      if !block.isEmpty { end() }
      if let title = line.wholeMatch(of: /#+ +(.*)/) {
        (heading, before) = (String(title.output.1), "")
      } else if !line.isEmpty {
        before = line.count <= 60 && line.hasSuffix(":") ? String(line) : ""
        if let summary = line.wholeMatch(of: /<details><summary>(.*)<\/summary>/) { before = String(summary.output.1) }
      }
    }
    return tables
  }
}

extension MarkdownTable {
  /// A table as `text` writes it; nil for other lines.
  init?(lines: [Substring]) {
    let rows = lines.map(Self.cells)
    guard rows.count >= 2, rows.allSatisfy({ $0.count == rows[0].count }) else { return nil }
    let text = rows[1].indices.filter { rows[1][$0].hasPrefix(":") }
    self.init(header: rows[0], rows: Array(rows.dropFirst(2)), textColumns: Set(text))
  }

  /// The cells between bars that are not escaped.
  private static func cells(_ line: Substring) -> [String] {
    var cells: [String] = []
    var cell = "", isEscaped = false
    for letter in line.dropFirst() {
      if letter == "|", !isEscaped {
        cells.append(trimmed(cell))
        cell = ""
      } else {
        if letter == "|" { cell.removeLast() }
        cell.append(letter)
      }
      isEscaped = letter == "\\" && !isEscaped
    }
    return cells
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " }
    return String(start.reversed().drop { $0 == " " }.reversed())
  }
}
