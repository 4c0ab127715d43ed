import Datasets
import Experiment

/// The abstract of a comparison's report: what was done, what came out, how sure that is, and what it is not.
struct ComparisonAbstract {
  let comparison: Comparison

  /// One paragraph of Markdown.
  var text: String {
    let numbers =
      comparison.groups.count > Self.mostGroups ? ["The tables have the numbers."] : comparison.groups.map(numbers)
    return ([method] + numbers + [certainty, limits]).joined(separator: " ")
  }

  /// Groups whose numbers an abstract has room for.
  private static let mostGroups = 4

  private var record: RunRecord { comparison.runs[0].record }

  private var method: String {
    let differ = comparison.field.map { "their seeds and in \($0)" } ?? "their seeds alone"
    return """
      In \(Format.count(comparison.runs.count, "run")) that differ in \(differ), the \(record.channels) channels of \
      \(DefenceText(record: record).layers) were silenced one at a time until clean validation accuracy had fallen by \
      X = \(Format.list(record.repaired.map { "\($0.drop)" })) points.
      """
  }

  private func numbers(_ group: RunGroup) -> String {
    let (clean, backdoored) = comparison.reported
    let reached = group.drops.filter { $0.reached > 0 }
    func rates(_ split: Split, _ name: String) -> String {
      let before = Format.mean(group.curve[0][split])
      guard !reached.isEmpty else { return "\(name) is \(before)" }
      return "\(name) goes from \(before) to \(Format.list(reached.map { Format.mean($0.repaired[split]) }))"
    }
    let mean = group.runs.count > 1 ? "mean " : ""
    let place = comparison.field.map { "With \($0) \(group.value?.text ?? "none"), " } ?? ""
    let start = reached.isEmpty ? "no X is reached: before pruning " : "at the stops, "
    let attack = backdoored.map { ", and \(rates($0, "\(mean)attack success (\($0.title))"))" } ?? ""
    let text = place + start + rates(clean, "\(mean)clean accuracy (\(clean.title))") + attack + "."
    return text.prefix(1).uppercased() + text.dropFirst()
  }

  /// How sure it is, by the last X that is reached.
  private var certainty: String {
    let backdoored = comparison.reported.backdoored
    let parts = comparison.groups.compactMap { group -> String? in
      guard group.runs.count > 1, let split = backdoored, let drop = group.drops.last(where: { $0.reached > 0 }),
        let rate = drop.count(.survives, split), let interval = Intervals.exact(rate)
      else { return nil }
      let name = comparison.field == nil ? "" : " (\(group.value?.text ?? "none"))"
      return """
        \(rate.hits) of \(rate.total) runs at X = \(drop.drop)\(name), a share from \
        \(Format.fixed(100 * interval.lowerBound, 1)) to \(Format.fixed(100 * interval.upperBound, 1)) %
        """
    }
    guard !parts.isEmpty, comparison.groups.count <= Self.mostGroups else {
      return "How sure that is, the intervals below say; they suppose no distribution."
    }
    return """
      The attack survives in \(parts.joined(separator: "; in ")) (exact 95 % interval); the intervals of the means below \
      suppose no distribution.
      """
  }

  private var limits: String {
    record.training == nil
      ? "Nothing here speaks of other networks, triggers or defences."
      : "Nothing here speaks of other recipes, triggers or defences than those of the shared settings below."
  }
}

extension Format {
  /// `94.12 %`, the mean alone.
  fileprivate static func mean(_ summary: Summary?) -> String { summary.map { "\(fixed($0.mean, 2)) %" } ?? "n/a" }
}
