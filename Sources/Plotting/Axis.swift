/// One axis of a chart: what it shows, from where to where, and its ticks. Pure: it knows no page.
public struct Axis: Equatable, Sendable {
  /// What is measured, with its unit: "Clean accuracy (%)".
  public let label: String
  /// The smallest value shown.
  public let lower: Double
  /// The largest value shown.
  public let upper: Double
  /// The ticks, inside lower...upper.
  public let ticks: [Tick]

  /// An axis with ticks at `ticks`, or at about `tickCount` round values where nil.
  ///
  /// Ticks outside of lower...upper are left out.
  /// - format: the text at a tick; nil for decimals, as `Ticks.labels(for:)`.
  /// - Throws: `PlottingError.axisDomain` unless `lower` < `upper`, both finite.
  public init(
    _ label: String, from lower: Double, to upper: Double, ticks: [Double]? = nil, about tickCount: Int = 5,
    format: ((Double) -> String)? = nil
  ) throws(PlottingError) {
    guard lower < upper, (upper - lower).isFinite else {
      throw .axisDomain(label: label, lower: lower, upper: upper)
    }
    self.label = label
    self.lower = lower
    self.upper = upper
    let values = (ticks ?? Ticks.values(from: lower, to: upper, about: tickCount)).filter { $0 >= lower && $0 <= upper }
    let labels = format.map { values.map($0) } ?? Ticks.labels(for: values)
    self.ticks = zip(values, labels).map { Tick($0, label: $1) }
  }

  /// The axis laid between two positions on the page, in points; `start` is where `lower` goes.
  public func scale(from start: Double, to end: Double) -> LinearScale {
    LinearScale(lower: lower, upper: upper, start: start, end: end)
  }
}

/// The straight-line map of values to positions: position = start + (value - lower) / (upper - lower) · (end - start).
public struct LinearScale: Equatable, Sendable {
  /// The value at `start`.
  public let lower: Double
  /// The value at `end`; differs from `lower`.
  public let upper: Double
  /// The position of `lower`, in points.
  public let start: Double
  /// The position of `upper`, in points; may be less than `start`.
  public let end: Double

  /// The position of a value, in points; goes on in a straight line outside of lower...upper.
  public func position(of value: Double) -> Double {
    start + (value - lower) / (upper - lower) * (end - start)
  }

  /// The value at a position; inverse of `position(of:)`, and `lower` everywhere where start = end.
  public func value(at position: Double) -> Double {
    start == end ? lower : lower + (position - start) / (end - start) * (upper - lower)
  }
}
