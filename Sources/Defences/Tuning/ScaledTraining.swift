import Files
import NeuralNetwork

/// A network in training on images of whatever scale: where pixels are as large as 0...255, they are divided by a power of
/// two and the first kernels multiplied by it, so that one learning rate suits all layers; no bit is lost on the way back.
struct ScaledTraining: Sendable {
  /// For scaled images.
  private var network: Network
  private let images: CleanImages
  private let factor: Float

  /// Images with a value like this are not normalised.
  private static let large: Float = 16

  /// - Throws: what reading images throws.
  init(_ network: Network, images: CleanImages) throws {
    self.images = images
    var largest: Float = 0
    try images.forEachBatch { batch, _ in largest = batch.values.reduce(largest) { max($0, abs($1)) } }
    let power = largest >= Self.large ? Float(sign: .plus, exponent: Int(largest.exponent), significand: 1) : 1
    if power > 1, let scaled = network.scalingImages(by: power) {
      (self.network, factor) = (scaled, 1 / power)
    } else {
      (self.network, factor) = (network, 1)
    }
  }

  /// The network for images as they are.
  var finished: Network { factor == 1 ? network : network.scalingImages(by: factor) ?? network }

  /// What an epoch gave, while training.
  struct Epoch {
    /// Mean cross-entropy, in nats.
    var loss = 0.0
    /// Images predicted as their label.
    var hits = 0
  }

  /// One pass over the batches' images, a step for each batch; weights that two layers share stay as they are.
  /// - Parameters:
  ///   - climbs: whether the loss is to rise.
  ///   - normalization: by which statistics; the stored ones stay as they are.
  ///   - diverged: what a loss that is no number is refused with.
  ///   - constrain: what is done to the network after each step.
  mutating func epoch(
    _ batches: inout ImageBatches, _ optimizer: inout Optimizer, rate: Double, climbs: Bool = false,
    normalization: BackwardPass.Normalization = .stored, threads: Int,
    diverged: @autoclosure () -> InputError, constrain: (Network) throws -> Network = { $0 }
  ) throws -> Epoch {
    var epoch = Epoch()
    try batches.epoch { batch in
      let result = try BackwardPass(network, threads: threads, normalization: normalization).run(
        images: scaled(batch.images), labels: batch.labels)
      guard result.loss.isFinite else { throw diverged() }
      let gradients = result.gradients.filter { !network.nodes[$0.key].isShared }
      optimizer.step(
        &network, gradients: climbs ? gradients.mapValues(\.negated) : gradients, rate: Float(rate), threads: threads)
      network = try constrain(network)
      epoch.loss += result.loss * Double(batch.labels.count)
      epoch.hits += result.hits
    }
    epoch.loss /= Double(batches.count)
    return epoch
  }

  /// How many of some images are predicted as their label.
  func hits(_ places: [Int], threads: Int) throws -> Int {
    let pass = ForwardPass(network, threads: threads)
    return try stride(from: 0, to: places.count, by: 128).reduce(0) { sum, start in
      let part = Array(places[start..<min(places.count, start + 128)])
      let classes = try pass.logits(of: scaled(images.images(part))).largestIndices
      return sum + zip(classes, part).count { $0 == images.labels[$1] }
    }
  }

  private func scaled(_ images: Tensor) -> Tensor {
    var tensor = images
    if factor != 1 { for index in tensor.values.indices { tensor.values[index] *= factor } }
    return tensor
  }
}

extension WeightGradient {
  /// Of the opposite loss.
  fileprivate var negated: WeightGradient { WeightGradient(kernel: kernel.map { -$0 }, bias: bias.map { -$0 }) }
}
