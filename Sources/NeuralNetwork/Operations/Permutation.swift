/// The axes in another order.
public struct Permutation: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Permutation"

  /// By axis of the output: the axis of the input.
  public let order: [Int]

  /// A permutation; (H, W, C) → (C, H, W) is [2, 0, 1].
  public init(_ order: [Int]) { self.order = order }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let extents = inputs[0].dimensions
    guard order.sorted() == Array(extents.indices) else {
      throw error("axes \(tuple(order)) of an input of shape \(inputs[0])", expected: "each of its axes once")
    }
    return try Shape(order.map { extents[$0] })
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    IndexMap(inputs[0].shape.dimensions, order: order).gather(inputs[0], shape: shape)
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    OperationGradient([
      IndexMap(inputs[0].shape.dimensions, order: order).scatter(gradient, shape: inputs[0].shape)
    ])
  }
}
