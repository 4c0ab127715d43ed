import ArgumentParser
import Experiment
import Report

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw the figure of a run's record.",
    discussion: """
      The figure is made from the record alone and is the same bytes each time.

      Example:
        espalier plot runs/lab --output figures/output.png --reference published.csv
      """)

  @Argument(help: "A run's folder, or its run.json.")
  var record: String

  @Option(
    name: [.customLong("output"), .customLong("figure"), .short],
    help: ArgumentHelp("Where the figure goes; .png, .pdf or .svg.", valueName: "file"))
  var output: [String] = []

  @OptionGroup var document: ReferenceOption

  func run() throws {
    let outputs = output.isEmpty ? ["figures/output.png", "figures/output.pdf"] : output
    for path in outputs { _ = try FigureFile.format(of: path) }
    try FigureFiles(RunRecord.read(record), reference: document.reference(), paths: outputs).write()
  }
}
