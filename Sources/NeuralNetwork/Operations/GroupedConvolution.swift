/// A convolution with gaps, any padding, and channels in groups: each group of outputs reads its own group of inputs. With as
/// many groups as channels it is a depthwise one.
public struct GroupedConvolution: LayerOperation {
  /// See `LayerOperation`.
  public static let name = "GroupedConvolution"

  /// How the kernel moves.
  public let geometry: WindowGeometry
  /// Channels in and out, and how many groups divide both.
  public let inputChannels: Int, filters: Int, groups: Int
  /// (height, width, inputChannels / groups, filters), row-major; (filters) or none.
  public var kernel: [Float], bias: [Float]
  /// See `LayerOperation`.
  public var fanIn: Int? { kernel.count / filters }
  /// See `LayerOperation`.
  public var activation: Activation
  /// Whether Keras calls it a depthwise one, whose kernel has the shape (height, width, inputChannels, multiplier).
  public let isDepthwise: Bool

  /// - Throws: `NetworkError` where groups do not divide the channels or the weights have other sizes.
  public init(
    _ geometry: WindowGeometry, inputChannels: Int, filters: Int, groups: Int, kernel: [Float], bias: [Float]? = nil,
    activation: Activation = .linear, isDepthwise: Bool = false
  ) throws {
    guard groups > 0, inputChannels % groups == 0, filters % groups == 0 else {
      throw NetworkError(
        "groups", found: "\(groups) of \(inputChannels) input channels and \(filters) filters",
        expected: "a number that divides both")
    }
    let count = geometry.taps * (inputChannels / groups) * filters
    guard kernel.count == count, bias?.count ?? filters == filters else {
      throw NetworkError(
        "kernel", found: "\(kernel.count) weights, \(bias?.count ?? 0) biases", expected: "\(count), \(filters)")
    }
    (self.geometry, self.inputChannels, self.filters, self.groups) = (geometry, inputChannels, filters, groups)
    (self.kernel, self.bias, self.activation, self.isDepthwise) = (kernel, bias ?? [], activation, isDepthwise)
  }

  /// Whether each filter reads a channel of its own, as many filters as channels.
  var isChannelwise: Bool { groups == inputChannels && filters == groups }

  private var inputsPerGroup: Int { inputChannels / groups }
  private var filtersPerGroup: Int { filters / groups }

  /// See `LayerOperation`.
  public var arrays: [(name: String, shape: [Int], values: [Float])] {
    let shape =
      [geometry.height, geometry.width]
      + (isDepthwise ? [inputChannels, filtersPerGroup] : [inputsPerGroup, filters])
    return [("kernel", shape, kernel)] + (bias.isEmpty ? [] : [("bias", [filters], bias)])
  }

  /// See `LayerOperation`.
  public func outputShape(_ inputs: [Shape]) throws -> Shape {
    try requireFeatureMap(inputs[0])
    guard inputs[0].channels == inputChannels else {
      throw NetworkError("kernel", found: "\(inputChannels) input channels", expected: "\(inputs[0].channels)")
    }
    let placement = try geometry.placement(over: inputs[0])
    // The patches of one image and one group are a matrix in memory.
    _ = try Shape([placement.height, placement.width, geometry.height, geometry.width, inputsPerGroup])
    return try Shape([placement.height, placement.width, filters])
  }

  /// See `LayerOperation`.
  public func forward(_ inputs: [Tensor], shape: Shape) throws -> Tensor {
    let patches = try DilatedPatches(geometry, over: inputs[0].shape)
    var output = Tensor(zeros: inputs[0].count, shape: shape)
    let isDeep = inputsPerGroup > 1
    let inner = geometry.taps * inputsPerGroup
    var columns = [Float](repeating: 0, count: isDeep ? patches.rows * inner : 0)
    output.values.withUnsafeMutableBufferPointer { output in
      if !bias.isEmpty { fillRows(output, with: bias) }
      inputs[0].values.withUnsafeBufferPointer { input in
        for image in 0..<inputs[0].count {
          let (from, to) = (
            input.baseAddress! + image * patches.map.count, output.baseAddress! + image * shape.count
          )
          if isDeep {
            columns.withUnsafeMutableBufferPointer { multiplyGroups(patches, from, to, $0.baseAddress!) }
          } else {
            convolveDepthwise(patches, from, to)
          }
        }
      }
      activation.apply(to: output, width: filters)
    }
    return output
  }

  private func multiplyGroups(
    _ patches: DilatedPatches, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    _ columns: UnsafeMutablePointer<Float>
  ) {
    let inner = geometry.taps * inputsPerGroup
    let kernels = Kernels.chosen
    for group in 0..<groups {
      let channels = group * inputsPerGroup..<(group + 1) * inputsPerGroup
      patches.gather(input, channels: channels, into: columns)
      kernel.withUnsafeBufferPointer { kernel in
        withUnsafeTemporaryAllocation(
          of: Float.self, capacity: kernels.matrixProductFloats(patches.rows, inner, filtersPerGroup) + 1
        ) { memory in
          kernels.multiplyMatrices(
            patches.rows, inner, filtersPerGroup, columns, inner, 1, kernel.baseAddress! + group * filtersPerGroup,
            filters, output + group * filtersPerGroup, filters, true, memory.baseAddress!)
        }
      }
    }
  }

  /// Each filter reads one channel: products of rows of channels, tap after tap.
  private func convolveDepthwise(
    _ patches: DilatedPatches, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    let (filters, channels, multiplier) = (filters, inputChannels, filtersPerGroup)
    kernel.withUnsafeBufferPointer { kernel in
      let kernel = kernel.baseAddress!
      patches.visit { row, tap, position in
        guard let position else { return }
        let (source, weights, target) = (input + position * channels, kernel + tap * filters, output + row * filters)
        if multiplier == 1 {
          for channel in 0..<channels { target[channel] += source[channel] * weights[channel] }
        } else {
          for filter in 0..<filters { target[filter] += source[filter / multiplier] * weights[filter] }
        }
      }
    }
  }

  /// See `LayerOperation`.
  public func backward(_ inputs: [Tensor], output: Tensor, gradient: Tensor) throws -> OperationGradient {
    let patches = try DilatedPatches(geometry, over: inputs[0].shape)
    let (inner, own) = (geometry.taps * inputsPerGroup, filtersPerGroup)
    var weights = WeightGradient(kernel: kernel.count, bias: bias.count)
    var result = Tensor(zeros: inputs[0].count, shape: inputs[0].shape)
    var matrix = [Float](repeating: 0, count: patches.rows * inner)
    gradient.values.withUnsafeBufferPointer { weights.addBias($0) }
    for group in 0..<groups {
      let channels = group * inputsPerGroup..<(group + 1) * inputsPerGroup
      let groupKernel = columns(group * own..<(group + 1) * own, of: kernel[...], width: filters)
      var groupGradient = [Float](repeating: 0, count: inner * own)
      for image in 0..<inputs[0].count {
        let first = image * gradient.shape.count
        let upstream = columns(
          group * own..<(group + 1) * own, of: gradient.values[first..<first + gradient.shape.count], width: filters)
        inputs[0].values.withUnsafeBufferPointer {
          patches.gather($0.baseAddress! + image * patches.map.count, channels: channels, into: &matrix)
        }
        multiply(
          matrix, upstream, &groupGradient, rows: inner, inner: patches.rows, columns: own, accumulate: true,
          transposeLeft: true)
        multiply(upstream, groupKernel, &matrix, rows: patches.rows, inner: own, columns: inner, transposeRight: true)
        result.values.withUnsafeMutableBufferPointer {
          patches.scatter(matrix, channels: channels, addingTo: $0.baseAddress! + image * patches.map.count)
        }
      }
      for row in 0..<inner {
        for filter in 0..<own {
          weights.kernel[row * filters + group * own + filter] = groupGradient[row * own + filter]
        }
      }
    }
    return OperationGradient([result], weights: weights)
  }

  /// See `LayerOperation`.
  public func silencing(_ channels: Set<Int>) -> GroupedConvolution? {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices where channels.contains(index % filters) { copy.kernel[index] = 0 }
    for index in copy.bias.indices where channels.contains(index) { copy.bias[index] = 0 }
    return copy
  }

  /// See `LayerOperation`.
  public func silencingInput(_ channels: Set<Int>) -> GroupedConvolution? {
    guard !channels.isEmpty else { return self }
    var copy = self
    for index in copy.kernel.indices {
      let (row, filter) = index.quotientAndRemainder(dividingBy: filters)
      let channel = filter / filtersPerGroup * inputsPerGroup + row % inputsPerGroup
      if channels.contains(channel) { copy.kernel[index] = 0 }
    }
    return copy
  }
}

/// Some columns of a matrix, copied.
/// - Parameter matrix: (rows, width)
func columns(_ range: Range<Int>, of matrix: ArraySlice<Float>, width: Int) -> [Float] {
  if range == 0..<width { return Array(matrix) }
  var result: [Float] = []
  result.reserveCapacity(matrix.count / width * range.count)
  for start in stride(from: matrix.startIndex, to: matrix.endIndex, by: width) {
    result += matrix[start + range.lowerBound..<start + range.upperBound]
  }
  return result
}
