import Files

/// A GitHub Markdown table whose source lines up too.
package struct MarkdownTable {
  let header: [String]
  let rows: [[String]]
  let textColumns: Set<Int>

  /// - Parameters:
  ///   - header: a title for each column.
  ///   - rows: as many cells each.
  ///   - textColumns: the columns that are text and so stand to the left; the others are numbers, and to the right.
  package init(header: [String], rows: [[String]], textColumns: Set<Int> = [0]) {
    self.header = header
    self.rows = rows
    self.textColumns = textColumns
  }

  /// The lines of the table, without a final line break. A `|` and control characters inside a cell are escaped.
  package var text: String {
    let cells = ([header] + rows).map { row in row.map { VisibleText.line($0).replacing("|", with: "\\|") } }
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
