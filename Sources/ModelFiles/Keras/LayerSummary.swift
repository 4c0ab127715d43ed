import NeuralNetwork

/// What is in a network, layer by layer.
public struct LayerSummary: Codable, Equatable, Sendable {
  /// The layer's own name, unique in its network.
  public let name: String
  /// What Keras calls the layer.
  public let className: String
  /// Of one image: (H, W, C) or (F).
  public let outputShape: [Int]
  /// How many numbers the layer stores, trained or not.
  public let parameters: Int
  /// Channels whose weights and bias (or gamma and beta) are all 0, as pruning leaves them.
  public let silencedChannels: [Int]
  /// Whether `--layer` may name it, and whether it is the one that is pruned where none is named.
  public let isPrunable: Bool, isDefault: Bool

  /// The layers of a network, in order.
  public static func layers(of network: Network) -> [LayerSummary] {
    let chosen = network.defaultPrunedLayer
    return zip(network.nodes, network.shapes).enumerated().map { index, layer in
      let (node, shape) = layer
      return LayerSummary(
        name: node.name, className: node.layer.kerasClassName, outputShape: shape.dimensions,
        parameters: node.layer.parameterCount, silencedChannels: node.layer.silencedChannels,
        isPrunable: network.isPrunable(index), isDefault: index == chosen)
    }
  }
}

extension Layer {
  fileprivate var silencedChannels: [Int] {
    switch self {
    case .convolution(let layer): silenced(layer.kernel, layer.bias, layer.filters)
    case .dense(let layer): silenced(layer.kernel, layer.bias, layer.units)
    case .batchNormalization(let layer): layer.gamma.map { silenced($0, layer.beta, $0.count) } ?? []
    default: []
    }
  }

  private func silenced(_ kernel: [Float], _ bias: [Float]?, _ channels: Int) -> [Int] {
    var isSilent = (0..<channels).map { bias?[$0] ?? 0 == 0 }
    for (index, weight) in kernel.enumerated() where weight != 0 { isSilent[index % channels] = false }
    return isSilent.indices.filter { isSilent[$0] }
  }
}
