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
      mcNemar = repaired.discordant.map { PairedTest.mcNemar($1) }
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

    init(_ drop: DropSummary) {
      (self.drop, runs, reached, channelsPruned) = (drop.drop, drop.runs, drop.reached, drop.channelsPruned)
      (original, repaired, goodNet, difference) = (drop.original, drop.repaired, drop.goodNet, drop.difference)
    }
  }
}

/// A rate with its 95 % Wilson interval in percent.
private struct RateDocument: Encodable {
  let hits: Int
  let total: Int
  let wilson: [Double]?

  init(_ rate: Rate) {
    (hits, total) = (rate.hits, rate.total)
    wilson = Intervals.wilson(rate).map { [100 * $0.lowerBound, 100 * $0.upperBound] }
  }
}

extension Summary: Encodable {
  private enum CodingKeys: String, CodingKey { case n, mean, standardDeviation, interval, median, range }

  /// Writes null for what one number cannot tell.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .n)
    try container.encode(mean, forKey: .mean)
    try container.encode(standardDeviation, forKey: .standardDeviation)
    try container.encode(interval.map { [$0.lowerBound, $0.upperBound] }, forKey: .interval)
    try container.encode(median, forKey: .median)
    try container.encode([range.lowerBound, range.upperBound], forKey: .range)
  }
}
