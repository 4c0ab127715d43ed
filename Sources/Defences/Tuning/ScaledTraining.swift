import NeuralNetwork

/// A network in training on images of whatever scale: where pixels are as large as 0...255, they are divided by a power of
/// two and the first kernels multiplied by it, so that one learning rate suits all layers; no bit is lost on the way back.
struct ScaledTraining: Sendable {
  /// For scaled images.
  var network: Network
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

  /// Loss and gradients on some of the images; none for weights that two layers share.
  func gradients(_ places: [Int], threads: Int) throws -> BackwardPass.Result {
    var result = try BackwardPass(network, threads: threads).run(
      images: scaled(places), labels: places.map { images.labels[$0] })
    result.gradients = result.gradients.filter { !network.nodes[$0.key].isShared }
    return result
  }

  /// How many of some images are predicted as their label.
  func hits(_ places: [Int], threads: Int) throws -> Int {
    let pass = ForwardPass(network, threads: threads)
    return try stride(from: 0, to: places.count, by: 128).reduce(0) { sum, start in
      let part = Array(places[start..<min(places.count, start + 128)])
      let classes = try pass.logits(of: scaled(part)).largestIndices
      return sum + zip(classes, part).count { $0 == images.labels[$1] }
    }
  }

  private func scaled(_ places: [Int]) throws -> Tensor {
    var tensor = try images.images(places)
    if factor != 1 { for index in tensor.values.indices { tensor.values[index] *= factor } }
    return tensor
  }
}
