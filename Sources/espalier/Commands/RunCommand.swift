import ArgumentParser
import Backdoor
import Experiment
import Report

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Do the whole thing: prune a BadNet, draw the figure, write the report.",
    discussion: """
      Leaves run.json, curve.csv and a repaired network for each X in the output folder, the figure as PNG with a PDF
      beside it, and the report as Markdown.

      Example:
        espalier run --model bd_weights.h5 --input-scale 1 --clean-valid valid.h5 --clean-test test.h5 \\
                     --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 --output runs/lab
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var pruning: PruningOptions
  @OptionGroup var document: DocumentOptions

  @Option(
    help: ArgumentHelp("Where the figure goes (.png, .pdf or .svg); a PNG gets a PDF beside it.", valueName: "file"))
  var figure = "figures/output.png"

  @Option(help: ArgumentHelp("Where the report goes.", valueName: "file"))
  var report = "report/report.md"

  func run() throws {
    _ = try FigureFile.format(of: figure)
    for path in [figure, report] { try OutputFile.requireWritable(path) }
    let reference = try document.published.reference()
    let study = try CompletedStudy(model, pruning)
    let figures = try FigureFiles(study.record, reference: reference, paths: FigureFiles.withPDF(figure))
    let text = try document.markdown(study.record, report: report, figure: figure)
    try study.write(to: pruning.output)
    try figures.write()
    try OutputFile.write(text, to: report)
    Console.wrote(report)
  }
}
