import ArgumentParser
import Datasets
import Experiment
import Report

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Say what is in a model, a dataset or a run.",
    usage: "espalier inspect <file> ... [--json]",
    discussion: """
      Example:
        espalier inspect bd_weights.h5 valid.h5 runs/lab
      """)

  @Argument(help: ArgumentHelp("Networks (Keras, ONNX), labelled images, or runs.", valueName: "file"))
  var paths: [String]

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    var probe = HDF5Probe()
    for path in paths where try !FileContents.isRun(path) && ImageSource(path).isHDF5 { probe.add(path, as: .any) }
    try probe.run()
    let contents = try paths.map(FileContents.init)
    if json {
      try printJSON(contents)
    } else {
      try Console.answer(contents.map(\.text).joined(separator: "\n\n") + "\n")
    }
  }
}
