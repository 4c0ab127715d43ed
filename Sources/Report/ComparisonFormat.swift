import Experiment

extension Format {
  /// `94.12 % [93.30, 95.00]`, without an interval for one run.
  static func percent(_ summary: Summary?) -> String {
    summary.map { "\(fixed($0.mean, 2)) %\(interval($0, 2))" } ?? "n/a"
  }

  /// A difference in percentage points: `2.10 [1.20, 3.00]`.
  static func points(_ summary: Summary?) -> String {
    summary.map { "\(signed($0.mean))\(interval($0, 2))" } ?? "n/a"
  }

  /// `45.2 [44.1, 46.3]`.
  static func number(_ summary: Summary?) -> String {
    summary.map { "\(fixed($0.mean, 1))\(interval($0, 1))" } ?? "n/a"
  }

  /// `0.023`, or `< 0.001`.
  static func probability(_ p: Double) -> String { p < 0.001 ? "< 0.001" : fixed(p, 3) }

  /// `93.20 [88.00, 95.60]`, without an interval for fewer than six runs.
  static func median(_ summary: Summary) -> String {
    fixed(summary.median, 2) + text(summary.medianInterval, 2)
  }

  /// `9/10 [55.5, 99.7]`: the interval is that of the share, in percent.
  static func share(_ rate: Rate?) -> String {
    guard let rate, let interval = Intervals.exact(rate) else { return "n/a" }
    return counts(rate) + text(100 * interval.lowerBound...100 * interval.upperBound, 1)
  }

  private static func interval(_ summary: Summary, _ decimals: Int) -> String { text(summary.interval, decimals) }

  private static func text(_ interval: ClosedRange<Double>?, _ decimals: Int) -> String {
    interval.map { " [\(fixed($0.lowerBound, decimals)), \(fixed($0.upperBound, decimals))]" } ?? ""
  }

  /// Rounding leaves no minus before zero.
  private static func signed(_ value: Double) -> String { fixed(abs(value) < 0.005 ? 0 : value, 2) }
}
