import Datasets
import Experiment

/// The Markdown report of a comparison, from its runs' records alone.
public struct ComparisonReport {
  private let comparison: Comparison
  private let figurePath: String
  private let runsFigurePaths: [String]
  private let distributionFigurePath: String?
  private let runsTablePath: String?
  private let command: String
  private let missing: (runs: [String], command: String)?
  private let link: (ComparedRun) -> String

  /// - Parameters:
  ///   - figurePath: where the figure of means lies, as seen from the report.
  ///   - runsFigurePaths: where the sheets of single runs lie.
  ///   - distributionFigurePath: where the figure of the distribution at each X lies; nil for none.
  ///   - runsTablePath: where the table of the runs lies; nil for the report itself.
  ///   - command: what makes the comparison again.
  ///   - missing: runs that should be there and are not, each with its reason, and the command that makes them; nil for none.
  ///   - link: where a run's record lies, as seen from the report.
  public init(
    _ comparison: Comparison, figurePath: String, runsFigurePaths: [String], distributionFigurePath: String? = nil,
    runsTablePath: String? = nil, command: String, missing: (runs: [String], command: String)? = nil,
    link: @escaping (ComparedRun) -> String
  ) {
    self.comparison = comparison
    self.figurePath = figurePath
    self.runsFigurePaths = runsFigurePaths
    self.distributionFigurePath = distributionFigurePath
    self.runsTablePath = runsTablePath
    self.command = command
    self.missing = missing
    self.link = link
  }

  /// The report's text.
  /// - Parameters:
  ///   - template: a Mustache template's text; the one in `templates/` by default.
  ///   - name: where that comes from, for errors.
  /// - Throws: `InputError` where the template asks for a value that there is not.
  public func markdown(template: String? = nil, name: String = "templates/comparison.md.mustache") throws -> String {
    let text = template ?? String(decoding: PackageResources.comparison_md_mustache, as: UTF8.self)
    return try ReportTemplate(text, name: name).render(values)
  }

  /// So many runs have their table in the report; that of more is a file of its own.
  public static let mostRunsInReport = 100

  /// The table of every run as a document of its own.
  public func runsDocument() -> String {
    """
    # Every run

    Intervals are exact and speak of the \(comparison.words.faces) of that run. p is that of McNemar's exact test of B against
    B' on the same \(comparison.words.faces),
    corrected by Holm's method over the whole table.

    \(ComparisonTables(comparison: comparison).runs(link: link))

    """
  }

  private var values: [String: Any] {
    let tables = ComparisonTables(comparison: comparison)
    let tests = PairedTestTables(comparison)
    let (clean, backdoored) = comparison.reported
    return [
      "isPartial": missing != nil, "missingCount": missing?.runs.count ?? 0,
      "plannedRuns": Format.count(comparison.runs.count + (missing?.runs.count ?? 0), "run"),
      "missingList": missing.map { $0.runs.map { "- " + Markdown.code($0) }.joined(separator: "\n") } ?? "",
      "missingCommand": missing?.command ?? "",
      "faces": comparison.words.faces, "face": comparison.words.face,
      "abstract": ComparisonAbstract(comparison: comparison).text,
      "runs": Format.count(comparison.runs.count, "run"), "whatVaried": ComparisonText.whatVaried(comparison),
      "hasWidth": comparison.groups.contains { $0.runs.count > 1 },
      "testsTable": tests.table, "hasFates": tests.fates != nil, "fatesTable": tests.fates ?? "",
      "hasContrasts": tests.contrastTable != nil, "contrastsTable": tests.contrastTable ?? "",
      "selectsOnSample": comparison.runs.contains { $0.record.validationSample != nil },
      "cleanSplit": clean.title, "backdooredSplit": backdoored?.title ?? "backdoored test",
      "figure": figurePath, "figureText": ComparisonText.figure(comparison),
      "runsFigures": runsFigurePaths.enumerated().map { index, path in
        "![The single runs\(index == 0 ? "" : ", page \(index + 1)")](\(path))"
      }.joined(separator: "\n\n"), "runsFigure": runsFigurePaths.first ?? "",
      "hasDistribution": distributionFigurePath != nil, "distributionFigure": distributionFigurePath ?? "",
      "dropsTable": tables.drops, "spreadTable": tables.meanAndSpread,
      "runsTable": runsTablePath.map {
        "The table of all \(Format.grouped(comparison.runs.count)) runs is in [a file of its own](\($0))."
      } ?? tables.runs(link: link), "curveTable": tables.curve,
      "settingsTable": tables.settings, "conclusion": ComparisonConclusion(comparison).text, "command": command,
      "hasVersion": !comparison.versions.isEmpty, "version": Format.list(comparison.versions),
    ]
  }
}

/// Sentences about a comparison.
enum ComparisonText {
  /// What a seed varies in these runs, and what the groups differ in.
  static func whatVaried(_ comparison: Comparison) -> String {
    let first = comparison.runs.first { $0.settings.seedRole != .nothing } ?? comparison.runs[0]
    var text = seed(first)
    if let field = comparison.field {
      let values = comparison.groups.map { group in
        "\(group.value?.text ?? "none") (\(Format.count(group.runs.count, "run")))"
      }
      text +=
        " Beside the seed the runs differ in `\(field)`: \(Format.list(values)). Each of them has its own rows in the tables."
    }
    return text + " Everything else is the same."
  }

  private static func seed(_ run: ComparedRun) -> String {
    let record = run.record
    let order = "the random order of pruning"
    let sample =
      record.validationSample.map {
        "which \($0.rows) of the \($0.available) clean validation \(record.words.faces) rank the channels and stop the pruning"
      } ?? ""
    func given(_ what: String) -> String {
      "All runs examine the network `\(record.model.path)`. A seed varies \(what), and nothing of the network itself."
    }
    switch run.settings.seedRole {
    case .everything:
      let faces =
        record.training?.recipe.faces.folder == nil
        ? "the \(record.words.faces)" : "which faces are for training, validation and test"
      return
        "Each seed trains a network of its own. A seed varies everything: \(faces), which of them are poisoned, the initial weights and the order of batches."
    case .sample: return given(sample)
    case .order: return given(order)
    case .sampleAndOrder: return given("\(sample), and \(order)")
    case .nothing:
      return
        "All runs examine the network `\(record.model.path)`, in which a seed varies nothing: there is no chance in them."
    }
  }

  /// What the figure shows, for readers who cannot see it.
  static func figure(_ comparison: Comparison) -> String {
    let (clean, backdoored) = comparison.reported
    return comparison.groups.map { group in
      func span(_ split: Split) -> String {
        let means = [group.curve.first, group.curve.last].map {
          $0?[split].map { "\(Format.fixed($0.mean, 1)) %" } ?? "n/a"
        }
        return "from \(means[0]) to \(means[1])"
      }
      let name = group.value.map { "\($0.text): " } ?? ""
      let attack = backdoored.map { "; mean attack success \(span($0))" } ?? ""
      return
        "\(name)mean clean accuracy over \(Format.count(group.runs.count, "run")) goes \(span(clean)) as \(group.channels) channels are pruned\(attack)"
    }.joined(separator: ". ")
  }
}
