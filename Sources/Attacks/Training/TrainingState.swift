import NeuralNetwork

/// A training between two epochs: all that the rest of it depends on, beside what it was begun with.
package struct TrainingState: Equatable {
  /// With the weights of this moment.
  var network: Network
  /// With its memory of the steps so far.
  var optimizer: Optimizer
  /// One entry a finished epoch.
  var history: [EpochRecord] = []
  /// The network to be kept, and after which epoch it was; 0 before the first one.
  var best: Network, bestEpoch = 0

  /// The beginning.
  package init(_ network: Network, _ options: TrainingOptions) {
    self.network = network
    best = network
    optimizer = Optimizer(
      options.optimizer, momentum: Float(options.momentum), weightDecay: Float(options.weightDecay),
      clipNorm: Float(options.clipNorm))
  }

  /// Finished epochs.
  var epoch: Int { history.count }

  /// Notes an epoch that is finished.
  /// - Parameter keepsBest: whether the network of the best validation accuracy is to be kept, and not the last.
  mutating func add(_ record: EpochRecord, keepsBest: Bool) {
    let least = bestEpoch == 0 ? -1 : history[bestEpoch - 1].validationAccuracy
    history.append(record)
    if !keepsBest || record.validationAccuracy > least { (best, bestEpoch) = (network, epoch) }
  }

  /// Whether `patience` epochs have brought nothing better; 0 for a patience without end.
  func isOutOfPatience(_ patience: Int) -> Bool { patience > 0 && epoch - bestEpoch >= patience }
}

extension Network {
  /// The numbers that gradients change, by node, in the nodes' order.
  var trained: [(node: Int, weights: WeightGradient)] {
    nodes.enumerated().compactMap { index, node in
      switch node.layer {
      case .convolution(let layer): (index, WeightGradient(kernel: layer.kernel, bias: layer.bias ?? []))
      case .dense(let layer): (index, WeightGradient(kernel: layer.kernel, bias: layer.bias ?? []))
      case .batchNormalization(let layer): (index, WeightGradient(kernel: layer.gamma ?? [], bias: layer.beta ?? []))
      case .operation(let box) where !box.operation.kernel.isEmpty || !box.operation.bias.isEmpty:
        (index, WeightGradient(kernel: box.operation.kernel, bias: box.operation.bias))
      default: nil
      }
    }
  }

  /// The statistics of batch normalisations, which a training moves too: means and variances.
  var statistics: [(node: Int, weights: WeightGradient)] {
    nodes.enumerated().compactMap { index, node in
      guard case .batchNormalization(let layer) = node.layer else { return nil }
      return (index, WeightGradient(kernel: layer.mean, bias: layer.variance))
    }
  }

  /// The same network with other numbers.
  /// - Parameters: by node, as many as `trained` and `statistics` have.
  func replacing(trained: [Int: WeightGradient], statistics: [Int: WeightGradient]) throws -> Network {
    var nodes = nodes
    for (index, weights) in trained {
      switch nodes[index].layer {
      case .convolution(var layer):
        (layer.kernel, layer.bias) = (weights.kernel, layer.bias.map { _ in weights.bias })
        nodes[index].layer = .convolution(layer)
      case .dense(var layer):
        (layer.kernel, layer.bias) = (weights.kernel, layer.bias.map { _ in weights.bias })
        nodes[index].layer = .dense(layer)
      case .batchNormalization(var layer):
        (layer.gamma, layer.beta) = (layer.gamma.map { _ in weights.kernel }, layer.beta.map { _ in weights.bias })
        if let moved = statistics[index] { (layer.mean, layer.variance) = (moved.kernel, moved.bias) }
        nodes[index].layer = .batchNormalization(layer)
      case .operation(var box):
        (box.operation.kernel, box.operation.bias) = (weights.kernel, weights.bias)
        nodes[index].layer = .operation(box)
      default: break
      }
    }
    return try Network(nodes: nodes)
  }
}
