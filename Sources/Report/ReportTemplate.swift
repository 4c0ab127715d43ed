import Files
import Mustache

/// A Mustache template in which no value can be missing silently.
package struct ReportTemplate {
  private let template: MustacheTemplate
  private let name: String

  /// Parses a template.
  /// - Parameters:
  ///   - text: the template; plain text is meant, so it starts with `{{% CONTENT_TYPE:TEXT}}`.
  ///   - name: where it comes from, for errors.
  /// - Throws: `InputError` for text that is no Mustache, or that wants another template, which there is not.
  package init(_ text: String, name: String) throws {
    self.name = name
    let start = text.drop { $0.isWhitespace }.prefix(14).lowercased()
    guard !start.hasPrefix("<!doctype html"), !start.hasPrefix("<html") else {
      throw InputError(
        name, found: "an HTML page", expected: "a template of Markdown, which HTML reports are made from too")
    }
    guard !text.contains("{{>"), !text.contains("{{<") else {
      throw InputError(name, found: "a partial", expected: "a template that includes no other")
    }
    do {
      template = try MustacheTemplate(string: text)
    } catch let error as MustacheTemplate.ParserError {
      throw InputError(
        "\(name): line \(error.context.lineNumber)", found: Self.words(for: error.error), expected: "Mustache")
    }
  }

  private static func words(for error: any Error) -> String {
    switch error as? MustacheTemplate.Error {
    case .expectedSectionEnd: "a section that is not closed"
    case .sectionCloseNameIncorrect: "a section closed by another name"
    case .unfinishedName, nil: "a tag that is not closed"
    case let other?: "a tag that does not parse (\(other))"
    }
  }

  /// Fills the template; control characters in the values, but for line breaks, are escaped.
  /// - Throws: `InputError` that names each value that the template asks for and nobody gave.
  package func render(_ values: [String: Any]) throws -> String {
    let scope = TemplateScope(values.mapValues { ($0 as? String).map(VisibleText.lines) ?? $0 })
    let text = template.render(scope)
    guard scope.missing.isEmpty else {
      throw InputError(
        name, found: "no value for \(scope.missing.sorted().joined(separator: ", "))",
        expected: "names among \(values.keys.sorted().joined(separator: ", "))")
    }
    return text
  }
}

/// The outermost values of a template. Mustache asks them last, so what they do not have is missing.
private final class TemplateScope: MustacheParent {
  private let values: [String: Any]
  private(set) var missing: Set<String> = []

  init(_ values: [String: Any]) { self.values = values }

  func child(named name: String) -> Any? {
    if values[name] == nil { missing.insert(name) }
    return values[name]
  }
}
