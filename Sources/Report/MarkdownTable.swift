/// A GitHub Markdown table whose source lines up too.
struct MarkdownTable {
  var header: [String]
  var rows: [[String]] = []
  /// The columns that are text and so stand to the left; the others are numbers and stand to the right.
  var textColumns: Set<Int> = [0]

  /// The lines of the table, without a final line break. A `|` inside a cell is escaped.
  var text: String {
    let cells = ([header] + rows).map { row in row.map { $0.replacing("|", with: "\\|") } }
    let widths = header.indices.map { column in max(3, cells.map { $0[column].count }.max() ?? 0) }
    func line(_ row: [String]) -> String {
      let padded = row.indices.map { column -> String in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return textColumns.contains(column) ? row[column] + space : space + row[column]
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = widths.indices.map { column in
      let dashes = String(repeating: "-", count: widths[column] - 1)
      return textColumns.contains(column) ? ":" + dashes : dashes + ":"
    }
    return ([line(cells[0]), "| " + rule.joined(separator: " | ") + " |"] + cells.dropFirst().map(line))
      .joined(separator: "\n")
  }
}
