/// Rows and columns computed from others, as enlarging and shrinking with interpolation do.
public struct Resampling: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "Resampling"

  /// What one output row or column is made of: indices of the input and their weights.
  public struct Tap: Equatable, Sendable {
    /// See `LayerOperation`.
    public let indices: [Int], weights: [Float]

    /// - Precondition: as many weights as indices.
    public init(indices: [Int], weights: [Float]) { (self.indices, self.weights) = (indices, weights) }
  }

  /// By output row, by output column.
  public let rows: [Tap], columns: [Tap]

  /// A map of `rows` by `columns`.
  public init(rows: [Tap], columns: [Tap]) { (self.rows, self.columns) = (rows, columns) }

  /// Linear interpolation between the two nearest.
  /// - Parameter place: where output index i lies on the input's axis; beyond the edge it takes the edge.
  public static func linear(from extent: Int, to count: Int, place: (Int) -> Double) -> [Tap] {
    (0..<count).map { index in
      let x = min(max(place(index), 0), Double(extent - 1))
      let first = min(Int(x), max(0, extent - 2))
      let fraction = Float(x - Double(first))
      return extent == 1 || fraction == 0
        ? Tap(indices: [extent == 1 ? 0 : first], weights: [1])
        : Tap(indices: [first, first + 1], weights: [1 - fraction, fraction])
    }
  }

  /// Cubic interpolation between the four nearest, the edge repeated beyond it.
  ///
  /// Source: Keys, "Cubic convolution interpolation for digital image processing", 1981, equation 4 with any a.
  public static func cubic(from extent: Int, to count: Int, a: Double, place: (Int) -> Double) -> [Tap] {
    (0..<count).map { index in
      let x = place(index)
      let first = x.rounded(.down)
      let weights = (-1...2).map { step -> Float in
        let t = abs(x - first - Double(step))
        if t <= 1 { return Float(((a + 2) * t - (a + 3)) * t * t + 1) }
        return t < 2 ? Float(((a * t - 5 * a) * t + 8 * a) * t - 4 * a) : 0
      }
      return Tap(indices: (-1...2).map { min(max(Int(first) + $0, 0), extent - 1) }, weights: weights)
    }
  }

  /// See `LayerOperation`.
  public var channels: ChannelRule { .keepsZero }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    try requireFeatureMap(inputs[0])
    for (taps, extent) in zip([rows, columns], inputs[0].dimensions) {
      if let wrong = taps.lazy.flatMap(\.indices).first(where: { !(0..<extent).contains($0) }) {
        throw error("a row or column \(wrong) of an input of shape \(inputs[0])", expected: "0...\(extent - 1)")
      }
    }
    return try Shape([rows.count, columns.count, inputs[0].channels])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    output.values.withUnsafeMutableBufferPointer { output in
      inputs[0].values.withUnsafeBufferPointer { input in
        visit(inputs[0], shape) { source, target, weight in
          for channel in 0..<shape.channels { output[target + channel] += input[source + channel] * weight }
        }
      }
    }
    return output
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    var result = Tensor(zeros: inputs[0].count, shape: inputs[0].shape)
    result.values.withUnsafeMutableBufferPointer { result in
      gradient.values.withUnsafeBufferPointer { gradient in
        visit(inputs[0], output.shape) { source, target, weight in
          for channel in 0..<output.shape.channels { result[source + channel] += gradient[target + channel] * weight }
        }
      }
    }
    return OperationGradient([result])
  }

  private func visit(_ input: Tensor, _ shape: Shape, _ body: (_ source: Int, _ target: Int, _ weight: Float) -> Void) {
    let (width, channels) = (input.shape.dimensions[1], shape.channels)
    for image in 0..<input.count {
      for (y, row) in rows.enumerated() {
        for (x, column) in columns.enumerated() {
          let target = image * shape.count + (y * columns.count + x) * channels
          for (sourceY, weightY) in zip(row.indices, row.weights) {
            for (sourceX, weightX) in zip(column.indices, column.weights) {
              body(image * input.shape.count + (sourceY * width + sourceX) * channels, target, weightY * weightX)
            }
          }
        }
      }
    }
  }
}
