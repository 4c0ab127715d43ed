import ArgumentParser
import Experiment
import Files
import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import Report

/// The command that measures Espalier; `make bench` runs it with everything that it can be measured beside.
@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure how fast Espalier is, beside what people use.",
    usage: "benchmark --model <file> --faces <file> ... [<options>]",
    discussion: """
      Times the forward pass, the sweep over every pruned channel, training, one image, the figure and a whole study; \
      ours and the others' runs take turns. Checks every prediction of the sweep against the plain layers, and the \
      instructions of the built program. Writes a report and a figure. `make bench` installs the other frameworks first.

      Example:
        benchmark --model bd_weights.h5 --faces valid.h5 bd_valid.h5 \\
          --python .venv/bench/bin/python

      Exit status: 0 done, 1 where a kernel is not vectorised, 2 usage or bad input.
      """)

  @Option(help: ArgumentHelp("The network (Keras HDF5).", valueName: "file"))
  var model: String

  @Option(
    help: ArgumentHelp("What pixels are multiplied by: 1, or a fraction as 1/255.", valueName: "scale"),
    transform: scale(from:))
  var inputScale = 1.0

  @Option(help: ArgumentHelp("The layer whose channels are pruned.", valueName: "name"))
  var layer = DeepID.prunedLayer

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Faces (HDF5): clean ones first, then others with the trigger.", valueName: "file"))
  var faces: [String]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "More networks whose sweep is checked on the same faces, each with its scale: weights.h5=1/255.",
      valueName: "file=scale"))
  var check: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Runs that trained a network: its sweep is checked on its own faces.", valueName: "folder"))
  var checkRun: [String] = []

  @Option(help: ArgumentHelp("A Python with the other frameworks. (default: none are measured)", valueName: "program"))
  var python: String?

  @Option(help: ArgumentHelp("The Python program that runs them.", valueName: "folder"))
  var peers = "Tests/Tools/peers"

  @Option(help: ArgumentHelp("The built espalier. (default: beside this program)", valueName: "program"))
  var program: String?

  @Option(help: ArgumentHelp("Images, the faces being repeated.", valueName: "n"))
  var rows = 4096

  @Option(help: ArgumentHelp("Threads on both sides.", valueName: "n"))
  var threads = 2

  @Option(help: ArgumentHelp("How often everything is measured.", valueName: "n"))
  var repeats = 5

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Measure these alone. (default: everything)", valueName: "part"))
  var only: [BenchmarkRun.Part] = []

  @Flag(help: "See only that it works: few images, once.")
  var quick = false

  @Option(
    help: ArgumentHelp(
      "Where the report goes. (default: report/benchmark.md; with --quick runs/benchmark.md)", valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Where the figure goes. (default: figures/benchmark.png; with --quick runs/benchmark.png)", valueName: "file"))
  var figure: String?

  func validate() throws {
    for (option, value) in [("--rows", rows), ("--threads", threads), ("--repeats", repeats)] where value < 1 {
      throw ValidationError("\(option) is \(value); expected at least 1")
    }
  }

  func run() throws {
    let report = report ?? (quick ? "runs/benchmark.md" : "report/benchmark.md")
    let figure = figure ?? (quick ? "runs/benchmark.png" : "figures/benchmark.png")
    for path in [report, figure] { try OutputFile.requireWritable(path) }
    let folder = try ScratchFolder()
    defer { folder.remove() }
    let results = try BenchmarkRun(self, folder: folder.path).results()
    let link = RelativePath.of(figure, fromFolder: OutputFile.folder(of: report))
    let picture = try BenchmarkFigure(results).picture()
    let outputs = StagedOutputs()
    try outputs.add(try FigureFile.bytes(picture, for: figure), at: figure)
    try outputs.add(Array(BenchmarkReport(results: results, figure: link).text.utf8), at: report)
    try outputs.commit()
    Console.say("wrote \(figure)\nwrote \(report)")
    let failures = results.disassembly?.failures ?? []
    for failure in failures { Console.say("benchmark: not vectorised: \(failure)") }
    if !failures.isEmpty { throw ExitCode.failure }
  }

  /// What is wrong with the input is one line on standard error and status 2, as in `espalier`.
  static func main() {
    // A framework that ends too early is an error to tell, not the end of this program.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      guard error is InputError || error is NetworkError || error is HDF5Error else { exit(withError: error) }
      Console.say("benchmark: \(error)")
      Foundation.exit(2)
    }
  }
}

@Sendable private func scale(from text: String) throws -> Double {
  guard let scale = InputScale.value(text) else { throw ValidationError("expected a number or a fraction as 1/255") }
  return scale
}
