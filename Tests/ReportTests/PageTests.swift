import Files
import Foundation
import Report
import Testing

struct PageTests {
  private func page(_ template: String? = nil, model: String = "bd_weights.h5", samples: [UInt8]? = nil) throws
    -> String
  {
    var maker = RecordMaker(valid: [100, 100, 97, 60], attack: [100, 100, 80, 0])
    maker.modelPath = model
    return try RunPage(maker.record(), samples: samples).html(template: template, name: "t.mustache")
  }

  @Test func thePageIsOneFileThatLoadsNothing() throws {
    let page = try page(samples: [1, 2, 3])
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
    #expect(page.contains("default-src 'none'"))
    #expect(page.contains("src=\"data:image/png;base64,AQID\""))
    // What is named by an address is in the page, or a link that a reader follows.
    for match in page.matches(of: /(?:src|href|url)=?\(?"?([a-z]+:[^")]*)/) {
      #expect(match.output.1.hasPrefix("data:") || match.output.1.hasPrefix("http:"), "\(match.output.1)")
    }
    #expect(!page.contains(" style=\""))
    #expect(page.contains("<title>The pruning defence against a backdoored network</title>"))
  }

  @Test func textOfTheFigureIsTextAndItsNumbersAreReadOff() throws {
    let page = try page()
    #expect(page.contains(">Fraction of channels pruned</text>"))
    #expect(page.contains("role=\"img\" aria-labelledby=\"pruning-title pruning-description\""))
    #expect(
      page.contains(
        "k = 2 of 3, channel 1: clean accuracy 97.00 % (clean validation); attack success 80.00 % (backdoored test)"))
    #expect(page.contains("<figcaption>\n<p><em>Clean accuracy (clean validation)"))
  }

  @Test func tablesScrollAndHeadingsAreInTheContents() throws {
    let page = try page()
    #expect(
      page.contains("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Table: Baseline evaluation\">"))
    #expect(page.contains("<th scope=\"col\" align=\"right\">Hits</th>"))
    #expect(page.contains("<li><a href=\"#results\">Results</a>\n<ol>\n<li><a href=\"#baseline-evaluation\">"))
    #expect(page.contains("<h3 id=\"baseline-evaluation\">Baseline evaluation</h3>"))
  }

  @Test func whatComesFromOutsideCannotRun() throws {
    let start = "{{% CONTENT_TYPE:TEXT}}\n"
    let hostile = try page(
      start
        + "# <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) ![b](http://c/d.png) <details><summary>"
    )
    let body = try #require(hostile.components(separatedBy: "<main").last?.components(separatedBy: "</main>").first)
    #expect(!body.contains("<script") && !body.contains("<img") && !body.contains("javascript:"))
    #expect(body.contains("<a href=\"\">a</a> <a href=\"http://c/d.png\">b</a> <details><summary>"))
    let named = try page(model: "</code><script>alert(\"1\")</script>.h5")
    #expect(!named.contains("<script>alert"))
  }

  @Test func aTemplateOfHTMLIsRefused() {
    let error = #expect(throws: InputError.self) { try page("<!DOCTYPE html>\n<p>{{verdict}}</p>") }
    #expect(
      error?.description
        == "t.mustache: an HTML page; expected a template of Markdown, which HTML reports are made from too")
  }

  @Test(arguments: ["x.docx", "x.pdf", "a.b/c.tex"]) func otherKindsOfReportsAreRefused(_ path: String) {
    let error = #expect(throws: InputError.self) { try ReportFile(path) }
    #expect(error?.description == "\(path): an unknown kind of report; expected a name that ends in .md or .html")
  }

  @Test func kindsOfReportsAreKnownByTheirNames() throws {
    #expect(
      try [ReportFile("a.md"), ReportFile("-"), ReportFile("a.b/c"), ReportFile("a.txt")] == [
        .markdown, .markdown, .markdown, .markdown,
      ])
    #expect(try [ReportFile("a.html"), ReportFile("A.HTM")] == [.html, .html])
  }

  @Test(arguments: [[], [0], [255, 254], [1, 2, 3], [1, 2, 3, 4]] as [[UInt8]]) func base64GoesBothWays(
    _ bytes: [UInt8]
  ) {
    let text = Base64.text(bytes)
    #expect(text == Data(bytes).base64EncodedString())
    #expect(Base64.bytes(text) == bytes)
    #expect(Base64.bytes(text + "!") == nil)
  }
}
