/// The transpose of a convolution: each input position adds the kernel, scaled, to the outputs under it.
public struct TransposedConvolution: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "TransposedConvolution"

  /// How the kernel moves over the output; its edge is not used.
  public let geometry: WindowGeometry
  /// Rows and columns cut off the output, and added behind its last ones.
  public let top: Int, left: Int, bottom: Int, right: Int
  /// Channels in and out, and how many groups divide both.
  public let inputChannels: Int, filters: Int, groups: Int
  /// (height, width, filters / groups, inputChannels), row-major; (filters) or none.
  public var kernel: [Float], bias: [Float]
  /// See `LayerOperation`.
  public var fanIn: Int? { kernel.count / filters }
  /// See `LayerOperation`.
  public var activation: Activation

  /// - Parameters:
  ///   - top, left, bottom, right: rows and columns cut off the full output of (H - 1) x stride + reach; negative ones are
  ///     added, as an output padding is at bottom and right.
  /// - Throws: `NetworkError` where groups do not divide the channels or the weights have other sizes.
  public init(
    _ geometry: WindowGeometry, top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0, inputChannels: Int,
    filters: Int, groups: Int = 1, kernel: [Float], bias: [Float]? = nil, activation: Activation = .linear
  ) throws {
    guard groups > 0, inputChannels % groups == 0, filters % groups == 0 else {
      throw NetworkError(
        "groups", found: "\(groups) of \(inputChannels) input channels and \(filters) filters",
        expected: "a number that divides both")
    }
    let count = geometry.taps * (filters / groups) * inputChannels
    guard kernel.count == count, bias?.count ?? filters == filters else {
      throw NetworkError(
        "kernel", found: "\(kernel.count) weights, \(bias?.count ?? 0) biases", expected: "\(count), \(filters)")
    }
    (self.geometry, self.top, self.left, self.bottom, self.right) = (geometry, top, left, bottom, right)
    (self.inputChannels, self.filters, self.groups) = (inputChannels, filters, groups)
    (self.kernel, self.bias, self.activation) = (kernel, bias ?? [], activation)
  }

  private var inputsPerGroup: Int { inputChannels / groups }
  private var filtersPerGroup: Int { filters / groups }

  /// See `LayerOperation`.
  public var arrays: [(name: String, shape: [Int], values: [Float])] {
    [("kernel", [geometry.height, geometry.width, filtersPerGroup, inputChannels], kernel)]
      + (bias.isEmpty ? [] : [("bias", [filters], bias)])
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    try requireFeatureMap(inputs[0])
    guard inputs[0].channels == inputChannels else {
      throw NetworkError("kernel", found: "\(inputChannels) input channels", expected: "\(inputs[0].channels)")
    }
    let extents = inputs[0].dimensions
    _ = try Shape([extents[0], extents[1], geometry.height, geometry.width, filtersPerGroup])
    return try Shape([
      (extents[0] - 1) * geometry.strideY + geometry.reachY - top - bottom,
      (extents[1] - 1) * geometry.strideX + geometry.reachX - left - right, filters,
    ])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) -> Tensor {
    let patches = patches(inputs[0].shape, shape)
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    let inner = geometry.taps * filtersPerGroup
    var columns = [Float](repeating: 0, count: patches.rows * inner)
    output.values.withUnsafeMutableBufferPointer { output in
      for group in 0..<groups {
        let kernel = groupKernel(group)
        for image in 0..<inputs[0].count {
          multiply(
            groupRows(inputs[0], image, patches.rows, group), kernel, &columns, rows: patches.rows,
            inner: inputsPerGroup, columns: inner, transposeRight: true)
          patches.scatter(
            columns, channels: group * filtersPerGroup..<(group + 1) * filtersPerGroup,
            addingTo: output.baseAddress! + image * shape.count)
        }
      }
      if !bias.isEmpty {
        for start in stride(from: 0, to: output.count, by: filters) {
          for filter in 0..<filters { output[start + filter] += bias[filter] }
        }
      }
      activation.apply(to: output, width: filters)
    }
    return output
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) -> OperationGradient {
    let patches = patches(inputs[0].shape, gradient.shape)
    let (inner, own) = (geometry.taps * filtersPerGroup, inputsPerGroup)
    var weights = WeightGradient(kernel: kernel.count, bias: bias.count)
    var result = Tensor(zeros: inputs[0].count, shape: inputs[0].shape)
    var columns = [Float](repeating: 0, count: patches.rows * inner)
    gradient.values.withUnsafeBufferPointer { weights.addBias($0) }
    for group in 0..<groups {
      let kernel = groupKernel(group)
      var kernelGradient = [Float](repeating: 0, count: inner * own)
      var slope = [Float](repeating: 0, count: patches.rows * own)
      for image in 0..<inputs[0].count {
        gradient.values.withUnsafeBufferPointer {
          patches.gather(
            $0.baseAddress! + image * gradient.shape.count,
            channels: group * filtersPerGroup..<(group + 1) * filtersPerGroup, into: &columns)
        }
        let rows = groupRows(inputs[0], image, patches.rows, group)
        multiply(
          columns, rows, &kernelGradient, rows: inner, inner: patches.rows, columns: own, accumulate: true,
          transposeLeft: true)
        multiply(columns, kernel, &slope, rows: patches.rows, inner: inner, columns: own)
        for row in 0..<patches.rows {
          for channel in 0..<own {
            result.values[(image * patches.rows + row) * inputChannels + group * own + channel] =
              slope[row * own + channel]
          }
        }
      }
      for row in 0..<inner {
        for channel in 0..<own {
          weights.kernel[row * inputChannels + group * own + channel] = kernelGradient[row * own + channel]
        }
      }
    }
    return OperationGradient([result], weights: weights)
  }

  /// The windows lie over the output, one for each position of the input.
  private func patches(_ input: Shape, _ output: Shape) -> DilatedPatches {
    DilatedPatches(
      geometry, map: output, height: input.dimensions[0], width: input.dimensions[1], top: top, left: left)
  }

  /// (taps x filters / groups, inputChannels / groups)
  private func groupKernel(_ group: Int) -> [Float] {
    NeuralNetwork.columns(
      group * inputsPerGroup..<(group + 1) * inputsPerGroup, of: kernel[...], width: inputChannels)
  }

  /// (positions, inputChannels / groups)
  private func groupRows(_ input: Tensor, _ image: Int, _ rows: Int, _ group: Int) -> [Float] {
    let size = rows * inputChannels
    return NeuralNetwork.columns(
      group * inputsPerGroup..<(group + 1) * inputsPerGroup, of: input.values[image * size..<(image + 1) * size],
      width: inputChannels)
  }

  /// See `LayerOperation`.
  public func silencing(_ channels: Set<Int>) -> TransposedConvolution? {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices {
      let (row, input) = index.quotientAndRemainder(dividingBy: inputChannels)
      if channels.contains(input / inputsPerGroup * filtersPerGroup + row % filtersPerGroup) { copy.kernel[index] = 0 }
    }
    for index in copy.bias.indices where channels.contains(index) { copy.bias[index] = 0 }
    return copy
  }

  /// See `LayerOperation`.
  public func silencingInput(_ channels: Set<Int>) -> TransposedConvolution? {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices where channels.contains(index % inputChannels) { copy.kernel[index] = 0 }
    return copy
  }
}
