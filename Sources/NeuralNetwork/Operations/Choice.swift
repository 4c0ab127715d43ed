/// One of two values at each place, as the first input decides: where that is above 0 the one, else the other. Each is a number, or
/// another input.
public struct Choice: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Choice"

  /// The number where the first input is above 0, and elsewhere; nil for the next input.
  public let positive: Float?, other: Float?

  /// - Parameters:
  ///   - positive: taken where the first input is above 0; nil for the second input.
  ///   - other: taken elsewhere; nil for the next input.
  public init(positive: Float? = nil, other: Float? = nil) { (self.positive, self.other) = (positive, other) }

  /// See `LayerOperation`.
  public var arity: ClosedRange<Int> {
    let count = 1 + [positive, other].count { $0 == nil }
    return count...count
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard Set(inputs.map(\.dimensions.count)).count == 1, let shape = broadcastShape(inputs.map(\.dimensions)) else {
      throw error(
        "inputs of shapes \(inputs.map(\.description).joined(separator: " and "))",
        expected: "equal shapes, or extents of 1")
    }
    return try Shape(shape)
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let inputs = inputs.map { $0.broadcast(to: shape) }
    let (first, second) = (positive == nil ? inputs[1] : nil, other == nil ? inputs[inputs.count - 1] : nil)
    var result = inputs[0]
    for index in result.values.indices {
      result.values[index] =
        result.values[index] > 0
        ? positive ?? first?.values[index] ?? 0 : other ?? second?.values[index] ?? 0
    }
    return result
  }

  /// What decides has no gradient; the others have theirs where they were taken.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let condition = inputs[0].broadcast(to: output.shape)
    var results = [Tensor(zeros: inputs[0].count, shape: inputs[0].shape)]
    func add(_ input: Tensor, where isTaken: (Float) -> Bool) {
      var own = gradient
      for index in own.values.indices where !isTaken(condition.values[index]) { own.values[index] = 0 }
      results.append(own.summed(to: input.shape))
    }
    if positive == nil { add(inputs[1]) { $0 > 0 } }
    if other == nil { add(inputs[inputs.count - 1]) { !($0 > 0) } }
    return OperationGradient(results)
  }
}
