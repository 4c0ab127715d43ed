import CProcessor
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
    /// Of the input of every batch normalisation, by node, where it used the batch's own.
    public var statistics: [Int: BatchStatistics] = [:]
  }

  /// What batch normalisation normalises by.
  public enum Normalization: Sendable {
    /// The stored mean and variance, which do not change.
    case stored
    /// The batch's own, as in training.
    case batch
  }

  private let network: Network
  private let threads: Int
  private let layers: LaneLayers
  private let gradients: [Int: LaneConvolutionGradient]
  /// For networks that the kernels in lanes do not serve; nil for the others.
  private let layerwise: LayerwisePass?
  private static let blockSize = 16

  /// Nodes whose weights' gradients count; nil for all.
  private let wanted: Set<Int>?

  /// - Parameters:
  ///   - network: one that ends in a softmax over the classes, or in logits.
  ///   - wanted: the nodes whose weights' gradients are asked for; others may be missing in the result. nil for all.
  public init(
    _ network: Network, threads: Int, normalization: Normalization = .stored, weightsOf wanted: Set<Int>? = nil
  ) {
    self.init(network, threads: threads, kernels: Kernels.chosen, normalization: normalization, weightsOf: wanted)
  }

  /// - Parameter kernels: nil for the plain layers alone.
  package init(
    _ network: Network, threads: Int, kernels: Kernels?, normalization: Normalization = .stored,
    weightsOf wanted: Set<Int>? = nil
  ) {
    keep_freed_memory()
    self.wanted = wanted
    self.network = network.logitsNetwork
    self.threads = threads
    let nodes = self.network.nodes
    let needsBatch = normalization == .batch && nodes.contains { $0.layer.isBatchNormalization }
    let isServed = nodes.allSatisfy {
      if case .convolution(let layer) = $0.layer { layer.canTrainInLanes } else { true }
    }
    var gradients: [Int: LaneConvolutionGradient] = [:]
    if let kernels, needsBatch || !isServed {
      layers = LaneLayers(self.network, kernels: nil)
      layerwise = LayerwisePass(
        self.network, threads: threads, kernels: kernels, usesBatch: needsBatch, weightsOf: wanted)
    } else {
      let layers = LaneLayers(self.network, kernels: kernels, forTraining: true, threads: threads)
      self.layers = layers
      layerwise = nil
      let convolutions = Array(layers.convolutions)
      let (nodes, shapes) = (self.network.nodes, self.network.shapes)
      let backward = parallelMap(convolutions.count, threads: threads) { place -> LaneConvolutionGradient? in
        let (index, convolution) = convolutions[place]
        guard case .convolution(let layer) = nodes[index].layer, let kernels else { return nil }
        let input = nodes[index].inputs[0]
        return LaneConvolutionGradient(
          layer, convolution, input: shapes[input], wantsInput: input != 0, kernels: kernels)
      }
      for (place, gradient) in backward.enumerated() { gradients[convolutions[place].key] = gradient }
    }
    self.gradients = gradients
    precondition(!needsBatch || layerwise != nil, "the plain layers normalise by stored statistics")
  }

  /// Softmax cross-entropy and its gradient, by backpropagation.
  ///
  /// Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", Nature 323, 1986.
  /// - Parameters:
  ///   - images: (N, H, W, C), scaled.
  ///   - labels: (N), each a class of the network.
  /// - Throws: `NetworkError` that names a layer that cannot be trained.
  public func run(images: Tensor, labels: [Int]) throws -> Result {
    if let layerwise { return try layerwise.run(images: images, labels: labels) }
    let blocks = (images.count + Self.blockSize - 1) / Self.blockSize
    let parts = try parallelMap(blocks, threads: threads) { block in
      let range = block * Self.blockSize..<min(images.count, (block + 1) * Self.blockSize)
      return try self.block(NodeValue(images, images: range), labels: Array(labels[range]), batch: images.count)
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
    var traced: Activation?
  }

  /// A node's value for some images, and the gradient of each image's own cross-entropy with respect to it.
  public struct Activation: Sendable {
    /// (N, …)
    public var value: Tensor, gradient: Tensor
  }

  /// What one node's output is for each image, and how each image's cross-entropy changes with it.
  ///
  /// - Parameters:
  ///   - node: index of a node; of one that the kernels compute together with its pool the gradient is not to be had, so
  ///     that a pass with plain layers alone (`kernels: nil`) has to be asked.
  ///   - images, labels: as for `run`.
  /// - Throws: `NetworkError` that names a layer that cannot be trained.
  func activation(of node: Int, images: Tensor, labels: [Int]) throws -> Activation {
    let blocks = (images.count + Self.blockSize - 1) / Self.blockSize
    let parts = try parallelMap(blocks, threads: threads) { block -> Activation in
      let range = block * Self.blockSize..<min(images.count, (block + 1) * Self.blockSize)
      // A batch of one image: the mean loss is each image's own.
      let part = try self.block(
        NodeValue(images, images: range), labels: Array(labels[range]), batch: 1, traced: node)
      let empty = Tensor(zeros: range.count, shape: network.shapes[node])
      return part.traced ?? Activation(value: empty, gradient: empty)
    }
    func joined(_ values: [[Float]]) -> Tensor {
      Tensor(count: images.count, shape: network.shapes[node], values: values.flatMap(\.self))
    }
    return Activation(value: joined(parts.map(\.value.values)), gradient: joined(parts.map(\.gradient.values)))
  }

  private func block(_ images: NodeValue, labels: [Int], batch: Int, traced: Int? = nil) throws -> Part {
    var values = try forward(images)
    var part = Part()
    guard let logits = values[network.output]?.asRows() else { return part }
    var upstream: [Int: NodeValue] = [network.output: NodeValue(Self.crossEntropy(logits, labels, batch, &part.result))]
    for index in network.nodes.indices.reversed() {
      guard var gradient = upstream.removeValue(forKey: index) else { continue }
      let node = network.nodes[index]
      if index == traced, let value = values[index]?.asRows(), let slope = gradient.asRows() {
        part.traced = Activation(value: value, gradient: slope)
        return part
      }
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
  private func forward(_ images: NodeValue) throws -> [Int: NodeValue] {
    var values = [0: images]
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
  static func crossEntropy(_ logits: Tensor, _ labels: [Int], _ batch: Int, _ result: inout Result) -> Tensor {
    var gradient = logits
    let classes = logits.shape.count
    let predicted = logits.largestIndices
    for (image, label) in labels.enumerated() {
      let first = image * classes
      let largest = logits.values[first + predicted[image]]
      let sum = gradient.values.withUnsafeMutableBufferPointer { numbers in
        let row = UnsafeMutableBufferPointer(rebasing: numbers[first..<first + classes])
        let sum = row.exponentiate(less: largest)
        row.divide(by: sum * Float(batch))
        row[label] -= 1 / Float(batch)
        return sum
      }
      result.loss +=
        (Elementary.log(Double(sum)) - Double(logits.values[first + label] - largest)) / Double(batch)
      if predicted[image] == label { result.hits += 1 }
    }
    return gradient
  }

  /// The gradients with respect to a node's inputs, by the plain layer; what its weights get goes into `part`.
  private func backward(
    _ index: Int, _ upstream: Tensor, inputs: [Tensor], output: Tensor, _ part: inout Part
  ) throws -> [Tensor] {
    let node = network.nodes[index]
    // Images need no gradient.
    let gradients = try node.layer.gradients(
      of: inputs, output: output, upstream: upstream, wantsInput: node.inputs.contains { $0 != 0 })
    part.result.gradients[index] = gradients.weights
    if wanted?.contains(index) ?? true { part.dense[index] = gradients.dense }
    return gradients.inputs
  }
}
