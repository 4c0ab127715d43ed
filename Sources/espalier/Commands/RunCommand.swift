import ArgumentParser
import Backdoor
import Experiment
import Report

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Prune a BadNet, draw the figure and write the report.",
    usage: "espalier run --model <file> --clean-valid <file> [<options>]",
    discussion: """
      Leaves run.json, curve.csv and a repaired network for each X in the output folder, the figure as PNG with a PDF \
      beside it, and the report as Markdown. Splits other than --clean-valid are only evaluated and may be left out.

      Example:
        espalier run --model bd_weights.h5 --input-scale 1 \\
          --clean-valid valid.h5 --clean-test test.h5 \\
          --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 \\
          --output runs/lab
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Pruning options") var pruning: PruningOptions
  @OptionGroup(title: "Report options") var document: DocumentOptions

  @OptionGroup(title: "Report options") var outputs: Outputs
  @OptionGroup var work: WorkOptions

  struct Outputs: ParsableArguments {
    @Option(
      help: ArgumentHelp("Where the figure goes (.png, .pdf or .svg); a PNG gets a PDF beside it.", valueName: "file"))
    var figure = "figures/output.png"

    @Option(help: ArgumentHelp("Where the report goes.", valueName: "file"))
    var report = "report/report.md"
  }

  func run() throws {
    let (figure, report) = (outputs.figure, outputs.report)
    let figures = FigureFiles.withPDF(figure)
    try FigureFiles.require(figures)
    try OutputFile.requireWritable(report)
    let form = try document.form()
    let study = try CompletedStudy(model, pruning, work)
    let drawn = try FigureFiles(study.record, reference: form.reference, paths: figures)
    let text = try form.markdown(study.record, report: report, figure: figure)
    try study.write(to: pruning.output)
    try drawn.write()
    try OutputFile.write(text, to: report)
    Console.wrote(report)
  }
}
