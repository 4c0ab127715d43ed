/// Something that has a place on the page.
package protocol Bounded: Sendable {
  /// The smallest rectangle with all of it inside.
  var bounds: Rectangle { get }
}

extension Rectangle: Bounded {
  package var bounds: Rectangle { self }
}

extension Point: Bounded {
  package var bounds: Rectangle { Rectangle(x: x, y: y, width: 0, height: 0) }
}

extension Segment: Bounded {
  package var bounds: Rectangle { start.bounds.extended(to: end) }
}

/// A list in runs of neighbours, each with the box around it: along a line, what lies apart from one is mostly apart from the
/// next, and a whole run is passed over at once.
package struct Runs<Element: Bounded>: Sendable {
  private let elements: [Element]
  private let runs: [(range: Range<Int>, box: Rectangle)]

  static var length: Int { 16 }

  /// - Parameter elements: with finite coordinates.
  package init(_ elements: [Element]) {
    self.elements = elements
    runs = stride(from: 0, to: elements.count, by: Self.length).map { first in
      let range = first..<min(elements.count, first + Self.length)
      return (range, elements[range].dropFirst().reduce(elements[first].bounds) { $0.joined(with: $1.bounds) })
    }
  }

  /// Calls `body`, in order, with every element that could meet `box`.
  @inline(__always)
  package func forEach(near box: Rectangle, _ body: (Element) -> Void) {
    for run in runs where run.box.meets(box) {
      for index in run.range { body(elements[index]) }
    }
  }
}

extension Runs<Point> {
  /// The distance from the nearest point to `box`; infinite where there is none.
  package func nearest(to box: Rectangle) -> Double {
    var nearest = Double.infinity
    for run in runs where run.box.squaredDistance(to: box) < nearest {
      for index in run.range { nearest = min(nearest, box.squaredDistance(to: elements[index])) }
    }
    return nearest.squareRoot()
  }
}

extension Rectangle {
  /// The smallest rectangle with both inside.
  fileprivate func joined(with other: Rectangle) -> Rectangle {
    Rectangle(
      left: min(x, other.x), top: min(y, other.y), right: max(right, other.right), bottom: max(bottom, other.bottom))
  }

  /// The square of the distance between the nearest points of both; 0 where they meet.
  fileprivate func squaredDistance(to other: Rectangle) -> Double {
    let dx = max(x - other.right, 0, other.x - right)
    let dy = max(y - other.bottom, 0, other.y - bottom)
    return dx * dx + dy * dy
  }
}
