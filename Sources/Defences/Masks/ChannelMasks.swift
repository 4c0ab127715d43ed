import Files
import NeuralNetwork

/// Factors on the weights and biases of every channel of some layers, and the gradient with respect to them.
///
/// With a normalisation behind a convolution they multiply its gamma and beta; without one, the channel's kernel and bias.
package struct ChannelMasks: Sendable {
  private let network: Network
  /// Of each layer: where its weights are, and they.
  private let sources: [(node: Int, weights: ChannelWeights, channels: Int)]
  /// Where each layer's channels begin.
  private let starts: [Int]
  /// C, of all layers.
  let channels: Int

  /// - Parameter defence: what errors call it.
  package init(_ subject: DefenceSubject, of network: Network, for defence: String) throws {
    self.network = network
    starts = subject.starts
    channels = subject.channels
    sources = try subject.layers.map { unit in
      let node = try subject.source(of: unit, for: defence).node
      guard let weights = network.nodes[node].layer.channelWeights else {
        throw InputError(
          "--defence \(defence)", found: "layer \(unit.name) without weights", expected: "one with weights")
      }
      return (node, weights, unit.channels)
    }
  }

  /// The network with each channel's weights times one factor, and its bias times another.
  /// - Parameters: (C) each.
  func network(weights: [Double], biases: [Double]) -> Network {
    var copy = network
    for ((node, own, channels), start) in zip(sources, starts) {
      var scaled = own
      for index in scaled.kernel.indices {
        scaled.kernel[index] = Float(Double(scaled.kernel[index]) * weights[start + index % channels])
      }
      for index in scaled.bias.indices {
        scaled.bias[index] = Float(Double(scaled.bias[index]) * biases[start + index])
      }
      copy = copy.settingWeights(scaled, of: node)
    }
    return copy
  }

  /// A loss, and how it changes with each channel's factors (C).
  struct Slopes {
    let loss: Double
    fileprivate(set) var weights: [Double], biases: [Double]
  }

  /// The mean cross-entropy of the network with these factors, and its gradient with respect to them.
  ///
  /// Normalisations use the statistics of the images at hand, as in the published codes of ANP and RNP, whose networks are in
  /// training mode: with stored ones, what factors change in one layer adds up through all later ones.
  /// - Parameters:
  ///   - weights, biases: the factors; nil for 1.
  ///   - images: (N, H, W, C), prepared.
  ///   - labels: (N)
  func slopes(
    weights: [Double], biases: [Double]? = nil, _ images: Tensor, _ labels: [Int], threads: Int
  ) throws -> Slopes {
    let scaled = network(weights: weights, biases: biases ?? [Double](repeating: 1, count: channels))
    let result = try BackwardPass(
      scaled, threads: threads, normalization: .batch, weightsOf: Set(sources.map(\.node))
    ).run(images: images, labels: labels)
    return slopes(result.loss, result.gradients)
  }

  /// - Parameter gradients: of the scaled network's weights, by node.
  private func slopes(_ loss: Double, _ gradients: [Int: WeightGradient]) -> Slopes {
    let zeros = [Double](repeating: 0, count: channels)
    var result = Slopes(loss: loss, weights: zeros, biases: zeros)
    for ((node, own, channels), start) in zip(sources, starts) {
      guard let gradient = gradients[node] else { continue }
      for (index, slope) in gradient.kernel.enumerated() {
        result.weights[start + index % channels] += Double(slope) * Double(own.kernel[index])
      }
      for (index, slope) in gradient.bias.enumerated() where index < own.bias.count {
        result.biases[start + index] += Double(slope) * Double(own.bias[index])
      }
    }
    return result
  }
}

/// A loss of masked channels, and its gradient with respect to the masks (C).
package struct MaskStep: Sendable {
  package let loss: Double, gradient: [Double]
}

/// Masks that follow a gradient by momentum and stay in 0...1, as PyTorch's SGD without Nesterov's; the lowest go first.
struct MaskDescent: Sendable {
  /// (C), each 0...1.
  private(set) var masks: [Double]
  private var velocity: [Double]
  private let rate: Double, threshold: Double
  private static let momentum = 0.9

  /// Masks of 1.
  /// - Parameters:
  ///   - rate: the learning rate.
  ///   - threshold: channels with a lower mask are pruned.
  init(channels: Int, rate: Double, threshold: Double) {
    (self.rate, self.threshold) = (rate, threshold)
    masks = [Double](repeating: 1, count: channels)
    velocity = [Double](repeating: 0, count: channels)
  }

  /// One step.
  /// - Parameters:
  ///   - weight: of the step's loss.
  ///   - diverged: what a loss that is no number is refused with.
  mutating func follow(_ step: MaskStep, weight: Double = 1, diverged: @autoclosure () -> InputError) throws {
    guard step.loss.isFinite else { throw diverged() }
    for index in masks.indices {
      velocity[index] = Self.momentum * velocity[index] + weight * step.gradient[index]
      masks[index] = min(1, max(0, masks[index] - rate * velocity[index]))
    }
  }

  /// The channels by their masks.
  func ranked(_ subject: DefenceSubject) -> RankedChannels {
    RankedChannels(
      scores: masks, keys: masks, ownStop: masks.count { $0 < threshold }, images: subject.images.count)
  }
}
