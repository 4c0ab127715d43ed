/// What the network predicts for every image of a split at every point of the curve: after every number of pruned channels,
/// or some of them, and behind these what tuned networks predict.
public struct SplitPredictions: Sendable {
  /// (N)
  public let labels: [Int]
  /// (points, N): for one layer after 0, 1 … C channels.
  public internal(set) var classes: [[Int32]]
  /// Rows that are left out of every rate.
  let excluded: Set<Int>
  /// (N): the true class of each triggered row; nil where no clean file tells it.
  var truth: [Int]?

  init(labels: [Int], classes: [[Int32]], excluded: Set<Int>, truth: [Int]? = nil) {
    (self.labels, self.classes, self.excluded, self.truth) = (labels, classes, excluded, truth)
  }

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

  /// B'_k: triggered rows predicted as their true class; nil where that is not known.
  func recoveryRate(after pruned: Int) -> Rate? {
    truth.map { truth in count { classes[pruned][$0] == truth[$0] } }
  }

  /// G: triggered rows that B and B'_k both predict as their true class.
  func goodNetRecoveryRate(after pruned: Int) -> Rate? {
    truth.map { truth in count { classes[pruned][$0] == truth[$0] && classes[0][$0] == truth[$0] } }
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
