/// Some indices along some axes: slices with any step, reversed axes, chosen channels, and repeated rows, as enlarging by the
/// nearest pixel is.
public struct Selection: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Selection"

  /// By axis: which indices of the input, in the order of the output; nil for all of them.
  public let indices: [[Int]?]

  /// A selection of these.
  public init(_ indices: [[Int]?]) { self.indices = indices }

  /// The same indices on one axis of a value with `rank` axes.
  public init(_ indices: [Int], axis: Int, rank: Int) {
    self.init((0..<rank).map { $0 == axis ? indices : nil })
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule { indices.last == .some(nil) ? .keepsZero : .mixes }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let extents = inputs[0].dimensions
    guard indices.count == extents.count else {
      throw error("an input of shape \(inputs[0])", expected: "\(indices.count) axes")
    }
    for (axis, extent) in extents.enumerated() {
      if let wrong = indices[axis]?.first(where: { !(0..<extent).contains($0) }) {
        throw error("index \(wrong) on axis \(axis)", expected: "0...\(extent - 1)")
      }
    }
    return try Shape(extents.indices.map { indices[$0]?.count ?? extents[$0] })
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    map(inputs[0].shape).gather(inputs[0], shape: shape)
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    OperationGradient([map(inputs[0].shape).scatter(gradient, shape: inputs[0].shape)])
  }

  private func map(_ input: Shape) -> IndexMap {
    IndexMap(
      input.dimensions, axes: input.dimensions.enumerated().map { indices[$0] ?? Array(0..<$1) })
  }
}
