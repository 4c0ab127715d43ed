import ArgumentParser
import Experiment
import Files
import Plotting
import Report

struct PlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot",
    abstract: "Draw the figure of a run's record.",
    usage: "espalier plot <record> ... [<options>]",
    discussion: """
      The figure is made from the record alone and is the same bytes each time. --kind training draws how the network \
      was trained, where it was trained here. Several runs share one figure.

      Example:
        espalier plot runs/lab --output figures/output.png \\
          --reference published.csv
        espalier plot runs/lab --output figure.pdf --width 84mm --font-size 8
      """)

  @Argument(help: "A run's folder, or its run.json; several for all in one figure.")
  var record: [String]

  @Option(
    name: [.customLong("output"), .customLong("figure"), .short],
    help: ArgumentHelp(
      "Where the figure goes (.png, .pdf or .svg), once or more. (default: figures/output.png and .pdf)",
      valueName: "file"))
  var output: [String] = []

  @Option(help: ArgumentHelp("What is drawn.", valueName: "kind"))
  var kind = Kind.pruning

  @OptionGroup var document: ReferenceOption
  @OptionGroup(title: "Look of the figure, of --kind pruning") var look: FigureOptions

  @OptionGroup var forcing: ForceOption

  enum Kind: String, CaseIterable, ExpressibleByArgument { case pruning, training }

  func run() throws {
    let paths = output.isEmpty ? FigureFiles.withPDF("figures/output.png") : output
    var check = OutputCheck(forcing)
    for record in record { check.reads(run: record) }
    check.reads(document.path, "--reference")
    check.reads(look.style, "--style")
    for path in paths { check.writes(path, "--output") }
    try check.check()
    try FigureFiles.require(paths)
    let runs = try record.map { (name: $0, record: try RunRecord.read($0)) }
    let files = StagedOutputs()
    try FigureFiles(picture(of: runs), paths: paths).stage(in: files)
    try files.commit()
    for path in paths { Console.wrote(path) }
  }

  private func picture(of runs: [(name: String, record: RunRecord)]) throws -> Picture {
    guard runs.count == 1 else {
      guard kind == .pruning, document.path == nil else {
        throw InputError(
          "plot", found: "\(runs.count) runs with --\(kind == .pruning ? "reference" : "kind training")",
          expected: "one run for these")
      }
      return try SeveralRunsFigure(runs).picture()
    }
    let run = runs[0].record
    switch kind {
    case .pruning:
      return try PruningFigure(run, reference: document.reference(), style: look.figureStyle()).picture()
    case .training:
      guard let training = run.training else {
        throw InputError(
          runs[0].name, found: "a run on a given network", expected: "one that trained its own, for --kind training")
      }
      return try TrainingFigure(training).picture()
    }
  }
}
