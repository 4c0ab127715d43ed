import Files
import Foundation
import Report
import Testing

struct TemplateTests {
  private func message(_ text: String, _ values: [String: Any] = [:]) -> String? {
    let error = #expect(throws: InputError.self) { try ReportTemplate(text, name: "t.mustache").render(values) }
    return error?.description
  }

  @Test func valuesThatAreMissingAreNamed() {
    #expect(
      message("{{a}} {{c}} {{#d}}{{e}}{{/d}} {{^f}}{{a}}{{/f}}", ["a": 1, "b": 2])
        == "t.mustache: no value for c, d, f; expected names among a, b")
    #expect(
      message("{{#a}}{{b}}{{/a}}", ["a": true]) == "t.mustache: no value for b; expected names among a")
  }

  @Test func whatIsNoTemplateIsSaidToBeSo() {
    #expect(
      message("one\n{{#a}}\nx")
        == "t.mustache: line 3: a section that is not closed; expected Mustache")
    #expect(message("{{a") == "t.mustache: line 1: a tag that is not closed; expected Mustache")
    #expect(
      message("{{#a}}{{/b}}", ["a": 1])
        == "t.mustache: line 1: a section closed by another name; expected Mustache")
    #expect(message("{{> other}}") == "t.mustache: a partial; expected a template that includes no other")
  }

  @Test func textIsNotEscapedAsHTML() throws {
    let text = try ReportTemplate("{{% CONTENT_TYPE:TEXT}}\n{{a}}", name: "t").render(["a": "B' < \"&"])
    #expect(text == "B' < \"&")
  }

  @Test func theReportsTemplateAsksForEveryValueAndNoOther() throws {
    let template = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../templates/report.md.mustache")
    let text = try String(contentsOf: template, encoding: .utf8)
    let tags = Set(text.matches(of: /\{\{[#^\/]?([a-zA-Z0-9]+)\}\}/).map { String($0.output.1) })
    let report = RunReport(try RecordMaker(valid: [100, 90]).record(), figurePath: "f.png")
    #expect(tags == Set(report.values().keys))
  }
}
