#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Confidence intervals.
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

  /// The 97.5 % quantile of Student's t distribution with `degrees` (1 or more) degrees of freedom.
  ///
  /// Newton's method on the upper tail. The tail is convex for t > 0, so from the normal quantile, which is always the
  /// smaller, every step falls short of the root and none overshoots it.
  public static func studentQuantile(degrees: Int) -> Double {
    precondition(degrees >= 1, "Student's t has at least one degree of freedom")
    var t = normalQuantile
    for _ in 0..<100 {
      let (tail, density) = studentTail(t, degrees: degrees)
      let step = (tail - 0.025) / density
      t += step
      if abs(step) <= 2e-16 * t { break }
    }
    return t
  }

  /// P(T > t) and the density at t > 0, from the finite series for whole degrees of freedom ν, with θ = atan(t / sqrt ν).
  ///
  /// ν odd:  P(|T| < t) = 2/π (θ + sin θ (cos θ + 2/3 cos³θ + … + 2·4…(ν-3) / 3·5…(ν-2) cos^(ν-2) θ)).
  /// ν even: P(|T| < t) = sin θ (1 + 1/2 cos²θ + … + 1·3…(ν-3) / 2·4…(ν-2) cos^(ν-2) θ).
  /// Source: Abramowitz & Stegun, "Handbook of Mathematical Functions", 1964, 26.7.3 and 26.7.4: the regularised
  /// incomplete beta function I(ν/2, 1/2) in closed form.
  private static func studentTail(_ t: Double, degrees: Int) -> (tail: Double, density: Double) {
    let n = Double(degrees)
    let angle = atan2(t, n.squareRoot())
    let (sine, cosine) = (sin(angle), cos(angle))
    let isOdd = degrees % 2 == 1
    var term = isOdd ? cosine : 1
    var sum = 0.0
    for index in stride(from: isOdd ? 3 : 2, through: degrees, by: 2) {
      sum += term
      term *= cosine * cosine * Double(index - 1) / Double(index)
    }
    // The series' next term, a cos^ν θ, gives the density as well: a sqrt ν / 2 cos^(ν+1) θ.
    let factor = isOdd ? 2 / Double.pi : 1
    let central = factor * (sine * sum + (isOdd ? angle : 0))
    return ((1 - central) / 2, factor * term * cosine * n.squareRoot() / 2)
  }
}

/// What several numbers, one a run, have in common.
public struct Summary: Equatable, Sendable {
  /// One a run, in the order of runs.
  public let values: [Double]
  /// What the quantity can be at all; the interval is clipped to it.
  public let bounds: ClosedRange<Double>

  /// - Returns: nil of no numbers.
  public init?(_ values: [Double], within bounds: ClosedRange<Double> = -.infinity ... .infinity) {
    guard !values.isEmpty else { return nil }
    self.values = values
    self.bounds = bounds
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

  /// The 95 % t-interval of the mean: mean ± t(0.975, n - 1) s / sqrt n. Nil of one number, which says nothing of how
  /// much another would differ; without width where all numbers are equal.
  ///
  /// Source: Student, "The probable error of a mean", Biometrika 6, 1908.
  public var interval: ClosedRange<Double>? {
    guard let deviation = standardDeviation else { return nil }
    let spread = Intervals.studentQuantile(degrees: count - 1) * deviation / Double(count).squareRoot()
    return (mean - spread...mean + spread).clamped(to: bounds)
  }

  /// The middle number, or the mean of the two in the middle.
  public var median: Double {
    let sorted = values.sorted()
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2
  }

  /// From the smallest to the largest number.
  public var range: ClosedRange<Double> { (values.min() ?? 0)...(values.max() ?? 0) }
}

/// Tests of two networks on the same rows.
public enum PairedTest {
  /// The two-sided p-value of McNemar's exact test: of the discordant rows, is either network right more often than chance?
  ///
  /// min(1, 2 P(K <= min(b, c))) for K binomial with b + c rows at 1/2; 1 where no row is discordant. Source: McNemar,
  /// "Note on the sampling error of the difference between correlated proportions", Psychometrika 12, 1947.
  public static func mcNemar(_ counts: RunRecord.Discordance) -> Double {
    let (n, fewer) = (counts.onlyOriginal + counts.onlyRepaired, min(counts.onlyOriginal, counts.onlyRepaired))
    guard n > 0 else { return 1 }
    // Sum of binomial coefficients times 2^exponent; scaled on the way, because 2^-n alone passes below every double.
    var (term, sum, exponent) = (1.0, 1.0, 1 - n)
    for index in stride(from: 1, through: fewer, by: 1) {
      term *= Double(n - index + 1) / Double(index)
      sum += term
      if sum > 0x1p512 {
        term *= 0x1p-512
        sum *= 0x1p-512
        exponent += 512
      }
    }
    return min(1, scalbn(sum, Int32(clamping: exponent)))
  }
}
