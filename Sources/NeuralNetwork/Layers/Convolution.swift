/// A two-dimensional convolution (a cross-correlation, as everywhere in this field) with bias and activation.
public struct Convolution: Equatable, Sendable {
  /// How the kernel moves.
  public let window: Window
  /// Channels in and out.
  public let inputChannels: Int, filters: Int
  /// (window.height, window.width, inputChannels, filters), row-major.
  public var kernel: [Float]
  /// (filters), or nil for a layer without one.
  public var bias: [Float]?
  /// Applied to every output.
  public var activation: Activation

  /// A layer with these weights.
  /// - Precondition: `kernel` and `bias` have the sizes above.
  public init(
    window: Window, inputChannels: Int, filters: Int, kernel: [Float], bias: [Float]?, activation: Activation = .linear
  ) {
    precondition(kernel.count == window.height * window.width * inputChannels * filters, "kernel is (h, w, in, out)")
    precondition(bias.map { $0.count == filters } ?? true, "bias is (out)")
    self.window = window
    self.inputChannels = inputChannels
    self.filters = filters
    self.kernel = kernel
    self.bias = bias
    self.activation = activation
  }

  func outputShape(_ input: Shape) throws -> Shape {
    try requireFeatureMap(input)
    guard input.channels == inputChannels else {
      throw NetworkError("kernel", found: "\(inputChannels) input channels", expected: "\(input.channels)")
    }
    let placement = try window.placement(over: input)
    // One image's patches are a matrix in memory; a kernel as large as a large image would make it terabytes.
    _ = try Shape([placement.height, placement.width, window.height, window.width, inputChannels])
    return try Shape([placement.height, placement.width, filters])
  }

  /// The kernel as a matrix is (window x inputChannels, filters); the patches under it are the other factor.
  func forward(_ input: Tensor, shape: Shape) throws -> Tensor {
    let patches = try Patches(window: window, input: input.shape)
    var output = Tensor(zeros: input.count, shape: shape)
    var columns = [Float](repeating: 0, count: patches.rows * patches.columns)
    output.values.withUnsafeMutableBufferPointer { output in
      if let bias { fillRows(output, with: bias) }
      columns.withUnsafeMutableBufferPointer { columns in
        input.values.withUnsafeBufferPointer { input in
          kernel.withUnsafeBufferPointer { kernel in
            for image in 0..<(output.count / shape.count) {
              patches.gather(input.baseAddress! + image * patches.input.count, into: columns.baseAddress!)
              multiply(
                columns.baseAddress!, kernel.baseAddress!, output.baseAddress! + image * shape.count,
                rows: patches.rows, inner: patches.columns, columns: filters, accumulate: true)
            }
          }
        }
      }
      activation.apply(to: output, width: filters)
    }
    return output
  }

  /// The gradients with respect to the kernel, the bias and, where it is wanted, the input.
  ///
  /// With P the patches of one image, dK = Pᵀ dY and dP = dY Kᵀ, added back to where the patches came from.
  /// - Parameter gradient: with respect to the sums before the activation, (N, H, W, filters).
  func backward(_ input: Tensor, gradient: Tensor, wantsInput: Bool) throws -> (input: Tensor?, weights: WeightGradient)
  {
    let patches = try Patches(window: window, input: input.shape)
    var weights = WeightGradient(kernel: kernel.count, bias: bias?.count ?? 0)
    var inputGradient = wantsInput ? Tensor(zeros: input.count, shape: input.shape) : nil
    var columns = [Float](repeating: 0, count: patches.rows * patches.columns)
    columns.withUnsafeMutableBufferPointer { columns in
      input.values.withUnsafeBufferPointer { values in
        gradient.values.withUnsafeBufferPointer { gradient in
          weights.addBias(gradient)
          for image in 0..<input.count {
            let upstream = gradient.baseAddress! + image * patches.rows * filters
            patches.gather(values.baseAddress! + image * patches.input.count, into: columns.baseAddress!)
            weights.kernel.withUnsafeMutableBufferPointer {
              multiply(
                columns.baseAddress!, upstream, $0.baseAddress!, rows: patches.columns, inner: patches.rows,
                columns: filters, accumulate: true, transposeLeft: true)
            }
            inputGradient?.values.withUnsafeMutableBufferPointer { result in
              kernel.withUnsafeBufferPointer {
                multiply(
                  upstream, $0.baseAddress!, columns.baseAddress!, rows: patches.rows, inner: filters,
                  columns: patches.columns, transposeRight: true)
              }
              patches.scatter(columns.baseAddress!, addingTo: result.baseAddress! + image * patches.input.count)
            }
          }
        }
      }
    }
    return (inputGradient, weights)
  }

  /// A copy whose filters `channels` answer 0 everywhere.
  func silencing(_ channels: Set<Int>) -> Convolution {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices where channels.contains(index % filters) { copy.kernel[index] = 0 }
    if copy.bias != nil { for channel in channels { copy.bias?[channel] = 0 } }
    return copy
  }
}

/// Sets every row of `matrix` to `row`.
func fillRows(_ matrix: UnsafeMutableBufferPointer<Float>, with row: [Float]) {
  for start in stride(from: 0, to: matrix.count, by: row.count) {
    for index in row.indices { matrix[start + index] = row[index] }
  }
}

/// - Throws: `NetworkError` where `shape` is not (H, W, C).
func requireFeatureMap(_ shape: Shape) throws {
  guard shape.dimensions.count == 3 else {
    throw NetworkError("input", found: "shape \(shape)", expected: "a feature map (height, width, channels)")
  }
}
