import NeuralNetwork

extension Intervals {
  /// Up to this number of values the bound is exact; beyond, it is a saddlepoint approximation (`MeanTail`), whose cost is linear.
  static let exactMeanLimit = 128

  /// The 95 % interval of the mean of a quantity that is known to lie in `bounds`, of any distribution.
  ///
  /// Each end is Gaffke's bound at 97.5 %. For values x_1 … x_n in 0...1, the upper end is the 97.5 % quantile of
  /// d_1 x_1 + … + d_n x_n + d_(n+1), where d is uniform on the simplex; the lower end mirrors it. For zeros and ones it is
  /// Clopper & Pearson's interval; for n equal values v the upper end is 1 - (1 - v) 0.025^(1/n), and so it has a width. It
  /// has no general proof of its coverage; no counterexample is known. Sources: Gaffke, "Three test statistics for a
  /// nonparametric one-sided hypothesis on the mean of a nonnegative variable", Mathematical Methods of Statistics 14,
  /// 2005; Learned-Miller & Thomas, "A new confidence interval for the mean of a bounded random variable",
  /// arXiv:1905.06208, 2019.
  ///
  /// - Returns: nil of fewer than two values, which say nothing of how much others would differ, and where a bound is not
  ///   finite.
  public static func mean(of values: [Double], within bounds: ClosedRange<Double>) -> ClosedRange<Double>? {
    guard values.count > 1, bounds.lowerBound.isFinite, bounds.upperBound.isFinite else { return nil }
    return mean(of: values, within: bounds, isExact: values.count <= exactMeanLimit, weight: 1)
  }

  /// About how many values would halve the interval of the mean, were they spread as these are; nil beyond a million.
  ///
  /// The bound of these values, each counted n'/n times, by the saddlepoint approximation.
  public static func valuesToHalve(_ values: [Double], within bounds: ClosedRange<Double>) -> Int? {
    guard values.count > 1, bounds.lowerBound.isFinite, bounds.upperBound.isFinite else { return nil }
    let values = values.sorted()
    func width(_ count: Int) -> Double {
      let weight = Double(count) / Double(values.count)
      let ends = mean(of: values, within: bounds, isExact: false, weight: weight)
      return ends.upperBound - ends.lowerBound
    }
    let goal = width(values.count) / 2
    guard goal > 0 else { return nil }
    var (low, high) = (values.count, 2 * values.count)
    while width(high) > goal {
      (low, high) = (high, 2 * high)
      guard high <= 1_000_000 else { return nil }
    }
    while high - low > max(1, low / 100) {
      let middle = low + (high - low) / 2
      if width(middle) > goal { low = middle } else { high = middle }
    }
    return high
  }

  /// The interval by either computation, with each value counted `weight` times in the approximate one.
  package static func mean(
    of values: [Double], within bounds: ClosedRange<Double>, isExact: Bool, weight: Double
  ) -> ClosedRange<Double> {
    let (start, width) = (bounds.lowerBound, bounds.upperBound - bounds.lowerBound)
    guard width > 0 else { return bounds }
    let shares = values.map { min(1, max(0, ($0 - start) / width)) }.sorted()
    func end(_ shares: [Double]) -> Double {
      isExact ? MeanTail.upperEnd(shares) : MeanTail.approximateUpperEnd(shares, weight: weight)
    }
    let low = start + width * (1 - end(shares.reversed().map { 1 - $0 }))
    let high = start + width * end(shares)
    return (min(low, high)...max(low, high)).clamped(to: bounds)
  }
}

/// The tail of a uniformly weighted mean of values in 0...1 and the number 1, for Gaffke's bound.
///
/// With exponential numbers E_i, the weights d_i = E_i / (E_1 + … + E_(n+1)) are uniform on the simplex, so that
/// P(Σ d_i c_i > t) = P(Σ E_i (c_i - t) > 0).
enum MeanTail {
  /// The t with P(Σ d_i c_i > t) = 2.5 %, to 1e-14 or so.
  static func upperEnd(_ shares: [Double]) -> Double {
    guard let smallest = shares.min(), smallest < 1 else { return 1 }
    return root(from: smallest, to: 1, at: (1 - Intervals.tail, -Intervals.tail)) {
      probability(shares + [1], above: $0) - Intervals.tail
    }
  }

  /// P(Σ E_i (c_i - t) > 0), exactly, in as many steps as there are pairs of a value above t and one below.
  ///
  /// A, the sum of the positive parts a_i E_i, has to outlast B, the sum of the negative parts b_j E_j. Exponential times
  /// have no memory: of two that run, the one of mean b ends first with the probability a / (a + b). So with i parts of A
  /// left and j of B, f(i, j) = (a_i f(i, j-1) + b_j f(i-1, j)) / (a_i + b_j), f(i, 0) = 1, f(0, j) = 0. Only sums of
  /// positive terms occur, so that nothing cancels.
  static func probability(_ values: [Double], above limit: Double) -> Double {
    let above = values.filter { $0 > limit }.map { $0 - limit }
    let below = values.filter { $0 < limit }.map { limit - $0 }
    guard !above.isEmpty else { return 0 }
    var row = [Double](repeating: 0, count: below.count + 1)
    for a in above {
      row[0] = 1
      for j in 1..<max(1, row.count) {
        row[j] = (a * row[j - 1] + below[j - 1] * row[j]) / (a + below[j - 1])
      }
    }
    return row[below.count]
  }

  /// The same end by a saddlepoint approximation, with each value counted `weight` times.
  ///
  /// With K(s) = -Σ w_i log(1 - s a_i), a_i = c_i - t, and K'(ŝ) = 0: r = sqrt(-2 K(ŝ)), u = ŝ sqrt(K''(ŝ)), and the tail is
  /// that of a normal number beyond r + log(u / r) / r. Sources: Lugannani & Rice, "Saddle point approximation for the
  /// distribution of the sum of independent random variables", Advances in Applied Probability 12, 1980;
  /// Barndorff-Nielsen, "Inference on full or partial parameters based on the standardized signed log likelihood ratio",
  /// Biometrika 73, 1986.
  /// - Parameter shares: in ascending order.
  static func approximateUpperEnd(_ shares: [Double], weight: Double) -> Double {
    guard let smallest = shares.first, smallest < 1 else { return 1 }
    let count = weight * Double(shares.count)
    let center = (weight * shares.reduce(0, +) + 1) / (count + 1)
    let normal = Intervals.normalQuantile
    let terms = equalOnes(shares)
    return root(from: center, to: 1, at: (-normal, 2)) { limit in
      let deviate = saddlepoint(terms, weight: weight, limit: limit) - normal
      return max(-normal, min(2, deviate))
    }
  }

  /// A value, and how many have it: rates of a few hundred rows are a few hundred values, however many runs there are.
  private typealias Term = (share: Double, count: Double)

  private static func equalOnes(_ sorted: [Double]) -> [Term] {
    var terms: [Term] = []
    for share in sorted {
      if let last = terms.last, last.share == share {
        terms[terms.count - 1].count += 1
      } else {
        terms.append((share, 1))
      }
    }
    return terms
  }

  private static func saddlepoint(_ terms: [Term], weight: Double, limit: Double) -> Double {
    /// K' and K'' at s.
    func slopes(_ s: Double) -> (Double, Double) {
      var (first, second) = (0.0, 0.0)
      for (share, count) in terms {
        let a = share - limit
        let ratio = a / (1 - s * a)
        first += count * ratio
        second += count * ratio * ratio
      }
      let last = (1 - limit) / (1 - s * (1 - limit))
      return (weight * first + last, weight * second + last * last)
    }
    var (low, high) = (0.0, 1 / (1 - limit))
    var s = high / 2
    for _ in 0..<200 {
      let (first, second) = slopes(s)
      if first < 0 { low = s } else { high = s }
      var next = s - first / second
      if !(next > low && next < high) { next = low + (high - low) / 2 }
      let step = abs(next - s)
      s = next
      if step <= 1e-14 * s { break }
    }
    let power =
      weight * Elementary.log(ofProduct: terms.lazy.map { (1 - s * ($0.share - limit), $0.count) })
      + Elementary.log(1 - s * (1 - limit))
    let r = max(0, 2 * power).squareRoot()
    let u = s * slopes(s).1.squareRoot()
    return r > 1e-4 && u > 0 ? r + Elementary.log(u / r) / r : r
  }

  /// The root of a function of falling or rising sign between two points whose values are known, by the Illinois method.
  /// Source: Dowell & Jarratt, "A modified regula falsi method for computing the root of an equation", BIT 11, 1971.
  static func root(
    from start: Double, to end: Double, at values: (Double, Double), _ function: (Double) -> Double
  ) -> Double {
    var (a, b, atA, atB) = (start, end, values.0, values.1)
    for iteration in 0..<200 {
      // Every fourth step halves, which bounds their number.
      var middle = iteration % 4 == 3 ? a + (b - a) / 2 : b - atB * (b - a) / (atB - atA)
      if !(middle > min(a, b) && middle < max(a, b)) { middle = a + (b - a) / 2 }
      let value = function(middle)
      if value == 0 { return middle }
      if (value < 0) == (atB < 0) { atA /= 2 } else { (a, atA) = (b, atB) }
      (b, atB) = (middle, value)
      if abs(b - a) <= 1e-15 || abs(value) <= 1e-15 { return b }
    }
    return b
  }
}

extension Elementary {
  /// The logarithm of a product of powers, of which neither overflow nor underflow is left.
  fileprivate static func log(ofProduct powers: some Sequence<(Double, Double)>) -> Double {
    var (product, exponent, sum) = (1.0, 0, 0.0)
    for (factor, power) in powers {
      guard power == 1 else {
        sum += power * log(factor)
        continue
      }
      product *= factor
      if product > 0x1p300 || product < 0x1p-300 {
        exponent += Int(product.exponent)
        product = product.significand
      }
    }
    return log(product) + Double(exponent) * 0.6931471805599453 + sum
  }
}
