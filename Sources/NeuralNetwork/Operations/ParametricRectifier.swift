/// x where it is positive, else x times a slope that was learned.
///
/// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 1.
public struct ParametricRectifier: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "ParametricRectifier"

  /// The extents of the slopes, aligned at the last axis of the input.
  public let shape: [Int]
  /// The slopes.
  public var kernel: [Float]

  /// - Precondition: as many slopes as `shape` has.
  public init(shape: [Int], slopes: [Float]) {
    precondition(slopes.count == shape.reduce(1, *), "slopes have a shape")
    (self.shape, kernel) = (shape, slopes)
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule { .keepsZero }
  /// See `LayerOperation`.
  public var arrays: [(name: String, shape: [Int], values: [Float])] { [("alpha", shape, kernel)] }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    guard shape.count <= inputs[0].dimensions.count,
      broadcastShape([inputs[0].dimensions, shape]) == inputs[0].dimensions
    else { throw error("slopes of shape \(tuple(shape))", expected: "extents of \(inputs[0]), or 1") }
    return inputs[0]
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = inputs[0]
    let places = IndexMap(broadcasting: self.shape, to: shape.dimensions).sources
    for index in output.values.indices where !(output.values[index] > 0) {
      output.values[index] *= kernel[Int(places[index % places.count])]
    }
    return output
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    var result = gradient
    var weights = WeightGradient(kernel: kernel.count, bias: 0)
    let places = IndexMap(broadcasting: shape, to: gradient.shape.dimensions).sources
    for index in result.values.indices where !(inputs[0].values[index] > 0) {
      let place = Int(places[index % places.count])
      weights.kernel[place] += gradient.values[index] * inputs[0].values[index]
      result.values[index] *= kernel[place]
    }
    return OperationGradient([result], weights: weights)
  }
}
