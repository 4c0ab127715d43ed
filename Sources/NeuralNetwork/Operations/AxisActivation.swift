/// Softmax, or another function of whole rows, along any axis.
public struct AxisActivation: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "AxisActivation"

  /// The function of rows.
  public let function: Activation
  /// The axis along which a row lies.
  public let axis: Int

  /// `function` along `axis`.
  public init(_ function: Activation, axis: Int) { (self.function, self.axis) = (function, axis) }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard inputs[0].dimensions.indices.contains(axis) else {
      throw error("axis \(axis) of an input of shape \(inputs[0])", expected: "an axis of its input")
    }
    return inputs[0]
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) throws -> Tensor {
    let (turn, turned) = try turn(shape)
    var rows = turn.forward(inputs, shape: turned)
    rows.values.withUnsafeMutableBufferPointer { function.apply(to: $0, width: turned.channels) }
    return turn.forward([rows], shape: shape)
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) throws -> OperationGradient {
    let (turn, turned) = try turn(output.shape)
    let (x, y) = (turn.forward(inputs, shape: turned), turn.forward([output], shape: turned))
    var slope = turn.forward([gradient], shape: turned)
    function.backward(input: x, output: y, gradient: &slope)
    return OperationGradient([turn.forward([slope], shape: output.shape)])
  }

  /// The axis changes places with the last one, which is its own inverse.
  private func turn(_ shape: Shape) throws -> (Permutation, Shape) {
    var order = Array(shape.dimensions.indices)
    order.swapAt(axis, order.count - 1)
    return (Permutation(order), try Shape(order.map { shape.dimensions[$0] }))
  }
}
