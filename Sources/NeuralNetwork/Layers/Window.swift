/// How a window (a convolution kernel or a pool) moves over a feature map.
public struct Window: Equatable, Sendable {
  /// What lies beyond the edge: `valid` windows stay inside; `same` ones give ceil(extent / stride) positions.
  public enum Padding: String, Sendable { case valid, same }

  /// Height and width of the window, in pixels.
  public let height: Int, width: Int
  /// Vertical and horizontal steps, in pixels.
  public let strideY: Int, strideX: Int
  /// What lies beyond the edge.
  public let padding: Padding

  /// - Throws: `NetworkError` where a size or stride is not in 1...65,536.
  public init(height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, padding: Padding = .valid) throws {
    for extent in [height, width, strideY, strideX] where !(1...65_536).contains(extent) {
      throw NetworkError("window", found: "a size or stride of \(extent)", expected: "1...65536")
    }
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.padding = padding
  }

  /// Where the windows lie over a map of a given size.
  struct Placement {
    /// Positions of the window.
    let height: Int, width: Int
    /// Rows above and columns left of the map that the first window covers.
    let top: Int, left: Int
  }

  /// - Parameter input: (H, W, C)
  func placement(over input: Shape) throws -> Placement {
    let (rows, top) = try positions(extent: input.dimensions[0], window: height, stride: strideY)
    let (columns, left) = try positions(extent: input.dimensions[1], window: width, stride: strideX)
    return Placement(height: rows, width: columns, top: top, left: left)
  }

  /// Source: TensorFlow, "Neural network" API guide, section on padding.
  private func positions(extent: Int, window: Int, stride: Int) throws -> (count: Int, before: Int) {
    switch padding {
    case .valid:
      guard extent >= window else {
        throw NetworkError("window", found: "an input of \(extent) pixels", expected: "at least \(window)")
      }
      return ((extent - window) / stride + 1, 0)
    case .same:
      let count = (extent + stride - 1) / stride
      return (count, max(0, (count - 1) * stride + window - extent) / 2)
    }
  }
}
