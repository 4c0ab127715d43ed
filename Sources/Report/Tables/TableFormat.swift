import Files

/// The forms in which a table of a report is written.
public enum TableFormat: String, CaseIterable, Sendable {
  /// LaTeX with booktabs.
  case latex
  /// Comma-separated values, RFC 4180.
  case csv
  /// GitHub Markdown.
  case markdown
}

extension MarkdownTable {
  /// The table in a format, without a final line break.
  package func text(as format: TableFormat) -> String {
    switch format {
    case .markdown: text
    case .csv: csv
    case .latex: latex
    }
  }

  /// Every cell as text, in quotes where it needs them.
  private var csv: String {
    ([header] + rows).map { row in
      row.map { cell in
        let line = Self.plain(cell)
        return line.contains { ",\"\n\r".contains($0) } ? "\"\(line.replacing("\"", with: "\"\""))\"" : line
      }.joined(separator: ",")
    }.joined(separator: "\n")
  }

  /// A `tabular` with booktabs' rules; needs `\usepackage{booktabs}`.
  private var latex: String {
    let columns = header.indices.map { textColumns.contains($0) ? "l" : "r" }.joined()
    func line(_ row: [String]) -> String {
      row.map { LaTeX.escaped(Self.plain($0)) }.joined(separator: " & ") + " \\\\"
    }
    return
      (["\\begin{tabular}{\(columns)}", "\\toprule", line(header), "\\midrule"] + rows.map(line) + [
        "\\bottomrule", "\\end{tabular}",
      ]).joined(separator: "\n")
  }

  /// A cell without Markdown's code and links.
  private static func plain(_ cell: String) -> String {
    var text = VisibleText.line(cell)
    if let link = text.wholeMatch(of: /\[([^\]]*)\]\([^)]*\)/) { text = String(link.output.1) }
    if let code = text.wholeMatch(of: /(`+) ?(.*?) ?\1/) { text = String(code.output.2) }
    return text
  }
}

/// Text for LaTeX.
package enum LaTeX {
  /// Every letter that LaTeX takes for a command as itself; a space before a percent sign is thin and does not break.
  package static func escaped(_ text: String) -> String {
    let escaped = text.map { letter -> String in
      switch letter {
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "<": "\\textless{}"
      case ">": "\\textgreater{}"
      case "\"": "\\textquotedbl{}"
      case "&", "%", "$", "#", "_", "{", "}": "\\\(letter)"
      case "–": "--"
      case "…": "\\dots{}"
      case "±": "$\\pm$"
      default: String(letter)
      }
    }.joined()
    // A row that begins with a bracket would be the option of the line break before it.
    return (escaped.hasPrefix("[") ? "{}" : "") + escaped.replacing(" \\%", with: "\\,\\%")
  }
}
