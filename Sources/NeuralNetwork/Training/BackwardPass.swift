import Threads

/// The loss of a network on labelled images and its gradient with respect to every weight.
///
/// A batch is taken in blocks of a fixed size, one thread each, whose gradients are added in order: the sums do not
/// depend on how many threads there are.
public struct BackwardPass: Sendable {
  /// What a batch gave.
  public struct Result: Sendable {
    /// Mean cross-entropy over the images, in nats.
    public var loss: Double
    /// Images predicted as their label.
    public var hits: Int
    /// By node; of the mean loss.
    public var gradients: [Int: WeightGradient]
  }

  private let network: Network
  private let threads: Int
  private let layers: LaneLayers
  private let gradients: [Int: LaneConvolutionGradient]
  private static let blockSize = 16

  /// - Parameter network: one that ends in a softmax over the classes, or in logits.
  public init(_ network: Network, threads: Int) {
    self.init(network, threads: threads, kernels: Kernels.chosen)
  }

  /// - Parameter kernels: nil for the plain layers alone.
  package init(_ network: Network, threads: Int, kernels: Kernels?) {
    self.network = network.logitsNetwork
    self.threads = threads
    layers = LaneLayers(self.network, kernels: kernels, forTraining: true)
    var gradients: [Int: LaneConvolutionGradient] = [:]
    for (index, convolution) in layers.convolutions {
      let node = self.network.nodes[index]
      guard case .convolution(let layer) = node.layer, let kernels else { continue }
      gradients[index] = LaneConvolutionGradient(
        layer, convolution, input: self.network.shapes[node.inputs[0]], wantsInput: node.inputs[0] != 0,
        kernels: kernels)
    }
    self.gradients = gradients
  }

  /// Softmax cross-entropy and its gradient, by backpropagation.
  ///
  /// Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", Nature 323, 1986.
  /// - Parameters:
  ///   - images: (N, H, W, C), scaled.
  ///   - labels: (N), each a class of the network.
  /// - Throws: `NetworkError` that names a layer that cannot be trained.
  public func run(images: Tensor, labels: [Int]) throws -> Result {
    let blocks = (images.count + Self.blockSize - 1) / Self.blockSize
    let parts = try parallelMap(blocks, threads: threads) { block in
      let range = block * Self.blockSize..<min(images.count, (block + 1) * Self.blockSize)
      return try self.block(images.images(range), labels: Array(labels[range]), batch: images.count)
    }
    var sum = Result(loss: 0, hits: 0, gradients: [:])
    var slopes: [Int: [DenseSlopes]] = [:]
    for part in parts {
      sum.loss += part.result.loss
      sum.hits += part.result.hits
      sum.gradients.merge(part.result.gradients) { old, new in
        var old = old
        old.add(new)
        return old
      }
      for (index, block) in part.dense { slopes[index, default: []].append(block) }
    }
    for (index, blocks) in slopes {
      guard case .dense(let layer) = network.nodes[index].layer else { continue }
      sum.gradients[index]?.kernel = layer.kernelGradient(blocks, threads: threads)
    }
    return sum
  }

  /// What a block of images gave: all but the gradients of dense kernels, and what these are made of, by node.
  private struct Part {
    var result = Result(loss: 0, hits: 0, gradients: [:])
    var dense: [Int: DenseSlopes] = [:]
  }

  private func block(_ images: Tensor, labels: [Int], batch: Int) throws -> Part {
    var values = try forward(images)
    var part = Part()
    guard let logits = values[network.output]?.asRows() else { return part }
    var upstream: [Int: NodeValue] = [network.output: NodeValue(crossEntropy(logits, labels, batch, &part.result))]
    for index in network.nodes.indices.reversed() {
      guard var gradient = upstream.removeValue(forKey: index) else { continue }
      let node = network.nodes[index]
      var downstream: [NodeValue] = []
      if let convolution = layers.convolution(pooledBy: index) {
        // The convolution takes the pool's gradient as it is.
        upstream[convolution] = gradient
        continue
      } else if let backward = gradients[index] {
        guard let input = values[node.inputs[0]]?.lanes, let output = values[index]?.lanes,
          let slope = gradient.asLanes(layers.lanes, layers.store)
        else { continue }
        let pooled = layers.pools[index].flatMap { values[$0]?.lanes }
        let result = backward(input, output: output, pooled: pooled, upstream: slope, store: layers.store)
        part.result.gradients[index] = result.weights
        downstream = result.input.map { [NodeValue($0)] } ?? []
      } else {
        guard let slope = gradient.asRows(), let output = values[index]?.asRows() else { continue }
        let inputs = node.inputs.compactMap { values[$0]?.asRows() }
        downstream = try backward(index, slope, inputs: inputs, output: output, &part).map { NodeValue($0) }
      }
      for (input, gradient) in zip(node.inputs, downstream) {
        upstream[input] = upstream[input].map { layers.sum($0, gradient) } ?? gradient
      }
    }
    return part
  }

  /// Every node's value.
  private func forward(_ images: Tensor) throws -> [Int: NodeValue] {
    var values = [0: NodeValue(images)]
    for (index, node) in network.nodes.enumerated() where values[index] == nil {
      if let convolution = layers.convolutions[index],
        let input = values[node.inputs[0]]?.asLanes(layers.lanes, layers.store)
      {
        let pool = layers.pools[index]
        let result: (output: LaneTensor?, pooled: LaneTensor?)
        if let pool, let winograd = layers.winograd[index] {
          result = winograd.forward(input, keepsOutput: true, pooled: network.shapes[pool], store: layers.store)
        } else {
          result = convolution.forward(
            input, keepsOutput: true, pooled: pool.map { network.shapes[$0] }, store: layers.store)
        }
        values[index] = result.output.map { NodeValue($0) }
        if let pool { values[pool] = result.pooled.map { NodeValue($0) } }
      } else {
        values[index] = NodeValue(
          try node.layer.forward(node.inputs.compactMap { values[$0]?.asRows() }, shape: network.shapes[index]))
      }
    }
    return values
  }

  /// loss = log(sum exp z) - z[label] per image; d loss / d z = softmax(z) - onehot(label), divided by the batch's size.
  private func crossEntropy(_ logits: Tensor, _ labels: [Int], _ batch: Int, _ result: inout Result) -> Tensor {
    var gradient = logits
    let classes = logits.shape.count
    let predicted = logits.largestIndices
    for (image, label) in labels.enumerated() {
      let row = image * classes..<(image + 1) * classes
      let largest = logits.values[row.lowerBound + predicted[image]]
      var sum: Float = 0
      for index in row {
        gradient.values[index] = Elementary.exp(logits.values[index] - largest)
        sum += gradient.values[index]
      }
      for index in row { gradient.values[index] /= sum * Float(batch) }
      gradient.values[row.lowerBound + label] -= 1 / Float(batch)
      result.loss +=
        (Elementary.log(Double(sum)) - Double(logits.values[row.lowerBound + label] - largest)) / Double(batch)
      if predicted[image] == label { result.hits += 1 }
    }
    return gradient
  }

  /// The gradients with respect to a node's inputs, by the plain layer; what its weights get goes into `part`.
  private func backward(
    _ index: Int, _ upstream: Tensor, inputs: [Tensor], output: Tensor, _ part: inout Part
  ) throws -> [Tensor] {
    let node = network.nodes[index]
    var gradient = upstream
    let activation = node.layer.finalActivation
    let isDone = gradient.values.withUnsafeMutableBufferPointer { gradient in
      output.values.withUnsafeBufferPointer { activation.backward(output: $0, gradient: gradient) }
    }
    if !isDone {
      let sums = try node.layer.withoutActivation.forward(inputs, shape: output.shape)
      activation.backward(input: sums, output: output, gradient: &gradient)
    }
    // Images need no gradient.
    let wantsInput = node.inputs.contains { $0 != 0 }
    switch node.layer {
    case .input: return []
    case .convolution(let layer):
      let result = try layer.backward(inputs[0], gradient: gradient, wantsInput: wantsInput)
      part.result.gradients[index] = result.weights
      return result.input.map { [$0] } ?? []
    case .dense(let layer):
      var weights = WeightGradient(kernel: 0, bias: layer.bias?.count ?? 0)
      gradient.values.withUnsafeBufferPointer { weights.addBias($0) }
      part.result.gradients[index] = weights
      part.dense[index] = DenseSlopes(input: inputs[0], gradient: gradient)
      return wantsInput ? [layer.inputGradient(gradient, shape: inputs[0].shape)] : []
    case .pooling(let layer): return [try layer.backward(inputs[0], gradient: gradient)]
    case .flatten: return [Tensor(count: gradient.count, shape: inputs[0].shape, values: gradient.values)]
    case .activation: return [gradient]
    case .add: return inputs.map { _ in gradient }
    case .globalAveragePooling:
      return [Merging.globalAverageGradient(gradient, shape: inputs[0].shape)]
    case .batchNormalization(let layer):
      let result = layer.backward(inputs[0], gradient: gradient)
      part.result.gradients[index] = result.weights
      return [result.input]
    case .concatenate(let axis): return Merging.split(gradient, axis: axis, shapes: inputs.map(\.shape))
    // Outside of training a network drops nothing; neither does the training of this program.
    case .dropout: return [gradient]
    case .rescaling(let scale, _):
      return [Merging.rescale(gradient, scale: scale, offset: [0])]
    case .operation(let box):
      let result = try box.operation.backward(inputs, output: output, gradient: gradient)
      part.result.gradients[index] = result.weights
      return result.inputs
    }
  }
}
