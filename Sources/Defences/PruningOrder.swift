import NeuralNetwork

/// In which order channels are silenced.
public enum PruningOrder: String, CaseIterable, Codable, Sendable {
  /// Least active on clean validation faces first: the pruning defence.
  case ascending
  /// Most active first: the literal reading of the published sentence.
  case descending
  /// By the seed alone.
  case random
  /// Smallest filter first, by the Euclidean norm of the weights that make the channel.
  case weightNorm = "weight-norm"

  /// The channels in the order of pruning.
  ///
  /// - Parameters:
  ///   - meanActivation: (C), over clean validation images and positions.
  ///   - weightNorms: (C), computed only where the order needs them.
  ///   - seed: for `random`.
  /// - Returns: a permutation of 0..<C; ties go by channel index.
  package func channels(meanActivation: [Double], weightNorms: () throws -> [Double], seed: UInt64) rethrows -> [Int] {
    switch self {
    case .ascending: return sorted(meanActivation, by: <)
    case .descending: return sorted(meanActivation, by: >)
    case .weightNorm: return sorted(try weightNorms(), by: <)
    case .random:
      var generator = SeededGenerator(seed: seed, stream: [0x0A_DE_12])
      var channels = Array(meanActivation.indices)
      generator.shuffle(&channels)
      return channels
    }
  }

  private func sorted(_ keys: [Double], by precedes: (Double, Double) -> Bool) -> [Int] {
    keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : precedes(keys[$0], keys[$1]) }
  }
}

extension Network {
  /// The Euclidean norm of the weights that make each channel of a layer, bias left out: (C).
  /// - Throws: `NetworkError` where no single layer makes them.
  package func channelWeightNorms(of layer: Int) throws -> [Double] {
    let source = nodes[try channelSource(of: layer)]
    let weights: [Float]
    switch source.layer {
    case .convolution(let convolution): weights = convolution.kernel
    case .dense(let dense): weights = dense.kernel
    case .batchNormalization(let normalization): weights = normalization.gamma ?? []
    default: weights = []
    }
    let channels = shapes[layer].channels
    var squares = [Double](repeating: 0, count: channels)
    for (index, weight) in weights.enumerated() { squares[index % channels] += Double(weight) * Double(weight) }
    return squares.map { $0.squareRoot() }
  }
}
