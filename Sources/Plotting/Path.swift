import Glibc

/// An outline of straight lines and cubic Bézier curves, in points. Arcs and ellipses are stored as curves, whose radius
/// is right to 0.03 %.
public struct Path: Equatable, Sendable {
  /// One step of the pen.
  public enum Element: Equatable, Sendable {
    /// Lift the pen and put it down here: starts a new outline.
    case move(Point)
    /// Draw straight to here.
    case line(Point)
    /// Draw a cubic Bézier curve with two control points to `end`.
    case curve(Point, Point, end: Point)
    /// Draw straight back to where this outline started.
    case close
  }

  /// The steps, in order.
  public private(set) var elements: [Element] = []

  /// An empty path.
  public init() {}

  /// A path built in a closure: `Path { $0.move(to: a); $0.line(to: b) }`.
  public init(_ build: (inout Path) -> Void) {
    build(&self)
  }

  /// Straight lines through `points`, back to the first where `closed`. Fewer than two points draw nothing.
  public init(polyline points: [Point], closed: Bool = false) {
    guard let first = points.first, points.count > 1 else { return }
    elements = [.move(first)] + points.dropFirst().map { .line($0) } + (closed ? [.close] : [])
  }

  /// The four sides of a rectangle.
  public init(_ rectangle: Rectangle) {
    let (left, top, right, bottom) = (rectangle.x, rectangle.y, rectangle.right, rectangle.bottom)
    self.init(polyline: [Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom)], closed: true)
  }

  /// The ellipse that touches the four sides of `bounds`.
  public init(ellipseIn bounds: Rectangle) {
    ellipse(in: bounds)
  }

  /// A circle.
  public init(circleAt center: Point, radius: Double) {
    ellipse(in: Rectangle(x: center.x - radius, y: center.y - radius, width: 2 * radius, height: 2 * radius))
  }

  /// Starts a new outline at `point`.
  public mutating func move(to point: Point) { elements.append(.move(point)) }

  /// Draws straight to `point`.
  public mutating func line(to point: Point) { elements.append(elements.isEmpty ? .move(point) : .line(point)) }

  /// Draws a cubic Bézier curve to `end`.
  public mutating func curve(to end: Point, control1: Point, control2: Point) {
    if elements.isEmpty { move(to: control1) }
    elements.append(.curve(control1, control2, end: end))
  }

  /// Closes the current outline.
  public mutating func close() { elements.append(.close) }

  /// Adds a closed ellipse as an outline of its own.
  public mutating func ellipse(in bounds: Rectangle) {
    move(to: Point(bounds.right, bounds.center.y))
    arc(center: bounds.center, radiusX: bounds.width / 2, radiusY: bounds.height / 2, from: 0, to: 2 * .pi)
    close()
  }

  /// Adds part of an ellipse, joined to the current point by a straight line.
  /// - start, end: angles in radians from the positive x axis, clockwise on the page; `end` < `start` goes backwards.
  public mutating func arc(
    center: Point, radiusX: Double, radiusY: Double, from start: Double, to end: Double
  ) {
    func point(_ angle: Double) -> Point {
      Point(center.x + radiusX * cos(angle), center.y + radiusY * sin(angle))
    }
    line(to: point(start))
    let sweep = end - start
    guard sweep.isFinite, sweep != 0 else { return }
    // A quarter turn per curve at most; a whole turn and more is drawn once.
    let turns = min(abs(sweep), 2 * .pi)
    let pieces = max(1, Int((turns / (.pi / 2) - 1e-9).rounded(.up)))
    let step = (sweep < 0 ? -turns : turns) / Double(pieces)
    let reach = 4.0 / 3 * tan(step / 4)
    for piece in 0..<pieces {
      let from = start + step * Double(piece)
      let to = from + step
      let (a, b) = (point(from), point(to))
      curve(
        to: b,
        control1: Point(a.x - reach * radiusX * sin(from), a.y + reach * radiusY * cos(from)),
        control2: Point(b.x + reach * radiusX * sin(to), b.y - reach * radiusY * cos(to)))
    }
  }
}
