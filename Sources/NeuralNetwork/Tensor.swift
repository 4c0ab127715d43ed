/// The shape of one image's value inside a network: (height, width, channels) for feature maps, (features) for vectors.
///
/// Shape letters in this module: N images, H height, W width, C channels, F features.
public struct Shape: Equatable, Sendable, CustomStringConvertible {
  /// The extents, outermost first; the last one is contiguous in memory.
  public let dimensions: [Int]

  /// The largest number of values that one image may have at any layer: 2^28, a gigabyte of floats.
  public static let maximumCount = 1 << 28

  /// - Throws: `NetworkError` where an extent is not positive or the product passes `maximumCount`.
  public init(_ dimensions: [Int]) throws {
    var count = 1
    for extent in dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow, product <= Shape.maximumCount else {
        throw NetworkError(
          "shape (\(dimensions.map(String.init).joined(separator: ", ")))", found: "an extent out of range",
          expected: "positive extents and at most \(Shape.maximumCount) values")
      }
      count = product
    }
    self.dimensions = dimensions
  }

  /// Values per image.
  public var count: Int { dimensions.reduce(1, *) }

  /// The extent of the last axis: channels of a feature map, features of a vector.
  public var channels: Int { dimensions.last ?? 1 }

  /// Positions per channel: H x W of a feature map, 1 of a vector.
  public var positions: Int { count / channels }

  /// `(55, 47, 3)`
  public var description: String { "(\(dimensions.map(String.init).joined(separator: ", ")))" }
}

/// N images' values of one shape: (N, H, W, C) or (N, F), row-major.
public struct Tensor: Sendable {
  /// N, the number of images.
  public let count: Int
  /// The shape of one image's value.
  public let shape: Shape
  /// `count * shape.count` numbers.
  public var values: [Float]

  /// - Precondition: `values` has `count * shape.count` numbers.
  public init(count: Int, shape: Shape, values: [Float]) {
    precondition(values.count == count * shape.count, "a tensor holds count x shape values")
    self.count = count
    self.shape = shape
    self.values = values
  }

  /// A tensor of zeros.
  public init(zeros count: Int, shape: Shape) {
    self.init(count: count, shape: shape, values: [Float](repeating: 0, count: count * shape.count))
  }

  /// The images in `range`, copied where they are not all.
  public func images(_ range: Range<Int>) -> Tensor {
    if range == 0..<count { return self }
    let size = shape.count
    return Tensor(
      count: range.count, shape: shape, values: Array(values[range.lowerBound * size..<range.upperBound * size]))
  }
}

/// Arrays of some lengths whose numbers `write` gives all at once.
func arrays(
  _ counts: [Int], _ pointers: [UnsafeMutablePointer<Float>] = [],
  _ write: ([UnsafeMutablePointer<Float>]) throws -> Void
) rethrows -> [[Float]] {
  guard pointers.count < counts.count else {
    try write(pointers)
    return []
  }
  let count = counts[pointers.count]
  var others: [[Float]] = []
  let array = try [Float](unsafeUninitializedCapacity: max(1, count)) { numbers, initialized in
    others = try arrays(counts, pointers + [numbers.baseAddress!], write)
    initialized = count
  }
  return [array] + others
}
