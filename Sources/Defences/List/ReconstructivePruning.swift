import Files
import NeuralNetwork

extension Defence {
  /// Li et al., ICML 2023: channels that cannot be recovered once clean images are unlearned.
  public static let rnp = Defence(
    name: "rnp", summary: "unlearns clean images, recovers them by masks alone and silences the channels masked out",
    paper: """
      Li, Lyu, Ma, Koren, Lyu, Li and Jiang, Reconstructive neuron pruning for backdoor defense, ICML 2023
      """,
    deviation: """
      keeps the stored statistics of normalisations, unlearns with Nesterov's momentum, and has the threshold as a \
      setting, where the published code searches for one with the attack in view
      """,
    scope: .allLayers, usesSeed: true,
    settings: [
      .number("unlearn-rate", 0.01, 0...100, "the learning rate of unlearning"),
      .number("recover-rate", 0.2, 0...100, "the masks' learning rate"),
      .count("unlearn-epochs", 20, 1...100_000, "the most epochs of unlearning"),
      .count("recover-epochs", 20, 1...100_000, "epochs of recovering"),
      .number("clean", 0.2, 0...1, "unlearning ends at this accuracy"),
      .number("alpha", 0.2, 0...1, "the weight of the masks' loss"),
      .number("threshold", 0.2, 0...1, "channels with a lower mask are pruned"),
      .count("batch", 128, 1...65_536, "images a step"),
    ]
  ) { values in Parts(ranking: ReconstructiveRanking(values)) }
}

/// By masks that give an unlearned network its accuracy back.
package struct ReconstructiveRanking: ChannelRanking {
  private let values: DefenceValues
  private static let weightDecay: Float = 5e-4, clipNorm: Float = 20

  init(_ values: DefenceValues) { self.values = values }

  package func rank(_ subject: DefenceSubject) throws -> RankedChannels {
    let unlearned = try unlearned(subject)
    let masks = try ChannelMasks(subject, of: unlearned, for: "rnp")
    var optimizer = MaskOptimizer(channels: masks.channels, rate: values["recover-rate"])
    var batches = ImageBatches(
      Array(0..<subject.images.count), size: values.count("batch"), seed: subject.seed, stream: 0x12EC)
    for _ in 0..<values.count("recover-epochs") {
      for places in batches.epoch() {
        let labels = places.map { subject.images.labels[$0] }
        let step = try Self.recovering(
          masks, optimizer.masks, subject.images.images(places), labels, threads: subject.threads)
        optimizer.step(step.gradient.map { values["alpha"] * $0 })
      }
    }
    return RankedChannels(
      scores: optimizer.masks, keys: optimizer.masks,
      ownStop: optimizer.masks.count { $0 < values["threshold"] }, images: subject.images.count)
  }

  /// The loss of a masked network, and its gradient with respect to the masks (C).
  package static func recovering(
    _ masks: ChannelMasks, _ values: [Double], _ images: Tensor, _ labels: [Int], threads: Int
  ) throws -> (loss: Double, gradient: [Double]) {
    let none = [Double](repeating: 1, count: masks.channels)
    let result = try BackwardPass(masks.network(weights: values, biases: none), threads: threads).run(
      images: images, labels: labels)
    return (result.loss, masks.gradient(result.gradients).weights)
  }

  /// The network after climbing the loss of clean images.
  private func unlearned(_ subject: DefenceSubject) throws -> Network {
    var training = try ScaledTraining(subject.network, images: subject.images)
    var optimizer = Optimizer(.sgd, momentum: 0.9, weightDecay: Self.weightDecay, clipNorm: Self.clipNorm)
    var batches = ImageBatches(
      Array(0..<subject.images.count), size: values.count("batch"), seed: subject.seed, stream: 0x012)
    for epoch in 1...values.count("unlearn-epochs") {
      var hits = 0
      for places in batches.epoch() {
        let result = try training.gradients(places, threads: subject.threads)
        guard result.loss.isFinite else {
          throw InputError(
            "--defence rnp", found: "a loss that is no number in epoch \(epoch) of unlearning",
            expected: "a smaller unlearn-rate")
        }
        hits += result.hits
        optimizer.step(
          &training.network, gradients: result.gradients.mapValues(\.negated), rate: Float(values["unlearn-rate"]))
      }
      if Double(hits) <= values["clean"] * Double(subject.images.count) { break }
    }
    return training.finished
  }
}

extension WeightGradient {
  /// Of the opposite loss.
  fileprivate var negated: WeightGradient { WeightGradient(kernel: kernel.map { -$0 }, bias: bias.map { -$0 }) }
}
