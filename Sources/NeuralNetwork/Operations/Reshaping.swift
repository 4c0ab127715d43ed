/// The same numbers in the same order, as another shape.
public struct Reshaping: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Reshaping"

  /// The new extents; one of them may be -1, for what is left.
  public let extents: [Int]

  /// - Parameter extents: none for one number.
  public init(_ extents: [Int]) { self.extents = extents.isEmpty ? [1] : extents }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    let count = inputs[0].count
    var known = 1
    for extent in extents where extent != -1 {
      let (product, overflow) = known.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow else { throw mismatch(inputs[0]) }
      known = product
    }
    let open = extents.count { $0 == -1 }
    guard open <= 1, open == 1 ? count % known == 0 : count == known else { throw mismatch(inputs[0]) }
    return try Shape(extents.map { $0 == -1 ? count / known : $0 })
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    Tensor(count: inputs[0].count, shape: shape, values: inputs[0].values)
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    OperationGradient([Tensor(count: gradient.count, shape: inputs[0].shape, values: gradient.values)])
  }

  private func mismatch(_ input: Shape) -> NetworkError {
    error("an input of shape \(input)", expected: "as many numbers as \(tuple(extents)) has")
  }
}
