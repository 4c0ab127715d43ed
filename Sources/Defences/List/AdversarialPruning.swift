import Files
import NeuralNetwork

extension Defence {
  /// Wu & Wang, NeurIPS 2021: channels that a bounded change of their weights turns against clean images.
  public static let anp = Defence(
    name: "anp",
    summary: "silences the channels whose masks fall while their weights are perturbed against clean images",
    paper: "Wu and Wang, Adversarial neuron pruning purifies backdoored deep models, NeurIPS 2021",
    deviation: """
      keeps the perturbation within eps after its one step, which the published code does not, and where there is no \
      normalisation masks and perturbs a convolution's kernel and bias
      """,
    scope: .allLayers, usesSeed: true,
    settings: [
      .number("eps", 0.4, 0...10, "the largest relative perturbation of a channel's weights and bias"),
      .number("alpha", 0.2, 0...1, "the weight of the loss without perturbation"),
      .count("iterations", 2000, 1...1_000_000, "steps of the masks"),
      .number("rate", 0.2, 0...100, "the masks' learning rate"),
      .number("threshold", 0.2, 0...1, "channels with a lower mask are pruned"),
      .count("batch", 128, 1...65_536, "images a step"),
    ]
  ) { values in Parts(ranking: AdversarialRanking(values)) }
}

/// By masks that minimise alpha L(clean) + (1 - alpha) max L(perturbed).
package struct AdversarialRanking: ChannelRanking {
  let eps: Double, alpha: Double, rate: Double, threshold: Double
  let iterations: Int, batch: Int

  init(_ values: DefenceValues) {
    (eps, alpha, rate, threshold) = (values["eps"], values["alpha"], values["rate"], values["threshold"])
    (iterations, batch) = (values.count("iterations"), values.count("batch"))
  }

  package func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let masks = try ChannelMasks(subject, of: subject.network, for: "anp")
    var optimizer = MaskOptimizer(channels: masks.channels, rate: rate)
    var batches = ImageBatches(
      Array(0..<subject.images.count), size: batch, seed: subject.seed, stream: 0xA0)
    for _ in 0..<iterations {
      let places = batches.drawn()
      let images = try subject.images.images(places)
      let labels = places.map { subject.images.labels[$0] }
      let noise = (
        weights: batches.noise(masks.channels, limit: eps), biases: batches.noise(masks.channels, limit: eps)
      )
      let step = try Self.step(
        masks, optimizer.masks, noise, images, labels, eps: eps, alpha: alpha, threads: subject.threads)
      guard step.loss.isFinite else {
        throw InputError(
          "--defence anp", found: "a loss that is no number", expected: "a smaller eps, or a network that trains")
      }
      optimizer.step(step.gradient)
    }
    return RankedChannels(
      scores: optimizer.masks, keys: optimizer.masks, ownStop: optimizer.masks.count { $0 < threshold },
      images: subject.images.count)
  }

  /// One step: the perturbation climbs the loss once, as far as `eps`, and the masks' gradient is taken there and without it.
  /// - Parameter noise: where the perturbation begins.
  /// - Returns: the mixed loss, and its gradient with respect to the masks (C).
  package static func step(
    _ masks: ChannelMasks, _ values: [Double], _ noise: (weights: [Double], biases: [Double]), _ images: Tensor,
    _ labels: [Int], eps: Double, alpha: Double, threads: Int
  ) throws -> (loss: Double, gradient: [Double]) {
    func perturbed(_ noise: (weights: [Double], biases: [Double])) throws -> BackwardPass.Result {
      let network = masks.network(
        weights: zip(values, noise.weights).map { $0 + $1 }, biases: noise.biases.map { 1 + $0 })
      return try BackwardPass(network, threads: threads).run(images: images, labels: labels)
    }
    func climbed(_ noise: [Double], _ slopes: [Double]) -> [Double] {
      zip(noise, slopes).map { noise, slope in
        min(eps, max(-eps, noise + (slope > 0 ? eps : slope < 0 ? -eps : 0)))
      }
    }
    var worst = noise
    if eps > 0 {
      let slopes = masks.gradient(try perturbed(noise).gradients)
      worst = (climbed(noise.weights, slopes.weights), climbed(noise.biases, slopes.biases))
    }
    let robust = try perturbed(worst)
    let none = [Double](repeating: 1, count: masks.channels)
    let clean = try BackwardPass(masks.network(weights: values, biases: none), threads: threads).run(
      images: images, labels: labels)
    let (robustSlopes, cleanSlopes) = (masks.gradient(robust.gradients), masks.gradient(clean.gradients))
    return (
      alpha * clean.loss + (1 - alpha) * robust.loss,
      zip(cleanSlopes.weights, robustSlopes.weights).map { alpha * $0 + (1 - alpha) * $1 }
    )
  }
}
