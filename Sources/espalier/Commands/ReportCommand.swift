import ArgumentParser
import Experiment
import Files
import Report

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of a run's record.",
    usage: "espalier report <record> [<options>]",
    discussion: """
      The report is made from the record alone; figures are linked, not drawn.

      Example:
        espalier report runs/lab --output report/report.md \\
          --figure figures/output.png
      """)

  @Argument(help: "A run's folder, or its run.json.")
  var record: String

  @Option(
    name: [.customLong("output"), .customLong("report"), .short],
    help: ArgumentHelp("Where the report goes; - for standard output.", valueName: "file"))
  var output = "report/report.md"

  @Option(help: ArgumentHelp("The figure that the report links.", valueName: "file"))
  var figure = "figures/output.png"

  @OptionGroup var document: DocumentOptions

  private func existing(_ path: String) -> String? { OutputFile.isFile(path) ? path : nil }

  func run() throws {
    let text = try document.form().markdown(
      RunRecord.read(record), report: output, figure: figure,
      companions: RunReport.Companions(
        samples: existing(FigureFiles.companion("samples", of: figure)),
        training: existing(FigureFiles.companion("training", of: figure))))
    if output == "-" {
      try Console.answer(text)
    } else {
      try OutputFile.write(text, to: output)
      Console.wrote(output)
    }
  }
}
