/// What fills an area.
public enum Paint: Equatable, Sendable {
  /// One colour.
  case color(Color)
  /// Colours along the line from `start` to `end`, the outermost going on beyond it.
  case linearGradient(from: Point, to: Point, stops: [GradientStop])
  /// Colours from the centre (offset 0) to `radius` points away (offset 1), the outermost going on beyond it.
  case radialGradient(center: Point, radius: Double, stops: [GradientStop])
}

/// A colour at a place along a gradient.
public struct GradientStop: Equatable, Sendable {
  /// Where along the gradient, 0...1.
  public var offset: Double
  /// The colour there.
  public var color: Color

  /// A colour at `offset` (0...1).
  public init(_ offset: Double, _ color: Color) {
    self.offset = offset
    self.color = color
  }
}

/// How a line is drawn.
public struct Stroke: Equatable, Sendable {
  /// The shape of a line's ends.
  public enum Cap: Equatable, Sendable {
    /// Ends at the end point.
    case butt
    /// A half disc beyond the end point.
    case round
    /// Half a square beyond the end point.
    case square
  }

  /// The line's colour.
  public var color: Color
  /// The line's width, in points.
  public var width: Double
  /// Lengths in points drawn and left out, in turn; empty for a solid line.
  public var dash: [Double]
  /// The shape of the ends.
  public var cap: Cap

  /// A pen; corners are rounded.
  public init(_ color: Color, width: Double = 1, dash: [Double] = [], cap: Cap = .butt) {
    self.color = color
    self.width = width
    self.dash = dash
    self.cap = cap
  }
}
