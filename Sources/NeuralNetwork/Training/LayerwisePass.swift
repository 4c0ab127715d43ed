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
  /// Batch normalisations and additions whose value their only reader computes with its own, so that it is never stored.
  private let absorbed: Set<Int>

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
    absorbed = Self.absorbed(network)
  }

  private static func absorbed(_ network: Network) -> Set<Int> {
    var readers = [Int](repeating: 0, count: network.nodes.count)
    for node in network.nodes { for input in node.inputs { readers[input] += 1 } }
    readers[network.output] += 1
    var absorbed: Set<Int> = []
    for node in network.nodes {
      let single = node.inputs.filter { readers[$0] == 1 }
      switch node.layer {
      case .activation(.relu):
        absorbed.formUnion(
          single.filter { network.nodes[$0].layer.isBatchNormalization || network.nodes[$0].isSumOfTwo })
      case .add where node.isSumOfTwo:
        // One of them: the other is read.
        if let first = single.first(where: { network.nodes[$0].layer.isBatchNormalization }) { absorbed.insert(first) }
      default: break
      }
    }
    return absorbed
  }

  /// See `BackwardPass.run`.
  func run(images: Tensor, labels: [Int]) throws -> BackwardPass.Result {
    // A pass shares out hundreds of pieces one after another.
    try keepingThreadsAwake(threads) { try pass(images, labels) }
  }

  private func pass(_ images: Tensor, _ labels: [Int]) throws -> BackwardPass.Result {
    var result = BackwardPass.Result(loss: 0, hits: 0, gradients: [:])
    var values = try forward(images, &result.statistics)
    guard let logits = values[network.output] else { return result }
    var upstream = [network.output: BackwardPass.crossEntropy(logits, labels, labels.count, &result)]
    // Batch normalisations whose gradient has not passed the max(x, 0) behind them yet.
    var rectified: Set<Int> = []
    for index in network.nodes.indices.reversed() {
      guard var gradient = upstream.removeValue(forKey: index) else { continue }
      let node = network.nodes[index]
      if case .activation(.relu) = node.layer, let output = values[index] {
        let input = node.inputs[0]
        if absorbed.contains(input), network.nodes[input].layer.isBatchNormalization {
          rectified.insert(input)
        } else {
          mask(&gradient, by: output)
        }
        if isTrained[input] { upstream[input] = upstream[input].map { sum($0, gradient) } ?? gradient }
        values[index] = nil
        continue
      }
      if case .convolution(let layer) = node.layer, layer.activation == .relu || layer.activation == .linear {
        try backward(index, layer, gradient, values, &upstream, &result)
      } else {
        let downstream = try backward(
          index, gradient, rectified: rectified.contains(index), values, &result)
        for (input, gradient) in zip(node.inputs, downstream) where isTrained[input] {
          upstream[input] = upstream[input].map { sum($0, gradient) } ?? gradient
        }
      }
      values[index] = nil
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
          threads: threads, isTraining: true)
        let value = convolution.forward(
          inputs[0], finish: .init(ceiling: layer.activation == .relu ? .infinity : nil), threads: threads)
        values[index] =
          layer.activation == .relu || layer.activation == .linear
          ? value : try inBlocks(of: [value]) { try Layer.activation(layer.activation).forward($0, shape: value.shape) }
      case .batchNormalization:
        if usesBatch { statistics[index] = BatchStatistics(of: inputs[0], kernels: kernels, threads: threads) }
        if !absorbed.contains(index) { values[index] = sum(at: index, rectified: false, values, statistics) }
      case .activation(.relu): values[index] = sum(at: node.inputs[0], rectified: true, values, statistics)
      case .add where node.isSumOfTwo:
        if !absorbed.contains(index) { values[index] = sum(at: index, rectified: false, values, statistics) }
      default: values[index] = try inBlocks(of: inputs) { try node.layer.forward($0, shape: network.shapes[index]) }
      }
    }
    return values
  }

  /// The value of a node, or max(x, 0) of it, with those that it absorbs.
  private func sum(
    at index: Int, rectified: Bool, _ values: [Int: Tensor], _ statistics: [Int: BatchStatistics]
  ) -> Tensor? {
    if let value = values[index] { return finished(value, added: nil, rectified: rectified) }
    let node = network.nodes[index]
    let normalized = node.layer.isBatchNormalization ? index : node.inputs.first { absorbed.contains($0) }
    guard let normalized, case .batchNormalization(let layer) = network.nodes[normalized].layer,
      let input = values[network.nodes[normalized].inputs[0]]
    else {
      guard let first = values[node.inputs[0]] else { return nil }
      return finished(first, added: values[node.inputs[1]], rectified: rectified)
    }
    let other = node.isSumOfTwo ? node.inputs.first { $0 != normalized } : nil
    return normalization(layer, statistics[normalized]).forward(
      input, added: other.flatMap { values[$0] }, rectified: rectified, kernels: kernels, threads: threads)
  }

  private func normalization(_ layer: BatchNormalization, _ statistics: BatchStatistics?) -> BatchNormalization {
    statistics.map { layer.using($0) } ?? layer
  }

  // MARK: Backward

  /// The gradients with respect to a node's inputs; what its weights get goes into `result`.
  ///
  /// - Parameter rectified: of a batch normalisation: whether max(x, 0) follows, by which `upstream` has not passed yet.
  private func backward(
    _ index: Int, _ upstream: Tensor, rectified: Bool, _ values: [Int: Tensor], _ result: inout BackwardPass.Result
  ) throws -> [Tensor] {
    let node = network.nodes[index]
    let inputs = node.inputs.compactMap { values[$0] }
    switch node.layer {
    case .batchNormalization(let layer):
      guard let input = inputs.first else { return [] }
      let gradients = normalization(layer, result.statistics[index]).backward(
        input, gradient: upstream, rectified: rectified, isBatch: usesBatch, kernels: kernels, threads: threads)
      result.gradients[index] = gradients.weights
      return [gradients.input]
    case .add where node.isSumOfTwo: return [upstream, upstream]
    default: break
    }
    guard let output = values[index], !node.inputs.isEmpty else { return [] }
    return try plainBackward(index, upstream, inputs, output, &result)
  }

  /// The same for a convolution, which adds its input's gradient to what other layers have found for it.
  private func backward(
    _ index: Int, _ layer: Convolution, _ gradient: Tensor, _ values: [Int: Tensor], _ upstream: inout [Int: Tensor],
    _ result: inout BackwardPass.Result
  ) throws {
    let source = network.nodes[index].inputs[0]
    guard let input = values[source], let output = values[index] else { return }
    var gradient = gradient
    if layer.activation == .relu { mask(&gradient, by: output) }
    let backward = try RowConvolutionGradient(layer, input: input.shape, output: output.shape, kernels: kernels)
    if wants(index) { result.gradients[index] = backward.weights(input, gradient, threads: threads) }
    guard isTrained[source] else { return }
    upstream[source] = backward.input(gradient, added: upstream[source], threads: threads)
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

  /// Numbers that one thread takes at once: they stay in its cache.
  private static let numbersAtOnce = 1 << 14

  private func finished(_ value: Tensor, added: Tensor?, rectified: Bool) -> Tensor {
    let count = value.values.count
    return value.mapped(beside: [value, added]) { target, others in
      // Threads write disjoint parts.
      nonisolated(unsafe) let (target, source, other) = (target, others[0]!, others[1])
      forEachPart(of: count) { start, length in
        (target + start).initialize(from: source + start, count: length)
        kernels.finishRows(length, target + start, other.map { $0 + start }, rectified, .infinity)
      }
    }
  }

  private func sum(_ a: Tensor, _ b: Tensor) -> Tensor { finished(a, added: b, rectified: false) }

  /// Leaves the gradient where max(x, 0) let something pass.
  private func mask(_ gradient: inout Tensor, by output: Tensor) {
    output.values.withUnsafeBufferPointer { output in
      gradient.values.withUnsafeMutableBufferPointer { gradient in
        // Threads write disjoint parts.
        nonisolated(unsafe) let (gradient, output) = (gradient, output)
        forEachPart(of: gradient.count) { start, length in
          _ = Activation.relu.backward(
            output: UnsafeBufferPointer(rebasing: output[start..<start + length]),
            gradient: UnsafeMutableBufferPointer(rebasing: gradient[start..<start + length]))
        }
      }
    }
  }

  private func forEachPart(of count: Int, _ body: @Sendable (_ start: Int, _ length: Int) -> Void) {
    let size = Self.numbersAtOnce
    _ = parallelMap((count + size - 1) / size, threads: threads) { part in
      body(part * size, min(size, count - part * size))
    }
  }
}

extension Network.Node {
  /// Whether it adds two maps, and no more.
  fileprivate var isSumOfTwo: Bool { if case .add = layer { inputs.count == 2 } else { false } }
}
