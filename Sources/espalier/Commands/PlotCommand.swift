import ArgumentParser
import Experiment

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw the figure of a run's record.",
    usage: "espalier plot <record> [<options>]",
    discussion: """
      The figure is made from the record alone and is the same bytes each time.

      Example:
        espalier plot runs/lab --output figures/output.png \\
          --reference published.csv
      """)

  @Argument(help: "A run's folder, or its run.json.")
  var record: String

  @Option(
    name: [.customLong("output"), .customLong("figure"), .short],
    help: ArgumentHelp(
      "Where the figure goes (.png, .pdf or .svg); several times for several formats. (default: figures/output.png and .pdf)",
      valueName: "file"))
  var output: [String] = []

  @OptionGroup var document: ReferenceOption

  func run() throws {
    let outputs = output.isEmpty ? FigureFiles.withPDF("figures/output.png") : output
    try FigureFiles.require(outputs)
    try FigureFiles(RunRecord.read(record), reference: document.reference(), paths: outputs).write()
  }
}
