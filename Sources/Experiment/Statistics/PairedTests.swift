import Datasets
import NeuralNetwork

/// K binomial with n trials at 1/2.
struct HalfBinomial {
  let count: Int

  init(_ count: Int) { self.count = count }

  /// P(K <= limit).
  func atMost(_ limit: Int) -> Double {
    var sums = Sums(count)
    for _ in stride(from: 1, through: limit, by: 1) { sums.advance() }
    return limit < 0 ? 0 : sums.probability
  }

  /// The largest k whose P(K <= k) fulfils `condition`, which the smaller ones then do too; -1 where none does.
  func largest(_ condition: (Double) -> Bool) -> Int {
    var sums = Sums(count)
    guard condition(sums.probability) else { return -1 }
    while sums.index < count {
      var next = sums
      next.advance()
      guard condition(next.probability) else { break }
      sums = next
    }
    return sums.index
  }

  /// Sums of binomial coefficients times 2^exponent; scaled on the way, because 2^-n alone passes below every double.
  private struct Sums {
    let count: Int
    var index = 0, term = 1.0, sum = 1.0, exponent: Int

    init(_ count: Int) {
      self.count = count
      exponent = -count
    }

    mutating func advance() {
      index += 1
      term *= Double(count - index + 1) / Double(index)
      sum += term
      guard sum > 0x1p512 else { return }
      term *= 0x1p-512
      sum *= 0x1p-512
      exponent += 512
    }

    /// A power of two changes no digit, but for numbers too small for all of theirs.
    var probability: Double {
      Double(sign: .plus, exponent: max(exponent, -2200), significand: sum)
    }
  }
}

/// Tests of pairs: two networks on the same rows, or two numbers of the same seed.
public enum PairedTest {
  /// The two-sided p-value of McNemar's exact test: of the discordant rows, is either network right more often than chance?
  ///
  /// It is the sign test of them. Source: McNemar, "Note on the sampling error of the difference between correlated
  /// proportions", Psychometrika 12, 1947.
  public static func mcNemar(_ counts: RunRecord.Discordance) -> Double {
    sign(counts.onlyOriginal, counts.onlyRepaired)
  }

  /// The two-sided p-value of the exact sign test: do differences of one sign outnumber the other's by more than chance?
  ///
  /// min(1, 2 P(K <= min(b, c))) for K binomial with b + c at 1/2; 1 where there is none. Differences of 0 are left out.
  /// Source: Dixon & Mood, "The statistical sign test", JASA 41, 1946.
  public static func sign(_ positive: Int, _ negative: Int) -> Double {
    guard positive + negative > 0 else { return 1 }
    return min(1, 2 * HalfBinomial(positive + negative).atMost(min(positive, negative)))
  }

  /// The two-sided p-value of the permutation test of paired differences: how often is their sum as far from 0, when each
  /// takes either sign with the same chance?
  ///
  /// Source: Fisher, "The Design of Experiments", 1935, section 21. Exact, by the distribution of the sum, for up to 20
  /// differences or where n Σ|d| is at most 5e7; beyond, of 9,999 random choices of signs that depend on nothing, with
  /// p = (1 + as far) / 10,000, which keeps its level (Phipson & Smyth, "Permutation p-values should never be zero",
  /// Statistical Applications in Genetics and Molecular Biology 9, 2010).
  /// - Parameter differences: in whole units, so that equal sums are equal.
  public static func permutation(_ differences: [Int]) -> (p: Double, isExact: Bool) {
    let nonzero = differences.filter { $0 != 0 }
    let unit = nonzero.reduce(0) { greatestDivisor($0, abs($1)) }
    guard unit > 0 else { return (1, true) }
    let sizes = nonzero.map { abs($0) / unit }
    let (total, observed) = (sizes.reduce(0, +), abs(nonzero.reduce(0, +)) / unit)
    if total <= 50_000_000 / sizes.count { return (bySums(sizes, total, observed), true) }
    if sizes.count <= 20 { return (byEnumeration(sizes, total, observed), true) }
    return (bySampling(sizes, observed), false)
  }

  private static func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }

  /// The probability of each sum of a random subset, built up difference by difference.
  private static func bySums(_ sizes: [Int], _ total: Int, _ observed: Int) -> Double {
    var chances = [Double](repeating: 0, count: total + 1)
    chances[0] = 1
    var reached = 0
    for size in sizes {
      reached += size
      for sum in stride(from: reached, through: 0, by: -1) {
        chances[sum] = (chances[sum] + (sum >= size ? chances[sum - size] : 0)) / 2
      }
    }
    var p = 0.0
    for sum in 0...total where abs(2 * sum - total) >= observed { p += chances[sum] }
    return min(1, p)
  }

  /// All 2^n choices of signs, each one sign away from the one before (a Gray code).
  private static func byEnumeration(_ sizes: [Int], _ total: Int, _ observed: Int) -> Double {
    var (sum, count, isPositive) = (total, total >= observed ? 1 : 0, [Bool](repeating: true, count: sizes.count))
    for step in 1..<(1 << sizes.count) {
      let index = step.trailingZeroBitCount
      sum += isPositive[index] ? -2 * sizes[index] : 2 * sizes[index]
      isPositive[index].toggle()
      if abs(sum) >= observed { count += 1 }
    }
    return Double(count) / Double(1 << sizes.count)
  }

  /// Eight differences at a time, by a table of the sums of all their signs.
  private static func bySampling(_ sizes: [Int], _ observed: Int) -> Double {
    let blocks = (sizes.count + 7) / 8
    var sums = [Int](repeating: 0, count: 256 * blocks)
    for block in 0..<blocks {
      let part = sizes[8 * block..<min(sizes.count, 8 * block + 8)]
      for signs in 0..<256 {
        sums[256 * block + signs] = part.enumerated().reduce(0) {
          $0 + (signs >> $1.offset & 1 == 0 ? $1.element : -$1.element)
        }
      }
    }
    var random = SeededGenerator(seed: 0, stream: [UInt64(sizes.count)])
    var count = 1
    for _ in 0..<9_999 {
      var (sum, bits) = (0, UInt64(0))
      for block in 0..<blocks {
        if block % 8 == 0 { bits = random.next() }
        sum += sums[256 * block + Int(bits & 255)]
        bits >>= 8
      }
      if abs(sum) >= observed { count += 1 }
    }
    return Double(count) / 10_000
  }

  /// p-values corrected for their number: the k-th smallest of m times m - k + 1, no smaller than those before it, at most 1.
  ///
  /// Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
  public static func holm(_ probabilities: [Double]) -> [Double] {
    let order = probabilities.indices.sorted { (probabilities[$0], $0) < (probabilities[$1], $1) }
    var (corrected, largest) = (probabilities, 0.0)
    for (rank, index) in order.enumerated() {
      largest = max(largest, min(1, Double(order.count - rank) * probabilities[index]))
      corrected[index] = largest
    }
    return corrected
  }
}

/// Rates in pairs, one pair a run or seed, and what exact tests say of them.
public struct PairedRates: Equatable, Sendable {
  /// First minus second, in percentage points.
  public let difference: Summary
  /// How many differences are above 0, below 0, and 0.
  public let fell: Int, rose: Int, same: Int
  /// Two-sided p-values, not corrected.
  public let sign: Double, permutation: Double
  /// Whether the permutation test counted all choices of signs.
  public let isExact: Bool

  /// - Returns: nil of no pairs; a pair in which no row counts is none.
  init?(_ all: [(Rate, Rate)]) {
    let pairs = all.filter { $0.hasRows && $1.hasRows }
    let percents = pairs.compactMap { pair in pair.0.percent.flatMap { own in pair.1.percent.map { own - $0 } } }
    guard let total = pairs.first?.0.total, let difference = Summary(percents, within: -100...100) else { return nil }
    // In whole rows where all rates are of as many, else in millionths of a point.
    let isWhole = pairs.allSatisfy { $0.total == total && $1.total == total }
    let units = isWhole ? pairs.map { $0.hits - $1.hits } : percents.map { Int(($0 * 1e6).rounded()) }
    self.difference = difference
    fell = units.count { $0 > 0 }
    rose = units.count { $0 < 0 }
    same = units.count - fell - rose
    sign = PairedTest.sign(fell, rose)
    (permutation, isExact) = PairedTest.permutation(units)
  }
}

extension RunRecord.RepairedNetwork {
  /// Two-sided p-values of McNemar's exact test of B against B', by split; nil where no row counts.
  public var pairedTests: Splits<Double> {
    var tests = Splits<Double>()
    for split in Split.allCases where network[split]?.hasRows == true {
      tests[split] = discordant[split].map { PairedTest.mcNemar($0) }
    }
    return tests
  }
}
