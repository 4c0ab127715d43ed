import Files
import NeuralNetwork

extension Defence {
  /// Zheng, Tang, Li & Liu, NeurIPS 2022: the stored statistics of backdoored channels are not those of clean images.
  public static let bnp = Defence(
    name: "bnp",
    summary: "silences the channels whose stored batch-normalisation statistics differ most from those of clean images",
    paper: "Zheng, Tang, Li and Liu, Pre-activation distributions expose backdoor neurons, NeurIPS 2022",
    deviation: """
      takes the clean statistics from the network as it is, with every normalisation before a layer using its stored ones, \
      and adds epsilon to both variances
      """,
    scope: .allLayers,
    settings: [.number("u", 3, 0...1000, "standard deviations above the mean of a layer's divergences")]
  ) { values in Parts(ranking: DivergenceRanking(u: values["u"])) }
}

/// By the Kullback-Leibler divergence of the clean distribution of each channel before its normalisation from the stored
/// one, both taken for normal distributions.
package struct DivergenceRanking: ChannelRanking {
  let u: Double

  package init(u: Double) { self.u = u }

  package func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    guard subject.layers.contains(where: { $0.normalization != nil }) else {
      throw InputError(
        "--defence bnp", found: "no batch normalisation behind a convolution that can be pruned",
        expected: "a network with one, for bnp compares its stored statistics with those of clean images")
    }
    let statistics = try CleanStatistics(subject)
    let divergences = subject.layers.flatMap { unit -> [Double] in
      // Channels without stored statistics diverge from none.
      guard let node = unit.normalization, case .batchNormalization(let stored) = subject.network.nodes[node].layer,
        let clean = statistics.byNormalization[node]
      else { return [Double](repeating: 0, count: unit.channels) }
      return (0..<unit.channels).map { channel in
        let epsilon = Double(stored.epsilon)
        return Self.divergence(
          mean: clean.mean[channel], variance: clean.variance[channel] + epsilon,
          fromMean: Double(stored.mean[channel]), variance: Double(stored.variance[channel]) + epsilon)
      }
    }
    guard divergences.allSatisfy(\.isFinite) else {
      throw InputError("--defence bnp", found: "statistics that are not finite", expected: "finite numbers")
    }
    let deviations = subject.deviations(divergences)
    return RankedChannels(
      scores: divergences, keys: deviations.map { -$0 }, ownStop: deviations.count { $0 > u },
      images: subject.images.count)
  }

  /// KL(N(m1, v1) || N(m2, v2)) = (log(v2 / v1) + (v1 + (m1 - m2)²) / v2 - 1) / 2, in nats.
  static func divergence(
    mean: Double, variance: Double, fromMean otherMean: Double, variance otherVariance: Double
  ) -> Double {
    let distance = (mean - otherMean) * (mean - otherMean)
    return (Elementary.log(otherVariance / variance) + (variance + distance) / otherVariance - 1) / 2
  }
}

/// Mean and variance of what enters each normalisation, over clean images and positions.
struct CleanStatistics {
  /// By the normalisation's node: (C) each.
  let byNormalization: [Int: (mean: [Double], variance: [Double])]

  init(_ subject: DefenceSubject) throws {
    let normalizations = subject.layers.compactMap(\.normalization)
    let nodes = normalizations.map { subject.network.nodes[$0].inputs[0] }
    let pass = ForwardPass(subject.network, threads: subject.threads)
    // About the first image's mean, so that nothing is lost of a variance beside a large mean.
    var centres: [[Double]] = []
    var sums = nodes.map { [Double](repeating: 0, count: subject.network.shapes[$0].channels) }
    var squares = sums
    var counts = [Double](repeating: 0, count: nodes.count)
    try subject.images.forEachBatch { images, _ in
      let values = try pass.values(of: nodes, given: [0: images])
      if centres.isEmpty { centres = values.map { Self.means(of: $0.images(0..<1)) } }
      for (layer, tensor) in values.enumerated() {
        let channels = tensor.shape.channels
        counts[layer] += Double(tensor.values.count / channels)
        for (index, value) in tensor.values.enumerated() {
          let difference = Double(value) - centres[layer][index % channels]
          sums[layer][index % channels] += difference
          squares[layer][index % channels] += difference * difference
        }
      }
    }
    var found: [Int: (mean: [Double], variance: [Double])] = [:]
    for (layer, node) in normalizations.enumerated() {
      let means = sums[layer].map { $0 / counts[layer] }
      found[node] = (
        mean: zip(means, centres[layer]).map { $0 + $1 },
        variance: zip(squares[layer], means).map { max(0, $0 / counts[layer] - $1 * $1) }
      )
    }
    byNormalization = found
  }

  private static func means(of tensor: Tensor) -> [Double] {
    let channels = tensor.shape.channels
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in tensor.values.enumerated() { sums[index % channels] += Double(value) }
    return sums.map { $0 / Double(tensor.values.count / channels) }
  }
}
