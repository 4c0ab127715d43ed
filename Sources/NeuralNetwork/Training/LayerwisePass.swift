import Threads

/// The forward and backward pass of a batch, one layer after another over all of its images: for networks whose batch normalisation
/// needs the batch's statistics, or whose convolutions are too wide for `LaneLayers`.
struct LayerwisePass {
  private let network: Network
  private let threads: Int
  private let kernels: Kernels
  /// Whether batch normalisation uses the batch's statistics, and not the stored ones.
  private let usesBatch: Bool
  /// By node: whether something at or before it has weights whose gradient is wanted.
  private let isTrained: [Bool]
  /// Nodes whose weights' gradients are wanted; nil for all.
  private let wanted: Set<Int>?

  /// Images that one thread takes at once where the plain layers compute.
  private static let blockSize = 16

  init(_ network: Network, threads: Int, kernels: Kernels, usesBatch: Bool, weightsOf wanted: Set<Int>?) {
    (self.network, self.threads, self.kernels, self.usesBatch) = (network, threads, kernels, usesBatch)
    self.wanted = wanted
    var isTrained: [Bool] = []
    for (index, node) in network.nodes.enumerated() {
      let isWanted = node.layer.parameterCount > 0 && wanted?.contains(index) ?? true
      isTrained.append(isWanted || node.inputs.contains { isTrained[$0] })
    }
    self.isTrained = isTrained
  }

  /// See `BackwardPass.run`.
  func run(images: Tensor, labels: [Int]) throws -> BackwardPass.Result {
    var result = BackwardPass.Result(loss: 0, hits: 0, gradients: [:])
    var values = try forward(images, &result.statistics)
    guard let logits = values[network.output] else { return result }
    var upstream = [network.output: BackwardPass.crossEntropy(logits, labels, labels.count, &result)]
    for index in network.nodes.indices.reversed() {
      guard let gradient = upstream.removeValue(forKey: index) else { continue }
      let node = network.nodes[index]
      let downstream = try backward(index, gradient, values, &result)
      values[index] = nil
      for (input, gradient) in zip(node.inputs, downstream) where isTrained[input] {
        upstream[input] = upstream[input].map { sum($0, gradient) } ?? gradient
      }
    }
    return result
  }

  // MARK: Forward

  private func forward(_ images: Tensor, _ statistics: inout [Int: BatchStatistics]) throws -> [Int: Tensor] {
    var values = [0: images]
    for (index, node) in network.nodes.enumerated().dropFirst() {
      let inputs = node.inputs.compactMap { values[$0] }
      switch node.layer {
      case .convolution(let layer):
        let convolution = try RowConvolution(
          layer, input: inputs[0].shape, output: network.shapes[index], scale: nil, kernels: kernels,
          threads: threads)
        let value = convolution.forward(
          inputs[0], finish: .init(ceiling: layer.activation == .relu ? .infinity : nil), threads: threads)
        values[index] =
          layer.activation == .relu || layer.activation == .linear
          ? value : try inBlocks(of: [value]) { try Layer.activation(layer.activation).forward($0, shape: value.shape) }
      case .batchNormalization(let layer):
        if usesBatch { statistics[index] = BatchStatistics(of: inputs[0], kernels: kernels, threads: threads) }
        values[index] = normalization(layer, statistics[index]).forward(inputs[0], kernels: kernels, threads: threads)
      case .activation(.relu): values[index] = finished(inputs[0], added: nil, rectified: true)
      case .add where inputs.count == 2: values[index] = sum(inputs[0], inputs[1])
      default: values[index] = try inBlocks(of: inputs) { try node.layer.forward($0, shape: network.shapes[index]) }
      }
    }
    return values
  }

  private func normalization(_ layer: BatchNormalization, _ statistics: BatchStatistics?) -> BatchNormalization {
    statistics.map { layer.using($0) } ?? layer
  }

  // MARK: Backward

  /// The gradients with respect to a node's inputs; what its weights get goes into `result`.
  private func backward(
    _ index: Int, _ upstream: Tensor, _ values: [Int: Tensor], _ result: inout BackwardPass.Result
  ) throws -> [Tensor] {
    let node = network.nodes[index]
    let inputs = node.inputs.compactMap { values[$0] }
    guard let output = values[index], !inputs.isEmpty else { return [] }
    switch node.layer {
    case .convolution(let layer) where layer.activation == .relu || layer.activation == .linear:
      let gradient = layer.activation == .relu ? masked(upstream, by: output) : upstream
      let backward = try RowConvolutionGradient(
        layer, input: inputs[0].shape, output: output.shape, kernels: kernels)
      if wants(index) { result.gradients[index] = backward.weights(inputs[0], gradient, threads: threads) }
      return isTrained[node.inputs[0]] ? [try backward.input(gradient, threads: threads)] : []
    case .batchNormalization(let layer):
      let gradients = normalization(layer, result.statistics[index]).backward(
        inputs[0], gradient: upstream, isBatch: usesBatch, kernels: kernels, threads: threads)
      result.gradients[index] = gradients.weights
      return [gradients.input]
    case .activation(.relu): return [masked(upstream, by: output)]
    case .add: return inputs.map { _ in upstream }
    default: return try plainBackward(index, upstream, inputs, output, &result)
    }
  }

  private func wants(_ index: Int) -> Bool { wanted?.contains(index) ?? true }

  /// The same by the plain layer, some images at a time.
  private func plainBackward(
    _ index: Int, _ upstream: Tensor, _ inputs: [Tensor], _ output: Tensor, _ result: inout BackwardPass.Result
  ) throws -> [Tensor] {
    let wantsInput = network.nodes[index].inputs.contains { isTrained[$0] }
    let parts = try parallelMap(blocks(of: upstream.count), threads: threads) { block in
      let range = self.range(block, of: upstream.count)
      return try network.nodes[index].layer.gradients(
        of: inputs.map { $0.images(range) }, output: output.images(range), upstream: upstream.images(range),
        wantsInput: wantsInput)
    }
    var weights: WeightGradient?
    for part in parts where wants(index) {
      guard let more = part.weights else { continue }
      weights?.add(more)
      weights = weights ?? more
    }
    if wants(index), case .dense(let layer) = network.nodes[index].layer {
      weights?.kernel = layer.kernelGradient(parts.compactMap(\.dense), threads: threads)
    }
    result.gradients[index] = weights
    return inputs.indices.compactMap { place in
      let values = parts.compactMap { $0.inputs.indices.contains(place) ? $0.inputs[place] : nil }
      return values.count == parts.count ? joined(values) : nil
    }
  }

  // MARK: Whole tensors

  private func blocks(of count: Int) -> Int { (count + Self.blockSize - 1) / Self.blockSize }

  private func range(_ block: Int, of count: Int) -> Range<Int> {
    block * Self.blockSize..<min(count, (block + 1) * Self.blockSize)
  }

  private func inBlocks(of inputs: [Tensor], _ body: @Sendable ([Tensor]) throws -> Tensor) throws -> Tensor {
    let count = inputs[0].count
    return joined(
      try parallelMap(blocks(of: count), threads: threads) { block in
        let range = self.range(block, of: count)
        return try body(inputs.map { $0.images(range) })
      })
  }

  private func joined(_ parts: [Tensor]) -> Tensor {
    guard parts.count > 1 else { return parts[0] }
    return Tensor(
      count: parts.reduce(0) { $0 + $1.count }, shape: parts[0].shape, values: parts.flatMap(\.values))
  }

  /// Numbers that one thread takes at once.
  private static let numbersAtOnce = 1 << 17

  private func finished(_ value: Tensor, added: Tensor?, rectified: Bool) -> Tensor {
    var result = value
    changeParts(of: &result, beside: added) { target, other, count in
      kernels.finishRows(count, target, other, rectified, .infinity)
    }
    return result
  }

  private func sum(_ a: Tensor, _ b: Tensor) -> Tensor { finished(a, added: b, rectified: false) }

  /// The gradient where max(x, 0) let something pass.
  private func masked(_ gradient: Tensor, by output: Tensor) -> Tensor {
    var result = gradient
    changeParts(of: &result, beside: output) { target, output, count in
      let gradient = UnsafeMutableBufferPointer(start: target, count: count)
      _ = Activation.relu.backward(output: UnsafeBufferPointer(start: output, count: count), gradient: gradient)
    }
    return result
  }

  private func changeParts(
    of tensor: inout Tensor, beside other: Tensor?,
    _ change: @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>?, Int) -> Void
  ) {
    let count = tensor.values.count
    let size = Self.numbersAtOnce
    tensor.values.withUnsafeMutableBufferPointer { values in
      // Threads change disjoint parts.
      nonisolated(unsafe) let target = values.baseAddress!
      withOptional(other?.values) { other in
        nonisolated(unsafe) let other = other
        _ = parallelMap((count + size - 1) / size, threads: threads) { part in
          let start = part * size
          change(target + start, other.map { $0 + start }, min(size, count - start))
        }
      }
    }
  }
}
