/// Whether a rate is told from what chance gives.
struct NearChance {
  /// How many rows of how many count.
  let rate: Rate
  /// The share that chance gives, 0...1.
  let chance: Double

  /// How seldom chance has to give as many rows for a rate to be above it.
  private static let level = 0.05

  /// Whether chance gives as many rows or more in over 5 % of cases, and the rate is nearer to it than to 1: of a few rows even
  /// all may be chance. The test is the exact binomial one.
  var holds: Bool {
    guard let share = rate.fraction, chance < 1, share < (1 + chance) / 2 else { return false }
    guard rate.hits > 0 else { return true }
    guard chance > 0 else { return false }
    return Intervals.binomial(rate.hits, of: rate.total, chance).atLeast > Self.level
  }
}

extension SplitPredictions {
  /// The share of rows that have the most frequent label.
  private var largestClass: Double {
    let most = Dictionary(labels.map { ($0, 1) }, uniquingKeysWith: +).values.max() ?? 0
    return Double(most) / Double(max(1, labels.count))
  }

  /// Whether B is not better on these images than always answering their most frequent label.
  public var isNearChance: Bool { isNearChance(rate(after: 0)) }

  /// Whether as many rows are right as always answering the most frequent label gives.
  func isNearChance(_ rate: Rate) -> Bool { NearChance(rate: rate, chance: largestClass).holds }

  /// Rows that B predicts as their label less `shift`.
  func rate(shiftedBy shift: Int) -> Rate {
    Rate(hits: labels.indices.count { Int(classes[0][$0]) == labels[$0] - shift }, total: labels.count)
  }

  /// The share of clean rows that B gives the labels of a backdoored split, which is what an attack without a backdoor has.
  func share(ofLabels backdoored: SplitPredictions) -> Double {
    let counts = Dictionary(classes[0].map { (Int($0), 1) }, uniquingKeysWith: +)
    let own = backdoored.labels.indices.filter { !backdoored.excluded.contains($0) }
    let sum = own.reduce(0) { $0 + (counts[backdoored.labels[$1]] ?? 0) }
    return Double(sum) / Double(max(1, labels.count) * max(1, own.count))
  }
}
