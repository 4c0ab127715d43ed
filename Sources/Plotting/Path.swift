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

  /// Adds a closed ellipse as an outline of its own: a curve for each quarter.
  public mutating func ellipse(in bounds: Rectangle) {
    let center = bounds.center
    func point(_ x: Double, _ y: Double) -> Point {
      Point(center.x + x * bounds.width / 2, center.y + y * bounds.height / 2)
    }
    // 4/3 tan(pi / 8): how far a quarter of a circle's tangents reach.
    let reach = 0.5522847498307936
    var (x, y) = (1.0, 0.0)
    move(to: point(x, y))
    for _ in 0..<4 {
      let (endX, endY) = (-y, x)
      curve(
        to: point(endX, endY), control1: point(x - reach * y, y + reach * x),
        control2: point(endX + reach * endY, endY - reach * endX))
      (x, y) = (endX, endY)
    }
    close()
  }
}
