import Datasets
import Experiment

extension ComparisonTables {
  /// Means with the standard deviation of a run, as tables of papers have them: B, and B' and G at each X.
  var meanAndSpread: String {
    let (clean, backdoored) = comparison.reported
    let rows = comparison.groups.flatMap { group -> [[String]] in
      func row(_ network: String, _ pruned: Summary?, _ rates: Splits<Summary>) -> [String] {
        named(group)
          + [
            network, Format.spread(pruned, 1), Format.spread(rates[clean]),
            Format.spread(backdoored.flatMap { rates[$0] }),
          ]
      }
      return [row("B", nil, group.curve[0])]
        + group.drops.filter { $0.reached > 0 }.flatMap { drop in
          [
            row("B', X = \(drop.drop)", drop.channelsPruned, drop.repaired),
            row("G, X = \(drop.drop)", drop.channelsPruned, drop.goodNet),
          ]
        }
    }
    return MarkdownTable(
      header: groupHeader + ["Network", "k", "Clean accuracy (%)", "Attack success (%)"], rows: rows,
      textColumns: Set(0...groupHeader.count)
    ).text
  }
}

extension Format {
  /// `94.12 ± 0.31`: a mean and a standard deviation, which one run does not have.
  fileprivate static func spread(_ summary: Summary?, _ decimals: Int = 2) -> String {
    guard let summary else { return "" }
    let deviation = summary.standardDeviation.map { " ± \(fixed($0, decimals))" } ?? ""
    return fixed(summary.mean, decimals) + deviation
  }
}
