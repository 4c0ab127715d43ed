import ArgumentParser
import Experiment
import Files
import Report

extension Selection: ExpressibleByArgument {}

/// Where a comparison's runs, figures and report go.
struct ComparisonDocumentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder for comparison.csv and curves.csv, and for the folders of runs made by --seeds.", valueName: "folder")
  )
  var output = "runs/compare"

  @Option(
    help: ArgumentHelp(
      "Where the figure goes (.png, .pdf or .svg), with a sheet of the single runs beside it; a PNG gets a PDF.",
      valueName: "file"))
  var figure = "figures/comparison.png"

  @Option(help: ArgumentHelp("Where the report goes (.md, or .html with the figures inside).", valueName: "file"))
  var report = "report/comparison.md"

  @Option(help: ArgumentHelp("A Mustache template in place of the built-in one.", valueName: "file"))
  var template: String?

  @Option(
    help: """
      With --across defence or attack: whether B' of the tables is found on clean validation images, or by the attack's \
      success, as published tables often are.
      """)
  var selection = Selection.honest

  private var curvesFigure: String { FigureFiles.companion("curves", of: figure) }
  private var priceFigure: String { FigureFiles.companion(selection == .honest ? "oracle" : "honest", of: figure) }
  private var runsFigure: String { FigureFiles.companion("runs", of: figure) }
  private var distributionFigure: String { FigureFiles.companion("distribution", of: figure) }
  private var runsTable: String { FigureFiles.companion("runs", of: report) }

  private var figures: [String] { [figure, runsFigure, distributionFigure].flatMap(FigureFiles.withPDF) }

  /// Adds what is read and written.
  func add(to check: inout OutputCheck) {
    check.reads(template, "--template")
    for path in figures { check.writes(path, "--figure") }
    for path in [report, runsTable] { check.writes(path, "--report") }
    for name in ["comparison.csv", "curves.csv"] { check.writes("\(output)/\(name)", "--output") }
  }

  /// Finds out before any work is done whether they can be written.
  func requireWritable() throws {
    try FigureFiles.require(figures)
    _ = try ReportFile(report)
    try OutputFile.requireWritable(report)
  }

  /// Adds figures, tables and the report to `outputs`.
  /// - Returns: their paths.
  func stage(_ comparison: Comparison, command: String, missing: [String], threads: Int, in outputs: StagedOutputs)
    throws -> [String]
  {
    if comparison.comparesDefences {
      return try stageDefences(comparison, command: command, missing: missing, threads: threads, in: outputs)
    }
    let figure = ComparisonFigure(comparison)
    let sheets = try figure.runsPictures()
    let sheetPaths = sheets.indices.map { $0 == 0 ? runsFigure : FigureFiles.companion("\($0 + 1)", of: runsFigure) }
    let pictures =
      [(try figure.picture(), self.figure)] + zip(sheets, sheetPaths)
      + [(try DistributionFigure(comparison).picture(), distributionFigure)]
    var written: [String] = []
    for (picture, path) in pictures {
      let files = try FigureFiles(picture, paths: FigureFiles.withPDF(path))
      try files.stage(in: outputs)
      written += files.paths
    }
    func link(_ path: String) -> String {
      Markdown.link(RelativePath.of(path, fromFolder: OutputFile.folder(of: report)))
    }
    let isLong = comparison.runs.count > ComparisonReport.mostRunsInReport
    func record(_ run: ComparedRun) -> String { link("\(run.folder)/run.json") }
    let missing = missing.isEmpty ? nil : (runs: missing, command: TaskCommand.current)
    let document = ComparisonReport(
      comparison, figurePath: link(self.figure), runsFigurePaths: sheetPaths.map(link),
      distributionFigurePath: link(distributionFigure), runsTablePath: isLong ? link(runsTable) : nil, command: command,
      missing: missing, link: record)
    let page = ComparisonPage(
      comparison, runsTablePath: isLong ? link(runsTable) : nil, command: command, missing: missing, link: record)
    switch (try ReportFile(report), try template.map { (name: $0, text: try textFile($0)) }) {
    case (.markdown, nil): try outputs.add(document.markdown(), at: report)
    case (.markdown, let template?):
      try outputs.add(document.markdown(template: template.text, name: template.name), at: report)
    case (.html, nil): try outputs.add(page.html(), at: report)
    case (.html, let template?): try outputs.add(page.html(template: template.text, name: template.name), at: report)
    }
    written.append(report)
    if isLong {
      try outputs.add(document.runsDocument(), at: runsTable)
      written.append(runsTable)
    }
    return written + (try stageTables(comparison, threads: threads, in: outputs))
  }

  /// The same of a comparison across defences, attacks or both.
  private func stageDefences(
    _ comparison: Comparison, command: String, missing: [String], threads: Int, in outputs: StagedOutputs
  ) throws -> [String] {
    let other = selection == .honest ? Selection.oracle : .honest
    let pictures = [
      (try DefenceFigure(comparison, selection: selection).picture(), figure),
      (try DefenceCurves(comparison).picture(), curvesFigure),
      (try DefenceFigure(comparison, selection: other).picture(), priceFigure),
    ]
    var written: [String] = []
    for (picture, path) in pictures {
      let files = try FigureFiles(picture, paths: FigureFiles.withPDF(path))
      try files.stage(in: outputs)
      written += files.paths
    }
    let isPage = try ReportFile(report) == .html
    func link(_ path: String) -> String { RelativePath.of(path, fromFolder: OutputFile.folder(of: report)) }
    let document = DefenceReport(
      comparison, selection: selection, figurePath: isPage ? "plane" : link(figure),
      curvesPath: isPage ? "curves" : link(curvesFigure), priceFigurePath: isPage ? "price" : link(priceFigure),
      command: command, missing: missing)
    if isPage {
      let named = zip(["plane", "curves", "price"], pictures).map { (name: $0, picture: $1.0) }
      try outputs.add(try document.html(named), at: report)
    } else {
      try outputs.add(document.markdown(), at: report)
    }
    let tables = try stageTables(comparison, threads: threads, in: outputs)
    guard !tables.isEmpty else { return written + [report] }
    let table = "\(output)/defences.csv"
    try outputs.add(comparison.defencesTable(), at: table)
    return written + [report] + tables + [table]
  }

  /// Adds both tables, where the runs do not lie in a folder that others wrote.
  private func stageTables(_ comparison: Comparison, threads: Int, in outputs: StagedOutputs) throws -> [String] {
    let paths = ["\(output)/comparison.csv", "\(output)/curves.csv"]
    do {
      for path in paths { try OutputFile.requireWritable(path) }
    } catch {
      Console.warn("comparison.csv and curves.csv are left out: \(error)")
      return []
    }
    try outputs.add(comparison.resultsTable(threads: threads), at: paths[0])
    try outputs.add(comparison.curvesTable(threads: threads), at: paths[1])
    return paths
  }
}
