import Backdoor
import Experiment

/// The Markdown report of one run, from its record alone.
public struct RunReport {
  /// How the table of results is printed.
  public enum TableStyle: String, CaseIterable, Sendable {
    /// A Markdown table with every split.
    case markdown
    /// The published table's own format, byte for byte, in a block of code.
    case published
  }

  private let record: RunRecord
  private let figurePath: String
  private let reference: ReferenceCurve?
  private let tableStyle: TableStyle

  /// - Parameters:
  ///   - figurePath: where the figure lies, as seen from the report.
  ///   - reference: a published curve to stand beside this one.
  public init(
    _ record: RunRecord, figurePath: String, reference: ReferenceCurve? = nil, tableStyle: TableStyle = .markdown
  ) {
    self.record = record
    self.figurePath = figurePath
    self.reference = reference
    self.tableStyle = tableStyle
  }

  /// The report's text.
  /// - Parameters:
  ///   - template: a Mustache template's text; the one in `templates/` by default.
  ///   - name: where that comes from, for errors.
  /// - Throws: `InputError` where the template asks for a value that there is not.
  public func markdown(template: String? = nil, name: String = "templates/report.md.mustache") throws -> String {
    let text = template ?? String(decoding: PackageResources.report_md_mustache, as: UTF8.self)
    return try ReportTemplate(text, name: name).render(values)
  }

  private var values: [String: Any] {
    let (clean, backdoored) = record.reported
    let tables = ReportTables(record)
    return [
      "model": record.model.path, "sha256": record.model.sha256, "identities": record.model.identities,
      "parameters": record.model.parameters, "poisonedClass": record.model.identities,
      "inputScale": InputScale.text(record.model.inputScale), "layer": record.layer, "channels": record.channels,
      "order": orderSentence, "seed": "\(record.seed)", "drops": Format.list(record.repaired.map { "\($0.drop)" }),
      "validationRows": record.data.cleanValid?.rows ?? 0,
      "cleanSplit": clean.title, "backdooredSplit": backdoored?.title ?? "backdoored test",
      "figure": figurePath, "figureText": PruningFigure.alternativeText(record),
      "baselineTable": tables.baseline, "resultsTable": resultsTable(tables), "repairedTables": tables.repaired,
      "detectionTable": tables.detection, "goodNetIdentity": goodNetIdentity(backdoored),
      "conclusion": conclusion, "dataTable": tables.data, "command": ReproductionCommand(record).text,
      "excludesTarget": record.excludesTarget,
      "isLiteralOrder": record.order == .descending, "hasReference": reference != nil,
      "referenceName": reference?.name ?? "", "referenceTable": reference.map { tables.comparison(with: $0) } ?? "",
    ]
  }

  /// The paragraphs with blank lines between them, but none between the items of the list.
  private var conclusion: String {
    var text = ""
    for paragraph in Conclusion(record).paragraphs {
      let continuesList = paragraph.hasPrefix("- ") && text.split(separator: "\n").last?.hasPrefix("- ") == true
      text += (text.isEmpty ? "" : continuesList ? "\n" : "\n\n") + paragraph
    }
    return text
  }

  private func resultsTable(_ tables: ReportTables) -> String {
    switch tableStyle {
    case .markdown: tables.results
    case .published: "```text\n\(PublishedTable(record).text)\n```"
    }
  }

  private var orderSentence: String {
    switch record.order {
    case .ascending: "in ascending order of that mean, the least active channel first"
    case .descending: "in descending order of that mean, the most active channel first"
    case .random: "in a random order drawn from seed \(record.seed)"
    case .weightNorm: "in ascending order of the Euclidean norm of the weights that make them"
    }
  }

  private func goodNetIdentity(_ backdoored: Split?) -> String {
    guard let backdoored, let attack = record.baseline[backdoored], attack.hits == attack.total, attack.total > 0 else {
      return "G answers a face only where B and B' agree, so its accuracy is never above that of B'."
    }
    return """
      G answers a face only where B and B' agree, so its accuracy is never above that of B'. Since B answers the target for \
      every face of the \(backdoored.title) split, attack success of G equals that of B' there, and G detects exactly \
      the share of triggered faces that B' no longer sends to the target.
      """
  }
}
