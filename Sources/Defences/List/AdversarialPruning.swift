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
      .share("alpha", 0.2, "the weight of the loss without perturbation"),
      .count("iterations", 2000, 1...1_000_000, "steps of the masks"),
      .rate("rate", 0.2, "the masks' learning rate"),
      .share("threshold", 0.2, "channels with a lower mask are pruned"),
      .batch(128),
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
    var descent = MaskDescent(channels: masks.channels, rate: rate, threshold: threshold)
    var batches = ImageBatches(subject, size: batch, stream: 0xA0)
    for _ in 0..<iterations {
      let batch = try batches.drawn()
      let noise = (
        weights: batches.noise(masks.channels, limit: eps), biases: batches.noise(masks.channels, limit: eps)
      )
      let step = try Self.step(
        masks, descent.masks, noise, batch.images, batch.labels, eps: eps, alpha: alpha, threads: subject.threads)
      try descent.follow(
        step,
        diverged: InputError(
          "--defence anp", found: "a loss that is no number", expected: "a smaller eps, or a network that trains"))
    }
    return descent.ranked(subject)
  }

  /// One step: the perturbation climbs the loss once, as far as `eps`, and the masks' gradient is taken there and without it.
  /// - Parameter noise: where the perturbation begins.
  /// - Returns: the mixed loss, and its gradient with respect to the masks (C).
  package static func step(
    _ masks: ChannelMasks, _ values: [Double], _ noise: (weights: [Double], biases: [Double]), _ images: Tensor,
    _ labels: [Int], eps: Double, alpha: Double, threads: Int
  ) throws -> MaskStep {
    func perturbed(_ noise: (weights: [Double], biases: [Double])) throws -> ChannelMasks.Slopes {
      try masks.slopes(
        weights: zip(values, noise.weights).map { $0 + $1 }, biases: noise.biases.map { 1 + $0 }, images, labels,
        threads: threads)
    }
    func climbed(_ noise: [Double], _ slopes: [Double]) -> [Double] {
      zip(noise, slopes).map { noise, slope in
        min(eps, max(-eps, noise + (slope > 0 ? eps : slope < 0 ? -eps : 0)))
      }
    }
    var worst = noise
    if eps > 0 {
      let slopes = try perturbed(noise)
      worst = (climbed(noise.weights, slopes.weights), climbed(noise.biases, slopes.biases))
    }
    let robust = try perturbed(worst)
    let clean = try masks.slopes(weights: values, images, labels, threads: threads)
    return MaskStep(
      loss: alpha * clean.loss + (1 - alpha) * robust.loss,
      gradient: zip(clean.weights, robust.weights).map { alpha * $0 + (1 - alpha) * $1 })
  }
}
