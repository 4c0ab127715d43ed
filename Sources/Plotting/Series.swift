/// A line of a chart.
public struct Series: Equatable, Sendable {
  /// How neighbouring points are joined.
  public enum Interpolation: Equatable, Sendable {
    /// By straight lines.
    case straight
    /// Level up to the next point's x, then straight up or down.
    case step
    /// Not at all.
    case none
  }

  /// How a reader learns the line's name.
  public enum Labeling: Equatable, Sendable {
    /// Written beside the line where there is room for it and no doubt which line is meant; else in the legend.
    case direct
    /// In the legend above the plot.
    case legend
    /// Not named: one of many lines in the background.
    case none
  }

  /// A sign at each point.
  public enum Marker: Equatable, Sendable {
    /// A filled disc.
    case disc
    /// A disc filled with white.
    case ring
    /// A filled square.
    case square
    /// A filled triangle, point upwards.
    case triangle
  }

  /// What the line is called.
  public var name: String
  /// Where it goes, in the axes' units, by ascending x. The line has a gap where a value is not finite.
  public var points: [Point]
  /// Colour, width and dash.
  public var stroke: Stroke
  /// How neighbouring points are joined.
  public var interpolation: Interpolation
  /// How a reader learns the line's name.
  public var labeling: Labeling
  /// A sign at each point, or nil.
  public var marker: Marker?
  /// Vertical bars, an interval of y at an x each.
  public var ranges: [VerticalRange]

  /// A line; straight, named beside it, without markers and bars unless told.
  public init(
    _ name: String, points: [Point], stroke: Stroke, interpolation: Interpolation = .straight,
    labeling: Labeling = .direct, marker: Marker? = nil, ranges: [VerticalRange] = []
  ) {
    self.name = name
    self.points = points
    self.stroke = stroke
    self.interpolation = interpolation
    self.labeling = labeling
    self.marker = marker
    self.ranges = ranges
  }
}

/// An interval of y at one x, in the axes' units; drawn as a bar with caps.
public struct VerticalRange: Equatable, Sendable {
  /// Where it stands.
  public var x: Double
  /// Its lower end.
  public var low: Double
  /// Its upper end.
  public var high: Double

  /// A bar at `x` from `low` to `high`.
  public init(x: Double, low: Double, high: Double) {
    self.x = x
    self.low = low
    self.high = high
  }
}

/// The area between two lines: an interval around a curve. In the axes' units.
public struct Band: Equatable, Sendable {
  /// The lower edge, by ascending x.
  public var lower: [Point]
  /// The upper edge, by ascending x.
  public var upper: [Point]
  /// What fills it; translucent, so that the grid and other bands shine through.
  public var color: Color

  /// A band between two edges.
  public init(lower: [Point], upper: [Point], color: Color) {
    self.lower = lower
    self.upper = upper
    self.color = color
  }
}

/// A place on the x axis that is pointed out: markers on the curves there, joined by a thin line to a label.
public struct Mark: Equatable, Sendable {
  /// Where, in the x axis' unit.
  public var x: Double
  /// The label, line by line.
  public var label: [StyledText]
  /// The points to mark at this x: y in the y axis' unit and a colour each.
  public var points: [MarkPoint]

  /// A mark at `x`.
  public init(x: Double, label: [StyledText], points: [MarkPoint]) {
    self.x = x
    self.label = label
    self.points = points
  }
}

/// One marked value of a `Mark`.
public struct MarkPoint: Equatable, Sendable {
  /// The value, in the y axis' unit.
  public var y: Double
  /// The marker's colour: its curve's.
  public var color: Color

  /// A marked value.
  public init(y: Double, color: Color) {
    self.y = y
    self.color = color
  }
}
