import Files
import NeuralNetwork

/// What a defence may see: a network, clean validation images, and a seed.
public struct DefenceSubject: Sendable {
  /// B.
  public let network: Network
  /// What may be pruned. Channels are counted through these, one layer behind the other.
  public let layers: [PrunableUnit]
  /// (C): of each channel, over all clean validation images and positions.
  public let meanActivation: [Double]
  /// Clean validation images.
  public let images: CleanImages
  /// How `pruning` reads the published sentence.
  public let order: PruningOrder
  /// Of everything random.
  public let seed: UInt64
  /// How many threads may work at once; changes speed and nothing else.
  public let threads: Int

  /// - Precondition: as many activations as the layers have channels.
  public init(
    network: Network, layers: [PrunableUnit], meanActivation: [Double], images: CleanImages,
    order: PruningOrder = .ascending, seed: UInt64, threads: Int
  ) {
    (self.network, self.layers, self.meanActivation, self.images) = (network, layers, meanActivation, images)
    (self.order, self.seed, self.threads) = (order, seed, threads)
  }

  /// C, of all layers together.
  public var channels: Int { layers.reduce(0) { $0 + $1.channels } }

  /// Where each layer's channels begin in the count through all of them.
  var starts: [Int] {
    var start = 0
    return layers.map { layer in
      defer { start += layer.channels }
      return start
    }
  }

  /// Scores that can be compared between layers: with several, each layer's are divided by their Euclidean norm.
  ///
  /// Source: Molchanov, Tyree, Karras, Aila & Kautz, "Pruning convolutional neural networks for resource efficient
  /// inference", ICLR 2017, section 2.2.
  package func comparable(_ scores: [Double]) -> [Double] {
    guard layers.count > 1 else { return scores }
    return zip(layers, starts).flatMap { layer, start -> [Double] in
      let own = scores[start..<start + layer.channels]
      let norm = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return own.map { norm > 0 ? $0 / norm : 0 }
    }
  }

  /// How many standard deviations each score is above the mean of its layer's; 0 where a layer's are all the same.
  func deviations(_ scores: [Double]) -> [Double] {
    zip(layers, starts).flatMap { layer, start -> [Double] in
      let own = scores[start..<start + layer.channels]
      let mean = own.reduce(0, +) / Double(own.count)
      // Of a sample, as PyTorch's std: divided by n - 1.
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, own.count - 1))
      let deviation = variance.squareRoot()
      return own.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
    }
  }

  /// The weights that make a layer's channels.
  /// - Throws: `InputError` where no single layer does.
  func source(of unit: PrunableUnit, for defence: String) throws -> (node: Int, weights: ChannelWeights) {
    guard let node = unit.source, let weights = network.nodes[node].layer.channelWeights else {
      throw InputError(
        "--defence \(defence)", found: "layer \(unit.name), whose channels no single layer's weights make",
        expected: "a layer behind one convolution, as --layer")
    }
    return (node, weights)
  }
}

extension [PrunableUnit] {
  /// The first `count` channels of an order, by layer.
  package func split(_ channels: some Sequence<Int>) -> [(layer: PrunableUnit, channels: [Int])] {
    var parts = map { (layer: $0, channels: [Int]()) }
    for channel in channels {
      var rest = channel
      for index in indices {
        if rest < self[index].channels {
          parts[index].channels.append(rest)
          break
        }
        rest -= self[index].channels
      }
    }
    return parts.filter { !$0.channels.isEmpty }
  }
}

extension Network {
  /// A copy in which channels of several layers are 0 for every image.
  /// - Parameter channels: counted through `layers`.
  /// - Throws: `NetworkError` where a layer's channels cannot be silenced.
  package func pruning(_ channels: some Sequence<Int>, through layers: [PrunableUnit]) throws -> Network {
    try layers.split(channels).reduce(self) { try $0.pruning($1.channels, of: $1.layer.name) }
  }
}
