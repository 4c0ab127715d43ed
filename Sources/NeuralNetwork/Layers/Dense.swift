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

  /// The gradients with respect to the kernel, the bias and, where it is wanted, the input: dK = Xᵀ dY, dX = dY Kᵀ.
  /// - Parameter gradient: with respect to the sums before the activation, (N, units).
  func backward(_ input: Tensor, gradient: Tensor, wantsInput: Bool) -> (input: Tensor?, weights: WeightGradient) {
    var weights = WeightGradient(kernel: kernel.count, bias: bias?.count ?? 0)
    var inputGradient = wantsInput ? Tensor(zeros: input.count, shape: input.shape) : nil
    let rows = input.values.count / inputs
    gradient.values.withUnsafeBufferPointer { gradient in
      weights.addBias(gradient)
      input.values.withUnsafeBufferPointer { input in
        weights.kernel.withUnsafeMutableBufferPointer {
          multiply(
            input.baseAddress!, gradient.baseAddress!, $0.baseAddress!, rows: inputs, inner: rows, columns: units,
            transposeLeft: true)
        }
      }
      inputGradient?.values.withUnsafeMutableBufferPointer { result in
        kernel.withUnsafeBufferPointer {
          multiply(
            gradient.baseAddress!, $0.baseAddress!, result.baseAddress!, rows: rows, inner: units, columns: inputs,
            transposeRight: true)
        }
      }
    }
    return (inputGradient, weights)
  }

  /// A copy whose units `channels` answer 0 everywhere.
  func silencing(_ channels: Set<Int>) -> Dense {
    var copy = self
    for index in copy.kernel.indices where channels.contains(index % units) { copy.kernel[index] = 0 }
    if copy.bias != nil { for channel in channels { copy.bias?[channel] = 0 } }
    return copy
  }
}
