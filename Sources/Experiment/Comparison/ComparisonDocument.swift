import Datasets
import Defences

/// The whole comparison as one JSON document; every number of several runs is in percent or percentage points.
extension Comparison: Encodable {
  /// Writes `across`, `seedVaries` and `groups`.
  public func encode(to encoder: any Encoder) throws {
    try Document(
      across: field, seedVaries: seedRole,
      groups: groups.map { group in
        Document.Group(
          value: group.value?.text,
          runs: group.runs.map { run in
            Document.Run(
              folder: run.folder, seed: run.record.seed, baseline: run.record.baseline.map { RateDocument($1) },
              repaired: run.record.repaired.map(Document.Repaired.init))
          },
          curve: group.curve.enumerated().map { Document.CurvePoint(channelsPruned: $0, percent: $1) },
          drops: group.drops.map(Document.Drops.init))
      }
    ).encode(to: encoder)
  }
}

private struct Document: Encodable {
  let across: String?
  let seedVaries: SeedRole
  let groups: [Group]

  struct Group: Encodable {
    let value: String?
    let runs: [Run]
    let curve: [CurvePoint]
    let drops: [Drops]
  }

  struct Run: Encodable {
    let folder: String
    let seed: UInt64
    let baseline: Splits<RateDocument>
    let repaired: [Repaired]
  }

  struct Repaired: Encodable {
    let drop: Drop
    let channelsPruned: Int?
    let network: Splits<RateDocument>
    let goodNet: Splits<RateDocument>
    /// Two-sided p-values of McNemar's exact test of B against B'.
    let mcNemar: Splits<Double>

    init(_ repaired: RunRecord.RepairedNetwork) {
      (drop, channelsPruned) = (repaired.drop, repaired.channelsPruned)
      network = repaired.network.map { RateDocument($1) }
      goodNet = repaired.goodNet.map { RateDocument($1) }
      mcNemar = repaired.pairedTests
    }
  }

  struct CurvePoint: Encodable {
    let channelsPruned: Int
    let percent: Splits<Summary>
  }

  struct Drops: Encodable {
    let drop: Drop
    let runs: Int
    let reached: Int
    let channelsPruned: Summary?
    let original: Splits<Summary>
    let repaired: Splits<Summary>
    let goodNet: Splits<Summary>
    /// B - B' of the same run.
    let difference: Splits<Summary>
    /// Exact tests of B against B' over the runs.
    let tests: Splits<Tests>
    /// In how many runs the attack survives, is weakened and is broken.
    let fates: Splits<Fates>
    /// About how many runs would halve the interval of B''s mean.
    let runsToHalve: Splits<Int>

    init(_ drop: DropSummary) {
      (self.drop, runs, reached, channelsPruned) = (drop.drop, drop.runs, drop.reached, drop.channelsPruned)
      (original, repaired, goodNet, difference) = (drop.original, drop.repaired, drop.goodNet, drop.difference)
      tests = drop.change.map { Tests($1) }
      var runsToHalve = Splits<Int>()
      for split in Split.allCases { runsToHalve[split] = drop.repaired[split]?.countToHalve }
      self.runsToHalve = runsToHalve
      fates = drop.fates.map { split, _ in
        func rate(_ fate: AttackFate) -> RateDocument {
          RateDocument(drop.count(fate, split) ?? Rate(hits: 0, total: 0))
        }
        return Fates(survives: rate(.survives), weakened: rate(.weakened), broken: rate(.broken))
      }
    }
  }
}

private struct Tests: Encodable {
  let fell: Int, rose: Int, same: Int
  /// Two-sided p-values, not corrected for their number.
  let signTest: Double, permutationTest: Double
  let permutationIsExact: Bool

  init(_ change: PairedRates) {
    (fell, rose, same) = (change.fell, change.rose, change.same)
    (signTest, permutationTest, permutationIsExact) = (change.sign, change.permutation, change.isExact)
  }
}

private struct Fates: Encodable { let survives: RateDocument, weakened: RateDocument, broken: RateDocument }

/// A rate with its exact 95 % interval in percent.
private struct RateDocument: Encodable {
  let hits: Int
  let total: Int
  let interval: [Double]?

  init(_ rate: Rate) {
    (hits, total) = (rate.hits, rate.total)
    interval = Intervals.exact(rate).map { [100 * $0.lowerBound, 100 * $0.upperBound] }
  }
}

extension Summary: Encodable {
  private enum CodingKeys: String, CodingKey {
    case n, mean, standardDeviation, interval, median, medianInterval, range
  }

  /// Writes null for what one number cannot tell.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .n)
    try container.encode(mean, forKey: .mean)
    try container.encode(standardDeviation, forKey: .standardDeviation)
    try container.encode(interval.map { [$0.lowerBound, $0.upperBound] }, forKey: .interval)
    try container.encode(median, forKey: .median)
    try container.encode(medianInterval.map { [$0.lowerBound, $0.upperBound] }, forKey: .medianInterval)
    try container.encode([range.lowerBound, range.upperBound], forKey: .range)
  }
}
