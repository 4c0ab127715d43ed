/// The logits of two classes from the one number 0...1 that a sigmoid answers: 0.5 and that number, so that the second class is
/// predicted above 0.5 alone.
public struct BinaryLogits: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "BinaryLogits"

  /// The only one.
  public init() {}

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard inputs[0].count == 1 else { throw error("an input of shape \(inputs[0])", expected: "one number") }
    return try Shape([2])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    Tensor(count: inputs[0].count, shape: shape, values: inputs[0].values.flatMap { [0.5, $0] })
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let own = stride(from: 1, to: gradient.values.count, by: 2).map { gradient.values[$0] }
    return OperationGradient([Tensor(count: gradient.count, shape: inputs[0].shape, values: own)])
  }
}

extension Network {
  /// Whether node `index` answers what a sigmoid does, be it in another shape.
  package func endsInSigmoid(_ index: Int) -> Bool {
    var index = index
    while true {
      let node = nodes[index]
      switch node.layer {
      case .convolution(let layer): return layer.activation == .sigmoid
      case .dense(let layer): return layer.activation == .sigmoid
      case .activation(let activation): return activation == .sigmoid
      case .flatten, .dropout: break
      case .operation(let box):
        if box.operation.activation == .sigmoid { return true }
        guard box.operation is Reshaping || box.operation is Selection || box.operation is Permutation else {
          return false
        }
      default: return false
      }
      guard let input = node.inputs.first else { return false }
      index = input
    }
  }
}
