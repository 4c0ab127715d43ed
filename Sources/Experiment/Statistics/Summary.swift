/// What several numbers, one a run, have in common.
public struct Summary: Equatable, Sendable {
  /// One a run, in the order of runs.
  public let values: [Double]
  /// What the quantity can be at all; the interval of the mean rests on it.
  public let bounds: ClosedRange<Double>
  /// The 95 % interval of the mean, of whatever distribution within the bounds: `Intervals.mean`. Nil of one number, which
  /// says nothing of how much another would differ, and without bounds.
  public let interval: ClosedRange<Double>?

  /// - Returns: nil of no numbers.
  public init?(_ values: [Double], within bounds: ClosedRange<Double> = -.infinity ... .infinity) {
    guard !values.isEmpty else { return nil }
    self.values = values
    self.bounds = bounds
    interval = Intervals.mean(of: values, within: bounds)
  }

  /// n.
  public var count: Int { values.count }

  /// Summed as distances from the first number, so that the mean of equal numbers is that number exactly.
  public var mean: Double { values[0] + values.reduce(0) { $0 + ($1 - values[0]) } / Double(count) }

  /// With n - 1 in the denominator; nil of one number.
  public var standardDeviation: Double? {
    guard count > 1 else { return nil }
    let mean = mean
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The middle number, or the mean of the two in the middle.
  public var median: Double {
    let sorted = values.sorted()
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
  }

  /// The 95 % interval of the median between two of the sorted numbers; nil of fewer than six, whose range covers it less
  /// often.
  public var medianInterval: ClosedRange<Double>? {
    guard let rank = Intervals.medianRank(of: count) else { return nil }
    let sorted = values.sorted()
    return sorted[rank - 1]...sorted[count - rank]
  }

  /// From the smallest to the largest number.
  public var range: ClosedRange<Double> { (values.min() ?? 0)...(values.max() ?? 0) }

  /// About how many numbers would halve the interval of the mean, were they spread as these are.
  public var countToHalve: Int? { Intervals.valuesToHalve(values, within: bounds) }
}

extension Intervals {
  /// The largest j for which the j-th smallest and the j-th largest of n numbers hold the median with at least 95 %, or nil.
  ///
  /// They miss it with the probability 2 P(K < j) for K binomial with n numbers at 1/2, or less where numbers are equal.
  /// Source: Thompson, "On confidence ranges for the median and other expectation distributions for populations of unknown
  /// distribution form", Annals of Mathematical Statistics 7, 1936.
  public static func medianRank(of count: Int) -> Int? {
    let rank = HalfBinomial(count).largest { $0 <= tail }
    return rank < 0 ? nil : rank + 1
  }
}
