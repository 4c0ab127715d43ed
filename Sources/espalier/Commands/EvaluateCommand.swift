import ArgumentParser
import Backdoor
import Experiment
import Foundation

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Clean accuracy, attack success and detection of B, B' or G.",
    discussion: """
      With --model alone that network is evaluated, B or a repaired one. With --repaired as well, B, B' and the GoodNet G
      of the two are: G answers "poisoned" where B and B' disagree.

      Example:
        espalier evaluate --model bd_weights.h5 --repaired runs/lab/repaired-10.h5 \\
                          --clean-test test.h5 --backdoored-test bd_test.h5
      """)

  @OptionGroup var model: ModelOptions

  @OptionGroup var repaired: RepairedOption

  @Flag(help: "Print one JSON document.")
  var json = false

  func run() throws {
    let sources = try model.sources()
    guard Split.allCases.contains(where: { sources.data[$0] != nil }) else {
      throw InputError(
        "evaluate", found: "no faces", expected: Split.allCases.map(\.option).joined(separator: ", ") + " or several")
    }
    let predictions = try Evaluation.predictions(
      of: sources.badNet(), repaired: repaired.network(), on: sources.faces(),
      excludesTarget: model.excludeTarget, threads: model.work.threads)
    warnNearChance(predictions.cleanValid, scale: model.network.inputScale, split: .cleanValid)
    let evaluations = Evaluation.networks(predictions)
    if json {
      try printJSON(evaluations)
    } else {
      print(evaluations.flatMap(lines).joined(separator: "\n"))
    }
  }

  /// The lines of one network; the first two begin as those of the lab's own script.
  private func lines(_ evaluation: Evaluation.NetworkRates) -> [String] {
    var lines = repaired.repaired == nil ? [] : ["\(evaluation.network):"]
    for (clean, backdoored) in [(Split.cleanValid, Split.backdooredValid), (.cleanTest, .backdooredTest)] {
      lines += line("Clean Classification accuracy", evaluation.rates[clean], clean)
      lines += line("Attack Success Rate", evaluation.rates[backdoored], backdoored)
      lines += line("Detection Rate", evaluation.flagged[backdoored], backdoored)
      lines += line("False Alarm Rate", evaluation.flagged[clean], clean)
    }
    return lines
  }

  private func line(_ title: String, _ rate: Rate?, _ split: Split) -> [String] {
    rate.map { ["\(title): \($0.percent) % (\($0.hits)/\($0.total), \(split.title))"] } ?? []
  }
}

/// One JSON document on standard output, with keys in alphabetical order.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
