/// A position in typographic points (1/72 inch); x grows to the right, y grows downwards.
public struct Point: Equatable, Hashable, Sendable {
  /// Distance from the left edge, in points.
  public var x: Double
  /// Distance from the top edge, in points.
  public var y: Double

  /// A position from its two coordinates.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// A width and a height in points.
public struct Size: Equatable, Hashable, Sendable {
  /// Extent from left to right, in points.
  public var width: Double
  /// Extent from top to bottom, in points.
  public var height: Double

  /// A size from its two extents.
  public init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }
}

/// An axis-parallel rectangle in points, given by its top-left corner and its size.
public struct Rectangle: Equatable, Hashable, Sendable {
  /// Left edge.
  public var x: Double
  /// Top edge.
  public var y: Double
  /// Extent to the right.
  public var width: Double
  /// Extent downwards.
  public var height: Double

  /// A rectangle from its top-left corner and its size.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// A rectangle from its four edges; right ≥ left and bottom ≥ top.
  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.init(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The x coordinate of the right edge.
  public var right: Double { x + width }
  /// The y coordinate of the bottom edge.
  public var bottom: Double { y + height }
  /// The point half way between all edges.
  public var center: Point { Point(x + width / 2, y + height / 2) }

  /// The rectangle with each edge moved inwards by `distance` points (outwards where negative).
  public func inset(by distance: Double) -> Rectangle {
    Rectangle(x: x + distance, y: y + distance, width: width - 2 * distance, height: height - 2 * distance)
  }

  /// Whether `other` lies wholly inside; touching edges are inside.
  public func contains(_ other: Rectangle) -> Bool {
    other.x >= x && other.y >= y && other.right <= right && other.bottom <= bottom
  }

  /// The area common to both, in square points; 0 where they only touch.
  public func overlap(with other: Rectangle) -> Double {
    let width = min(right, other.right) - max(x, other.x)
    let height = min(bottom, other.bottom) - max(y, other.y)
    return width > 0 && height > 0 ? width * height : 0
  }
}
