import Datasets
import Defences

/// B, B' and G of one X over the runs that reach it.
public struct DropSummary: Sendable {
  /// X.
  public let drop: Drop
  /// How many runs there are, reached or not.
  public let runs: Int
  /// k, of the runs that reach X; nil where none does.
  public let channelsPruned: Summary?
  /// Percent of B, of B' and of G.
  public let original: Splits<Summary>, repaired: Splits<Summary>, goodNet: Splits<Summary>
  /// B against B' of the same run.
  public let change: Splits<PairedRates>
  /// What became of the attack in each run that reaches X, by split; empty for clean ones.
  public let fates: Splits<[AttackFate]>

  /// B - B' of the same run, in percentage points.
  public var difference: Splits<Summary> { change.map { $1.difference } }

  /// In how many of the runs that reach X this became of the attack.
  public func count(_ fate: AttackFate, _ split: Split) -> Rate? {
    fates[split].map { fates in Rate(hits: fates.count { $0 == fate }, total: fates.count) }
  }

  /// How many runs reach X.
  public var reached: Int { channelsPruned?.count ?? 0 }

  init(_ records: [RunRecord], index: Int) {
    let reached = records.filter { $0.repaired[index].channelsPruned != nil }
    drop = records[0].repaired[index].drop
    runs = records.count
    channelsPruned = Summary(
      reached.compactMap { $0.repaired[index].channelsPruned.map(Double.init) },
      within: 0...Double(records[0].channels))
    original = .summaries(of: reached.map(\.baseline))
    repaired = .summaries(of: reached.map { $0.repaired[index].network })
    goodNet = .summaries(of: reached.map { $0.repaired[index].goodNet })
    var (change, fates) = (Splits<PairedRates>(), Splits<[AttackFate]>())
    for split in Split.allCases {
      let pairs = reached.compactMap { record in
        record.baseline[split].flatMap { before in record.repaired[index].network[split].map { (before, $0) } }
      }
      change[split] = PairedRates(pairs)
      let judged = pairs.compactMap { AttackFate($1) }
      if split.isBackdoored, !judged.isEmpty { fates[split] = judged }
    }
    (self.change, self.fates) = (change, fates)
  }
}

extension RunGroup {
  /// B' of this group against B' of `other` at the same X, by seed: the runs of both that reach it.
  public func paired(with other: RunGroup, at index: Int, _ split: Split) -> PairedRates? {
    func rates(_ group: RunGroup) -> [UInt64: Rate] {
      var rates: [UInt64: Rate] = [:]
      for run in group.runs where index < run.record.repaired.count {
        rates[run.record.seed] = run.record.repaired[index].network[split]
      }
      return rates
    }
    let (own, others) = (rates(self), rates(other))
    return PairedRates(
      runs.compactMap { run in
        own[run.record.seed].flatMap { rate in others[run.record.seed].map { (rate, $0) } }
      })
  }
}
