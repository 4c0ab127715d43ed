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
      unlearns with Nesterov's momentum, and has the threshold as a setting, where the published code searches for one \
      with the attack in view
      """,
    scope: .allLayers, usesSeed: true,
    settings: [
      .rate("unlearn-rate", 0.01, "the learning rate of unlearning"),
      .rate("recover-rate", 0.2, "the masks' learning rate"),
      .epochs("unlearn-epochs", "the most epochs of unlearning"),
      .epochs("recover-epochs", "epochs of recovering"),
      .share("clean", 0.2, "unlearning ends at this accuracy"),
      .share("alpha", 0.2, "the weight of the masks' loss"),
      .share("threshold", 0.2, "channels with a lower mask are pruned"),
      .batch(128),
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
    var descent = MaskDescent(
      channels: masks.channels, rate: values["recover-rate"], threshold: values["threshold"])
    var batches = ImageBatches(subject, size: values.count("batch"), stream: 0x12EC)
    for _ in 0..<values.count("recover-epochs") {
      try batches.epoch { batch in
        let step = try Self.recovering(masks, descent.masks, batch.images, batch.labels, threads: subject.threads)
        try descent.follow(
          step, weight: values["alpha"],
          diverged: InputError(
            "--defence rnp", found: "a loss that is no number while recovering", expected: "a smaller unlearn-rate"))
      }
    }
    return descent.ranked(subject)
  }

  /// The loss of a masked network, and its gradient with respect to the masks (C).
  package static func recovering(
    _ masks: ChannelMasks, _ values: [Double], _ images: Tensor, _ labels: [Int], threads: Int
  ) throws -> MaskStep {
    let slopes = try masks.slopes(weights: values, images, labels, threads: threads)
    return MaskStep(loss: slopes.loss, gradient: slopes.weights)
  }

  /// The network after climbing the loss of clean images.
  private func unlearned(_ subject: DefenceSubject) throws -> Network {
    var training = try ScaledTraining(subject.network, images: subject.images)
    var optimizer = Optimizer(.sgd, momentum: 0.9, weightDecay: Self.weightDecay, clipNorm: Self.clipNorm)
    var batches = ImageBatches(subject, size: values.count("batch"), stream: 0x012)
    for epoch in 1...values.count("unlearn-epochs") {
      let result = try training.epoch(
        &batches, &optimizer, rate: values["unlearn-rate"], climbs: true, normalization: .batch,
        threads: subject.threads,
        diverged: InputError(
          "--defence rnp", found: "a loss that is no number in epoch \(epoch) of unlearning",
          expected: "a smaller unlearn-rate"))
      if Double(result.hits) <= values["clean"] * Double(subject.images.count) { break }
    }
    return training.finished
  }
}
