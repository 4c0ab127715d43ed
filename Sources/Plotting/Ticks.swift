/// A labelled place on an axis.
public struct Tick: Equatable, Sendable {
  /// The value on the axis.
  public var value: Double
  /// What is written there.
  public var label: String

  /// A tick from its value and label.
  public init(_ value: Double, label: String) {
    self.value = value
    self.label = label
  }
}

/// The choice of ticks: multiples of 1, 2 or 5 times a power of ten.
public enum Ticks {
  /// The multiples of the smallest step in {1, 2, 5} x 10ⁿ that gives at most `count` + 1 ticks in `lower`...`upper`.
  ///
  /// Each value is the double nearest to its decimal: 0.3, not 3 x 0.1. Where no such step can be told apart in double
  /// precision, the two ends; none where `lower` < `upper` does not hold or the step is not a finite number.
  public static func values(from lower: Double, to upper: Double, about count: Int = 5) -> [Double] {
    let rough = (upper - lower) / Double(max(1, count))
    guard rough.isFinite, rough > 0 else { return [] }
    let exponent = exponent(of: rough * (1 + 2e-9))
    let power = powerOfTen(abs(exponent))
    func decimal(_ value: Double) -> Double { exponent < 0 ? value / power : value * power }
    let multiple = [1.0, 2, 5, 10].first { decimal($0) >= rough * (1 - 1e-9) } ?? 10
    let step = decimal(multiple)
    let first = (lower / step - 1e-9).rounded(.up)
    let last = (upper / step + 1e-9).rounded(.down)
    guard step.isNormal, abs(first) < 1e12, abs(last) < 1e12, first <= last else { return [lower, upper] }
    return (Int(first)...Int(last)).map { decimal(Double($0) * multiple) }
  }

  /// 10ⁿ, exact up to n = 22.
  private static func powerOfTen(_ n: Int) -> Double { (0..<n).reduce(1) { power, _ in power * 10 } }

  /// The largest n with 10ⁿ <= value.
  private static func exponent(of value: Double) -> Int {
    // log 2 to the base of 10 tells it to within one.
    var n = Int((Double(value.exponent) * 0.30103).rounded(.down))
    while (n < 0 ? value * powerOfTen(-n) < 1 : value < powerOfTen(n)) { n -= 1 }
    while (n < -1 ? value * powerOfTen(-n - 1) >= 1 : value >= powerOfTen(n + 1)) { n += 1 }
    return n
  }

  /// Labels with as many decimals as the most precise value needs, six at most; numbers of 10⁷ and more or smaller than
  /// 10⁻⁴ in scientific notation.
  public static func labels(for values: [Double]) -> [String] {
    let largest = values.map(abs).max() ?? 0
    guard largest < 1e7, largest >= 1e-4 || largest == 0 else {
      return values.map { $0 == 0 ? "0" : NumberText.significant($0, digits: 4) }
    }
    let decimals = (0...6).first { decimals in
      let power = powerOfTen(decimals)
      return values.allSatisfy { abs(($0 * power).rounded() - $0 * power) < 1e-6 * max(1, abs($0 * power)) }
    }
    return values.map { NumberText.fixed($0, decimals: decimals ?? 6) }
  }
}
