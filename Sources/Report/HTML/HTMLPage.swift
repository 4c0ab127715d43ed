import Files
import Plotting

/// One self-contained page: nothing is loaded from anywhere, and its content policy allows nothing else.
struct HTMLPage {
  /// The whole file.
  let text: String

  /// A page from Markdown.
  /// - Parameters:
  ///   - figures: by the target of the picture that each stands for.
  ///   - summary: a sentence for search engines and previews.
  init(markdown: String, figures: [String: PageFigure], summary: String) throws {
    let body = try MarkdownBody(markdown, figures: figures.mapValues(\.start))
    let style = String(decoding: PackageResources.page_css, as: UTF8.self)
    let script = String(decoding: PackageResources.page_js, as: UTF8.self)
    let policy = """
      default-src 'none'; style-src '\(try Self.hash(style))'; script-src '\(try Self.hash(script))'; img-src data:; \
      base-uri 'none'; form-action 'none'
      """
    text = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="description" content="\(MarkupText.escaped(summary))">
      <link rel="icon" href="data:,">
      <title>\(MarkupText.escaped(body.title))</title>
      <style>\(style)</style>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the report</a>
      \(Self.contents(body.headings))
      <main id="content">
      \(body.html)</main>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  /// The hash of an element's text in a content policy.
  private static func hash(_ text: String) throws -> String {
    let digits = Array(try FileDigest.sha256(of: Array(text.utf8)).utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).map { index in
      UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) ?? 0
    }
    return "sha256-\(Base64.text(bytes))"
  }

  /// A list of the headings, those of level 3 inside of those of level 2.
  private static func contents(_ headings: [MarkdownBody.Heading]) -> String {
    var items: [String] = []
    var isInside = false, isOpen = false
    for heading in headings {
      if heading.level == 3, !isInside {
        items.append(isOpen ? "<ol>" : "<li><ol>")
        (isInside, isOpen) = (true, true)
      } else if heading.level == 2 {
        if isInside { items.append("</ol>") }
        if isOpen { items.append("</li>") }
        (isInside, isOpen) = (false, true)
      }
      let link = "<a href=\"#\(heading.name)\">\(MarkupText.escaped(heading.text))</a>"
      items.append(heading.level == 2 ? "<li>\(link)" : "<li>\(link)</li>")
    }
    if isInside { items.append("</ol>") }
    if isOpen { items.append("</li>") }
    return """
      <nav aria-label="Contents">
      <details open><summary>Contents</summary>
      <ol>
      \(items.joined(separator: "\n"))
      </ol>
      </details>
      </nav>
      """
  }
}
