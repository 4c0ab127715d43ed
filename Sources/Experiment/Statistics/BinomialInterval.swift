/// Confidence intervals at 95 %; `docs/statistics.md` has the simulated coverage of each.
///
/// Computed with + - × ÷ and square roots alone, so that the printed digits do not depend on a library's version.
public enum Intervals {
  /// What may lie beyond each end of a two-sided interval.
  static let tail = 0.025
  /// The 97.5 % quantile of the standard normal distribution.
  static let normalQuantile = 1.959963984540054

  /// The exact 95 % interval of a rate, as fractions 0...1; nil for a rate of no rows.
  ///
  /// The lower end is the p at which `hits` or more of `total` rows have the probability 2.5 %, the upper end the p at
  /// which `hits` or fewer have. It covers every p with at least 95 %. Source: Clopper & Pearson, "The use of confidence
  /// or fiducial limits illustrated in the case of the binomial", Biometrika 26, 1934.
  public static func exact(_ rate: Rate) -> ClosedRange<Double>? {
    guard rate.total > 0 else { return nil }
    let low = lowerEnd(rate.hits, of: rate.total)
    return low...max(low, 1 - lowerEnd(rate.total - rate.hits, of: rate.total))
  }

  /// Newton's method on P(K >= hits), whose derivative in p is hits/p P(K = hits); bisection where a step leaves the bracket.
  private static func lowerEnd(_ hits: Int, of total: Int) -> Double {
    guard hits > 0 else { return 0 }
    var (low, high) = (0.0, 1.0)
    var p = Double(hits) / Double(total + 1)
    for _ in 0..<200 {
      let (atLeast, equal) = binomial(hits, of: total, p)
      if atLeast < tail { low = p } else { high = p }
      var next = p - (atLeast - tail) * p / (Double(hits) * equal)
      if !(next > low && next < high) { next = low + (high - low) / 2 }
      let step = abs(next - p)
      p = next
      if step <= 1e-16 * p { break }
    }
    return p
  }

  /// P(K >= hits) and P(K = hits) for K binomial with 0 < p < 1.
  ///
  /// Terms relative to the largest, outwards from it until they add nothing, divided by their sum: no logarithm, and
  /// nothing that underflows.
  static func binomial(_ hits: Int, of total: Int, _ p: Double) -> (atLeast: Double, equal: Double) {
    let mode = min(total, Int(Double(total + 1) * p))
    let odds = p / (1 - p)
    var (sum, atLeast, equal) = (1.0, mode >= hits ? 1.0 : 0, mode == hits ? 1.0 : 0)
    func add(_ term: Double, _ index: Int) {
      sum += term
      if index >= hits { atLeast += term }
      if index == hits { equal = term }
    }
    var (term, index) = (1.0, mode)
    while index < total, term > 1e-20 {
      index += 1
      term *= Double(total - index + 1) / Double(index) * odds
      add(term, index)
    }
    (term, index) = (1, mode)
    while index > 0, term > 1e-20 {
      term *= Double(index) / Double(total - index + 1) / odds
      index -= 1
      add(term, index)
    }
    return (atLeast / sum, equal / sum)
  }
}
