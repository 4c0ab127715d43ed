import ArgumentParser
import Experiment
import Files
import Report

/// Where a comparison's runs, figures and report go.
struct ComparisonDocumentOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder that runs made by --seeds have their folders in.", valueName: "folder"))
  var output = "runs/compare"

  @Option(
    help: ArgumentHelp(
      "Where the figure goes (.png, .pdf or .svg), with a sheet of the single runs beside it; a PNG gets a PDF.",
      valueName: "file"))
  var figure = "figures/comparison.png"

  @Option(help: ArgumentHelp("Where the report goes.", valueName: "file"))
  var report = "report/comparison.md"

  @Option(help: ArgumentHelp("A Mustache template in place of the built-in one.", valueName: "file"))
  var template: String?

  private var runsFigure: String { FigureFiles.companion("runs", of: figure) }

  /// Finds out before any work is done whether they can be written.
  func requireWritable() throws {
    try FigureFiles.require(FigureFiles.withPDF(figure) + FigureFiles.withPDF(runsFigure))
    try OutputFile.requireWritable(report)
  }

  /// Adds the figures and the report to `outputs`.
  /// - Returns: their paths.
  func stage(_ comparison: Comparison, command: String, in outputs: StagedOutputs) throws -> [String] {
    let figure = ComparisonFigure(comparison)
    let files = [
      try FigureFiles(figure.picture(), paths: FigureFiles.withPDF(self.figure)),
      try FigureFiles(figure.runsPicture(), paths: FigureFiles.withPDF(runsFigure)),
    ]
    for file in files { try file.stage(in: outputs) }
    func link(_ path: String) -> String { RelativePath.of(path, fromFolder: OutputFile.folder(of: report)) }
    let document = ComparisonReport(
      comparison, figurePath: link(self.figure), runsFigurePath: link(runsFigure), command: command
    ) { link("\($0.folder)/run.json") }
    if let template {
      try outputs.add(document.markdown(template: textFile(template), name: template), at: report)
    } else {
      try outputs.add(document.markdown(), at: report)
    }
    return files.flatMap(\.paths) + [report]
  }
}
