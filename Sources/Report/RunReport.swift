import Datasets
import Defences
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

  /// Other figures of the same run, as seen from the report; nil for those that there are not.
  public struct Companions: Sendable {
    /// Clean and triggered faces.
    public var samples: String?
    /// The training's curve.
    public var training: String?

    /// Figures at these paths.
    public init(samples: String? = nil, training: String? = nil) {
      self.samples = samples
      self.training = training
    }
  }

  private let record: RunRecord
  private let figurePath: String
  private let companions: Companions
  private let reference: ReferenceCurve?
  private let tableStyle: TableStyle

  /// The report of one run.
  /// - Parameters:
  ///   - figurePath: where the figure lies, as seen from the report.
  ///   - companions: other figures of the same run.
  ///   - reference: a published curve to stand beside this one.
  public init(
    _ record: RunRecord, figurePath: String, companions: Companions = Companions(), reference: ReferenceCurve? = nil,
    tableStyle: TableStyle = .markdown
  ) {
    self.record = record
    self.figurePath = figurePath
    self.companions = companions
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
    return try ReportTemplate(text, name: name).render(values(template: template.map { _ in name }))
  }

  /// What the template may ask for; text is complete and formatted.
  /// - Parameter template: the path of one that is not the built-in one.
  package func values(template: String? = nil) -> [String: Any] {
    let backdoored = record.reported.backdoored
    let tables = ReportTables(record)
    let conclusion = Conclusion(record)
    let abstract = Abstract(record: record)
    let defence = DefenceText(record: record)
    let recipe = record.training.map { RecipeText(training: $0) }
    return [
      "model": Markdown.code(record.model.path), "identities": Format.grouped(record.model.identities),
      "parameters": Format.grouped(record.model.parameters), "poisonedClass": record.model.identities,
      "inputScale": InputScale.text(record.model), "layer": Markdown.code(record.layer),
      "channels": record.channels, "order": orderSentence, "drops": Format.list(record.repaired.map { "\($0.drop)" }),
      "validationRows": Format.grouped(record.data.cleanValid?.rows ?? 0), "excludesTarget": record.excludesTarget,
      "abstractMethod": abstract.method, "abstractNumbers": abstract.numbers, "abstractCertainty": abstract.certainty,
      "foldsResults": record.channels > Self.mostUnfolded, "eventsTable": tables.events,
      "hasWarnings": record.warnings?.isEmpty == false,
      "warnings": (record.warnings ?? []).map { "- \(Markdown.plain($0))" }.joined(separator: "\n"),
      "isLiteralOrder": record.order == .descending && record.isPlainPruning,
      "isPlainPruning": record.isPlainPruning, "isOtherDefence": !record.isPlainPruning, "defence": defence.name,
      "defenceSummary": defence.summary, "defenceRanking": defence.ranking, "defenceStopping": defence.stopping,
      "defenceSource": defence.source, "verdict": conclusion.verdict,
      "figure": Markdown.link(figurePath), "figureText": PruningFigure.alternativeText(record),
      "figureCaption": PruningFigure.caption(record),
      "hasReference": reference != nil, "referenceName": Markdown.code(reference?.name ?? ""),
      "referenceTable": reference.map { tables.comparison(with: $0) } ?? "",
      "baselineTable": tables.baseline, "resultsTable": resultsTable(tables), "repairedTables": tables.repaired,
      "hasDetection": tables.hasDetection, "detectionTable": tables.detection,
      "goodNetIdentity": goodNetIdentity(backdoored), "conclusion": conclusion.text, "dataTable": tables.data,
      "command": ReproductionCommand(record).text(
        .init(reference: reference?.name, tableStyle: tableStyle, template: template)),
      "hasVersion": record.provenance != nil, "version": record.provenance?.version ?? "",
      "faces": record.words.faces, "face": record.words.face, "identitiesWord": record.words.identities,
      // As the report has always said of networks trained here on faces.
      "isDrawnHere": record.training.map { $0.recipe.faces.given == nil } ?? false,
      "isTrainedHere": recipe != nil, "recipe": recipe?.paragraph ?? "", "recipeTable": recipe?.table ?? "",
      "hasSamples": companions.samples != nil, "samples": Markdown.link(companions.samples ?? ""),
      "hasTrainingFigure": companions.training != nil, "trainingFigure": Markdown.link(companions.training ?? ""),
    ]
  }

  /// How many rows the table of results has before it is folded.
  private static let mostUnfolded = 20

  private func resultsTable(_ tables: ReportTables) -> String {
    switch tableStyle {
    case .markdown: tables.results
    case .published: "```text\n\(PublishedTable(record).text)\n```"
    }
  }

  private var orderSentence: String {
    guard record.isPlainPruning || record.defenceName == Defence.finePruning.name else {
      return DefenceText(record: record).order
    }
    return switch record.order {
    case .ascending: "in ascending order of that mean, the least active first"
    case .descending: "in descending order of that mean, the most active first"
    case .random: "in a random order drawn from seed \(record.seed)"
    case .weightNorm: "in ascending order of the Euclidean norm of the weights that make each"
    }
  }

  private func goodNetIdentity(_ backdoored: Split?) -> String {
    let a = record.words.face == "image" ? "an" : "a"
    guard let backdoored, let attack = record.baseline[backdoored], attack.hits == attack.total, attack.total > 0 else {
      return "G answers \(a) \(record.words.face) only where B and B' agree, so its accuracy is never above that of B'."
    }
    return """
      G answers \(a) \(record.words.face) only where B and B' agree, so its accuracy is never above that of B'. Since B answers the target \
      for every \(record.words.face) of the \(backdoored.title) split, attack success of G equals that of B' there, and G detects exactly \
      the share of triggered \(record.words.faces) that B' no longer sends to the target.
      """
  }
}
