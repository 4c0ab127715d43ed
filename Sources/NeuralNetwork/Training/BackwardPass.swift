#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
  private static let blockSize = 16

  /// - Parameter network: one that ends in a softmax over the classes, or in logits.
  public init(_ network: Network, threads: Int) {
    self.network = network.logitsNetwork
    self.threads = threads
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
    for part in parts {
      sum.loss += part.loss
      sum.hits += part.hits
      sum.gradients.merge(part.gradients) { old, new in
        var old = old
        old.add(new)
        return old
      }
    }
    return sum
  }

  private func block(_ images: Tensor, labels: [Int], batch: Int) throws -> Result {
    var values: [Tensor] = []
    for (node, shape) in zip(network.nodes, network.shapes) {
      let inputs = values.isEmpty ? [images] : node.inputs.map { values[$0] }
      values.append(try node.layer.forward(inputs, shape: shape))
    }
    var result = Result(loss: 0, hits: 0, gradients: [:])
    var upstream: [Int: Tensor] = [network.output: crossEntropy(values[network.output], labels, batch, &result)]
    for index in network.nodes.indices.reversed() {
      guard let gradient = upstream.removeValue(forKey: index) else { continue }
      let node = network.nodes[index]
      let downstream = try backward(node, gradient, inputs: node.inputs.map { values[$0] }, output: values[index])
      if let weights = downstream.weights { result.gradients[index] = weights }
      for (input, gradient) in zip(node.inputs, downstream.inputs) {
        upstream[input] = upstream[input].map { Merging.add([$0, gradient]) } ?? gradient
      }
    }
    return result
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
        gradient.values[index] = expf(logits.values[index] - largest)
        sum += gradient.values[index]
      }
      for index in row { gradient.values[index] /= sum * Float(batch) }
      gradient.values[row.lowerBound + label] -= 1 / Float(batch)
      result.loss += (log(Double(sum)) - Double(logits.values[row.lowerBound + label] - largest)) / Double(batch)
      if predicted[image] == label { result.hits += 1 }
    }
    return gradient
  }

  private func backward(
    _ node: Network.Node, _ upstream: Tensor, inputs: [Tensor], output: Tensor
  ) throws -> (inputs: [Tensor], weights: WeightGradient?) {
    var gradient = upstream
    let activation = node.layer.finalActivation
    let isSupported = gradient.values.withUnsafeMutableBufferPointer { gradient in
      output.values.withUnsafeBufferPointer { activation.backward(output: $0, gradient: gradient) }
    }
    guard isSupported else { throw notTrainable(node, "activation \(activation)") }
    // Images need no gradient.
    let wantsInput = node.inputs.contains { $0 != 0 }
    switch node.layer {
    case .input: return ([], nil)
    case .convolution(let layer):
      let result = try layer.backward(inputs[0], gradient: gradient, wantsInput: wantsInput)
      return (result.input.map { [$0] } ?? [], result.weights)
    case .dense(let layer):
      let result = layer.backward(inputs[0], gradient: gradient, wantsInput: wantsInput)
      return (result.input.map { [$0] } ?? [], result.weights)
    case .pooling(let layer): return ([try layer.backward(inputs[0], gradient: gradient)], nil)
    case .flatten:
      return ([Tensor(count: gradient.count, shape: inputs[0].shape, values: gradient.values)], nil)
    case .activation: return ([gradient], nil)
    case .add: return (inputs.map { _ in gradient }, nil)
    case .globalAveragePooling, .batchNormalization, .concatenate, .dropout, .rescaling:
      throw notTrainable(node, "a layer without a backward pass")
    }
  }

  private func notTrainable(_ node: Network.Node, _ found: String) -> NetworkError {
    NetworkError(
      node.name, found: found,
      expected: "Conv2D, Dense, MaxPooling2D, AveragePooling2D, Flatten, Activation or Add, with relu, tanh or sigmoid")
  }
}
