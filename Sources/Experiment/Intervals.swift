/// Confidence intervals of proportions.
public enum Intervals {
  /// The 97.5 % quantile of the standard normal distribution.
  static let normalQuantile = 1.959963984540054

  /// The 95 % Wilson score interval of a rate, as fractions 0...1; nil for a rate of no rows.
  ///
  /// (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). Source: Wilson, "Probable inference, the law of succession,
  /// and statistical inference", JASA 22, 1927.
  public static func wilson(_ rate: Rate) -> ClosedRange<Double>? {
    guard rate.total > 0 else { return nil }
    let (n, p, z) = (Double(rate.total), rate.fraction, normalQuantile)
    let center = p + z * z / (2 * n)
    let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    // The ends are exactly 0 and 1 there; rounding must not move them.
    let low = rate.hits == 0 ? 0 : max(0, (center - spread) / scale)
    let high = rate.hits == rate.total ? 1 : min(1, (center + spread) / scale)
    return low...high
  }
}
