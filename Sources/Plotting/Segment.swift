/// A straight line between two points.
package struct Segment: Equatable, Sendable {
  package var start: Point
  package var end: Point

  package init(_ start: Point, _ end: Point) {
    self.start = start
    self.end = end
  }

  package var length: Double {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    return (dx * dx + dy * dy).squareRoot()
  }

  /// The length of the part inside of `box` (Liang & Barsky, 1984); 0 where they do not meet.
  @inline(__always)
  package func length(inside box: Rectangle) -> Double {
    guard max(start.x, end.x) >= box.x, min(start.x, end.x) <= box.right,
      max(start.y, end.y) >= box.y, min(start.y, end.y) <= box.bottom
    else { return 0 }
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    var (from, to) = (0.0, 1.0)
    /// Cuts off what lies beyond one edge; false where nothing is left.
    func cut(_ direction: Double, _ room: Double) -> Bool {
      if direction == 0 { return room >= 0 }
      if direction < 0 { from = max(from, room / direction) } else { to = min(to, room / direction) }
      return from < to
    }
    guard cut(-dx, start.x - box.x), cut(dx, box.right - start.x), cut(-dy, start.y - box.y),
      cut(dy, box.bottom - start.y)
    else { return 0 }
    return (to - from) * length
  }

  /// Whether both cross in a point inside of each; touching ends and lying upon each other do not count.
  package func crosses(_ other: Segment) -> Bool {
    func side(_ point: Point, of line: Segment) -> Double {
      (line.end.x - line.start.x) * (point.y - line.start.y) - (line.end.y - line.start.y) * (point.x - line.start.x)
    }
    return side(other.start, of: self) * side(other.end, of: self) < 0
      && side(start, of: other) * side(end, of: other) < 0
  }

  /// The segments between neighbours.
  static func joining(_ points: [Point]) -> [Segment] {
    zip(points, points.dropFirst()).map { Segment($0, $1) }
  }
}

extension Rectangle {
  /// The square of the distance from the nearest edge to `point`; 0 inside.
  package func squaredDistance(to point: Point) -> Double {
    let dx = max(x - point.x, 0, point.x - right)
    let dy = max(y - point.y, 0, point.y - bottom)
    return dx * dx + dy * dy
  }

  /// Whether both have a point in common, be it on their edges.
  package func meets(_ other: Rectangle) -> Bool {
    other.x <= right && x <= other.right && other.y <= bottom && y <= other.bottom
  }

  /// The smallest rectangle with this one and `point` in it.
  func extended(to point: Point) -> Rectangle {
    Rectangle(left: min(x, point.x), top: min(y, point.y), right: max(right, point.x), bottom: max(bottom, point.y))
  }
}
