import Files
import NeuralNetwork

extension Defence {
  /// Zheng, Tang, Li & Liu, ECCV 2022: channels that may raise an input most are backdoored ones.
  public static let clp = Defence(
    name: "clp",
    summary: "silences the channels whose Lipschitz bound stands out in their layer, without looking at data",
    paper: "Zheng, Tang, Li and Liu, Data-free backdoor removal based on channel Lipschitzness, ECCV 2022",
    deviation: """
      finds a convolution's normalisation in the graph and counts its epsilon; a convolution without one is bounded by its \
      kernel alone, which the published code leaves out
      """,
    scope: .allLayers,
    settings: [.number("u", 3, 0...1000, "standard deviations above the mean of a layer's bounds")]
  ) { values in Parts(ranking: LipschitzRanking(u: values["u"])) }
}

/// By the upper bound of each channel's Lipschitz constant: the largest singular value of its kernel as a matrix (input
/// channels, window), times |gamma| / sqrt(variance + epsilon) of the normalisation that follows.
package struct LipschitzRanking: ChannelRanking {
  let u: Double

  package init(u: Double) { self.u = u }

  package func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let bounds = try subject.layers.flatMap { try Self.bounds(of: $0, in: subject.network) }
    let deviations = subject.deviations(bounds)
    return RankedChannels(
      scores: bounds, keys: deviations.map { -$0 }, ownStop: deviations.count { $0 > u }, images: 0)
  }

  /// (C), of one layer.
  package static func bounds(of unit: PrunableUnit, in network: Network) throws -> [Double] {
    guard let node = unit.convolution, let weights = network.nodes[node].layer.channelWeights else {
      throw InputError(
        "--defence clp", found: "layer \(unit.name), whose channels do not come from one convolution",
        expected: "a layer behind one convolution, as --layer")
    }
    let channels = unit.channels
    // (window x inputs, channels); a dense layer's inputs are a window of one.
    let rows = weights.kernel.count / channels
    let inputs = network.nodes[node].layer.kernelInputs ?? rows
    return (0..<channels).map { channel in
      let kernel = (0..<rows).map { Double(weights.kernel[$0 * channels + channel]) }
      let norm = SpectralNorm.of(kernel, rows: rows / inputs, columns: inputs)
      guard let index = unit.normalization, case .batchNormalization(let normalization) = network.nodes[index].layer
      else { return norm }
      let variance = Double(normalization.variance[channel]) + Double(normalization.epsilon)
      return norm * abs(Double(normalization.gamma?[channel] ?? 1)) / variance.squareRoot()
    }
  }
}

extension Layer {
  /// Input channels under one place of a convolution's window; nil for other layers.
  fileprivate var kernelInputs: Int? {
    switch self {
    case .convolution(let layer): layer.inputChannels
    case .operation(let box):
      (box.operation as? GroupedConvolution).map { $0.inputChannels / $0.groups }
    default: nil
    }
  }
}
