import Foundation

/// Blocks of code of a page, back to Markdown.
enum HTMLCode {
  /// Every block of shell commands as Markdown has it, one after the other.
  static func shell(in page: String) -> String {
    page.components(separatedBy: "<pre><code class=\"language-sh\">").dropFirst().map { part in
      let code = part.components(separatedBy: "</code></pre>")[0]
      let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")].reduce(code) {
        $0.replacing($1.0, with: $1.1)
      }
      return "```sh\n\(plain)```\n"
    }.joined()
  }
}
