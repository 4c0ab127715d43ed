import ArgumentParser
import Datasets
import Experiment
import Files
import Report

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Clean accuracy, attack success and detection of B, B' or G.",
    usage: "espalier evaluate --model <file> [<options>]",
    discussion: """
      With --model alone that network is evaluated, B or a repaired one. With --repaired as well, B, B' and the \
      GoodNet G of the two are: G answers "poisoned" where B and B' disagree.

      Example:
        espalier evaluate --model bd_weights.h5 \\
          --repaired runs/lab/repaired-10.h5 \\
          --clean-test test.h5 --backdoored-test bd_test.h5
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Image options") var triggers: TriggerOptions

  @OptionGroup(title: "Network options") var repaired: RepairedOption
  @OptionGroup var work: WorkOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let sources = try model.sources(triggers)
    guard Split.allCases.contains(where: { sources.data[$0] != nil }) else {
      throw InputError(
        "evaluate", found: "no faces",
        expected: "one or more of \(Split.allCases.map(\.option).joined(separator: ", "))")
    }
    try model.probe(repaired: repaired.repaired)
    let badNet = try sources.badNet(note: Console.standardError)
    let (predictions, warnings) = try Evaluation.evaluate(
      badNet, repaired: repaired.network(), on: sources.faces(for: badNet.network),
      excludesTarget: model.faces.excludeTarget, threads: work.threads)
    for warning in warnings { Console.warn(warning) }
    let evaluations = Evaluation.networks(predictions)
    if json {
      try printJSON(evaluations)
    } else {
      try Console.answer(
        evaluations.flatMap { EvaluationText.lines(of: $0, isNamed: repaired.repaired != nil) }.joined(separator: "\n")
          + "\n")
    }
  }
}
