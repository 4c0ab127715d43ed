import Experiment
import Files
import Foundation
import Plotting

extension RunBundle {
  /// Makes every file of a comparison's bundle: the runs' records, and all that follows from them together.
  /// - Parameters:
  ///   - records: the bytes of each run's `run.json`, and what errors call them; at least two.
  ///   - date: of publication, as `2025-12-31`.
  /// - Throws: `InputError` for what is no record, and for runs that cannot be compared; `PlottingError` where Cairo fails.
  public init(comparing records: [(json: [UInt8], name: String)], date: String) throws {
    let digits = max(3, String(records.count).count)
    let folders = records.indices.map { index in
      let number = String(index + 1)
      return "\(Self.runs)/\(String(repeating: "0", count: digits - number.count))\(number)"
    }
    let runs = try zip(records, folders).map { record, folder in
      try ComparedRun(folder: folder, record: RunRecord.decoded(Data(record.json), location: record.name))
    }
    let comparison = try Self.comparison(of: runs)
    let command =
      "espalier compare \(Self.runs)/*"
      + (comparison.field.map { " \\\n  \(ReproductionCommand.option("--across", $0))" } ?? "")
    let document =
      try comparison.comparesDefences
      ? Self.defences(comparison, command) : Self.means(comparison, command)
    var entries = zip(records, folders).map { (name: "\($1)/run.json", bytes: $0.json) } + document.entries
    entries += runs.map { ("\($0.folder)/curve.csv", Array($0.record.csv.utf8)) }
    let threads = ProcessInfo.processInfo.activeProcessorCount
    entries.append(("comparison.csv", comparison.resultsTable(threads: threads)))
    entries.append(("curves.csv", comparison.curvesTable(threads: threads)))
    let inputs = try entries.prefix(records.count).map {
      (id: $0.name, name: $0.name, sha256: try FileDigest.sha256(of: $0.bytes))
    }
    let title =
      "\(comparison.comparesDefences ? "Defences" : "The pruning defence") over \(Format.count(runs.count, "run"))"
    try self.init(
      entries, report: document.report,
      RunBundle.Texts(
        title: title, summary: ComparisonAbstract(comparison: comparison).text,
        files: [
          (
            "\(Self.runs)/",
            "the runs' records: every setting, the digests of every input, hits and totals of every rate"
          ),
          ("comparison.csv", "a row for each run, X, network and split"),
          ("curves.csv", "a row for each run and number of pruned channels"),
        ], made: "the command that makes report, figures and tables again from the records"),
      Crate.Action(
        title: title, name: "Comparison of \(Format.count(runs.count, "run"))",
        verdict: ComparisonAbstract(comparison: comparison).text,
        command: command, inputs: inputs, results: ["comparison.csv", "curves.csv"]), date: date)
  }

  /// The folder of the records in an archive.
  static let runs = "runs"

  /// Across whatever setting the runs differ in.
  private static func comparison(of runs: [ComparedRun]) throws -> Comparison {
    do {
      return try Comparison(runs)
    } catch {
      let single = runs.lazy.compactMap { $0.settings.difference(from: runs[0].settings)?.name }.first
      for field in ([single].compactMap(\.self) + ["defence", "attack", "attack,defence"]) {
        if let comparison = try? Comparison(runs, across: field) { return comparison }
      }
      throw error
    }
  }

  private typealias Document = (entries: [Entry], report: String)

  private static func means(_ comparison: Comparison, _ command: String) throws -> Document {
    let figure = ComparisonFigure(comparison)
    let sheets = try figure.runsPictures()
    let sheetNames = sheets.indices.map { $0 == 0 ? "runs" : "runs-\($0 + 1)" }
    let pictures =
      [("comparison", try figure.picture()), ("distribution", try DistributionFigure(comparison).picture())]
      + zip(sheetNames, sheets)
    let isLong = comparison.runs.count > ComparisonReport.mostRunsInReport
    let link = { (run: ComparedRun) in Markdown.link("\(run.folder)/run.json") }
    let report = ComparisonReport(
      comparison, figurePath: "figures/comparison.svg", runsFigurePaths: sheetNames.map { "figures/\($0).svg" },
      distributionFigurePath: "figures/distribution.svg", runsTablePath: isLong ? "every-run.md" : nil,
      command: command, link: link)
    let page = ComparisonPage(
      comparison, runsTablePath: isLong ? "every-run.md" : nil, command: command, link: link)
    let text = try report.markdown()
    var entries = try Self.figures(pictures)
    if isLong { entries.append(("every-run.md", Array(report.runsDocument().utf8))) }
    entries.append(("report.md", Array(text.utf8)))
    entries.append(("report.html", Array(try page.html().utf8)))
    return (entries, text)
  }

  private static func defences(_ comparison: Comparison, _ command: String) throws -> Document {
    let pictures = [
      ("plane", try DefenceFigure(comparison, selection: .honest).picture()),
      ("curves", try DefenceCurves(comparison).picture()),
      ("price", try DefenceFigure(comparison, selection: .oracle).picture()),
    ]
    func report(_ path: (String) -> String) -> DefenceReport {
      DefenceReport(
        comparison, selection: .honest, figurePath: path("plane"), curvesPath: path("curves"),
        priceFigurePath: path("price"), command: command, missing: [])
    }
    let text = report { "figures/\($0).svg" }.markdown()
    let page = try report { $0 }.html(pictures.map { (name: $0, picture: $1) })
    let table = ("defences.csv", Array(comparison.defencesTable().utf8))
    return (
      try Self.figures(pictures) + [table, ("report.md", Array(text.utf8)), ("report.html", Array(page.utf8))], text
    )
  }
}
