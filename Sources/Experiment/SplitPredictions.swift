/// What the network predicts for every image of a split after every number of pruned channels.
public struct SplitPredictions: Sendable {
  /// (N)
  public let labels: [Int]
  /// (C + 1, N): after 0, 1 … C channels.
  public let classes: [[Int32]]
  /// Rows that are left out of every rate.
  let excluded: Set<Int>

  /// B'_k: rows predicted as their label, of all rows.
  public func rate(after pruned: Int) -> Rate { count { classes[pruned][$0] == labels[$0] } }

  /// G: rows that B and B'_k both predict as their label.
  public func goodNetRate(after pruned: Int) -> Rate {
    count { classes[pruned][$0] == labels[$0] && classes[0][$0] == classes[pruned][$0] }
  }

  /// Rows that G answers "poisoned" for: B and B'_k disagree.
  public func flaggedRate(after pruned: Int) -> Rate { count { classes[0][$0] != classes[pruned][$0] } }

  /// Rows that only one of B and B'_k predicts as their label.
  public func discordance(after pruned: Int) -> RunRecord.Discordance {
    let onlyOriginal = count { classes[0][$0] == labels[$0] && classes[pruned][$0] != labels[$0] }
    let onlyRepaired = count { classes[0][$0] != labels[$0] && classes[pruned][$0] == labels[$0] }
    return RunRecord.Discordance(onlyOriginal: onlyOriginal.hits, onlyRepaired: onlyRepaired.hits)
  }

  private func count(_ condition: (Int) -> Bool) -> Rate {
    var rate = Rate(hits: 0, total: 0)
    for row in labels.indices where !excluded.contains(row) {
      rate.total += 1
      if condition(row) { rate.hits += 1 }
    }
    return rate
  }
}
