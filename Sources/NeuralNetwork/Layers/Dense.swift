/// A fully connected layer: y = activation(x W + b).
public struct Dense: Equatable, Sendable {
  /// Features in and out.
  public let inputs: Int, units: Int
  /// (inputs, units), row-major.
  public var kernel: [Float]
  /// (units), or nil for a layer without one.
  public var bias: [Float]?
  /// Applied to every output.
  public var activation: Activation

  /// A layer with these weights.
  /// - Precondition: `kernel` and `bias` have the sizes above.
  public init(inputs: Int, units: Int, kernel: [Float], bias: [Float]?, activation: Activation = .linear) {
    precondition(kernel.count == inputs * units, "kernel is (in, out)")
    precondition(bias.map { $0.count == units } ?? true, "bias is (out)")
    self.inputs = inputs
    self.units = units
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
  }

  /// Works on the last axis, as Keras does: (F) or (H, W, C).
  func outputShape(_ input: Shape) throws -> Shape {
    guard input.channels == inputs else {
      throw NetworkError("kernel", found: "\(inputs) inputs", expected: "\(input.channels)")
    }
    return try Shape(input.dimensions.dropLast() + [units])
  }

  func forward(_ input: Tensor, shape: Shape) -> Tensor {
    var output = Tensor(zeros: input.count, shape: shape)
    output.values.withUnsafeMutableBufferPointer { output in
      if let bias { fillRows(output, with: bias) }
      input.values.withUnsafeBufferPointer { input in
        kernel.withUnsafeBufferPointer { kernel in
          multiply(
            input.baseAddress!, kernel.baseAddress!, output.baseAddress!,
            rows: input.count / inputs, inner: inputs, columns: units, accumulate: true)
        }
      }
      activation.apply(to: output, width: units)
    }
    return output
  }

  /// The gradient with respect to the input: dX = dY Kᵀ.
  /// - Parameter gradient: with respect to the sums before the activation, (N, units).
  func inputGradient(_ gradient: Tensor, shape: Shape) -> Tensor {
    var result = Tensor(zeros: gradient.count, shape: shape)
    result.values.withUnsafeMutableBufferPointer { result in
      gradient.values.withUnsafeBufferPointer { gradient in
        kernel.withUnsafeBufferPointer {
          multiply(
            gradient.baseAddress!, $0.baseAddress!, result.baseAddress!, rows: gradient.count / units, inner: units,
            columns: inputs, transposeRight: true)
        }
      }
    }
    return result
  }

  /// A copy whose units `channels` answer 0 everywhere.
  func silencing(_ channels: Set<Int>) -> Dense {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices where channels.contains(index % units) { copy.kernel[index] = 0 }
    if copy.bias != nil { for channel in channels { copy.bias?[channel] = 0 } }
    return copy
  }
}
