import Attacks
import Datasets
import Experiment

/// What a network does, in lines.
package enum EvaluationText {
  /// The lines of one network; the first two begin as those of the lab's own script.
  /// - Parameter isNamed: whether a line with the network's name comes before them.
  package static func lines(of evaluation: Evaluation.NetworkRates, isNamed: Bool) -> [String] {
    var lines = isNamed ? ["\(evaluation.network):"] : []
    for (clean, backdoored) in [(Split.cleanValid, Split.backdooredValid), (.cleanTest, .backdooredTest)] {
      lines += line("Clean Classification accuracy", evaluation.rates[clean], clean)
      lines += line("Attack Success Rate", evaluation.rates[backdoored], backdoored)
      lines += line("Detection Rate", evaluation.flagged[backdoored], backdoored)
      lines += line("False Alarm Rate", evaluation.flagged[clean], clean)
    }
    return lines
  }

  private static func line(_ title: String, _ rate: Rate?, _ split: Split) -> [String] {
    rate.map { rate in
      let percent = rate.percent.map { "\($0) %" } ?? "n/a"
      return ["\(title): \(percent) (\(rate.hits)/\(rate.total), \(split.title))"]
    } ?? []
  }
}
