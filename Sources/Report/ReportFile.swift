import Files

/// Which format a report has, by its extension.
public enum ReportFile: Equatable, Sendable {
  /// Markdown, with links to the figures.
  case markdown
  /// One page with the figures inside.
  case html

  /// The format that the extension of `path` asks for; `-` and names without one are Markdown.
  /// - Throws: `InputError` for another extension than `.md`, `.markdown`, `.txt`, `.html` and `.htm`.
  public init(_ path: String) throws {
    let name = path.split(separator: "/").last ?? ""
    switch name.lastIndex(of: ".").map({ name[$0...].lowercased() }) {
    case nil, ".md", ".markdown", ".txt": self = .markdown
    case ".html", ".htm": self = .html
    case _ where name.first == "." && !name.dropFirst().contains("."): self = .markdown
    default:
      throw InputError(path, found: "an unknown kind of report", expected: "a name that ends in .md or .html")
    }
  }
}
