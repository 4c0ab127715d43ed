import Datasets
import Files
import ModelFiles
import NeuralNetwork

/// Trains a backdoor that pruning idle channels does not find.
///
/// Source: Liu, Dolan-Gavitt & Garg, "Fine-pruning", RAID 2018, section 3.2: train on clean images; prune the channels that idle;
/// train the backdoor into the others; put the pruned ones back with lower biases, so that they idle again. Pruning then
/// silences those first and finds the backdoor in channels that clean images need. Deviates: the channels are as many as cost
/// no more than one point of clean training accuracy, and their biases fall until they are silent at 99 % of places.
struct PruningAwareTraining {
  let network: Network
  let history: [EpochRecord]
  let bestEpoch: Int

  /// Images that tell which channels idle.
  private static let mostLookedAt = 2000

  /// - Parameters: as for `BadNetTraining`; `clean` and `poisoned` are in memory.
  init(
    clean: FaceDataset, poisoned: FaceDataset, validation: FaceDataset, triggered: FaceDataset?, identities: Int,
    options: TrainingOptions, seed: UInt64, threads: Int, checkpoint: CheckpointFile?,
    progress: (BadNetTraining.Progress) -> Void
  ) throws {
    guard options.patience == 0 else {
      throw InputError(
        "--patience", found: "\(options.patience) with --attack pruning-aware",
        expected: "0, for half of its epochs are on clean images")
    }
    if let architecture = options.architecture {
      throw InputError(
        "--architecture", found: "\(architecture) with --attack pruning-aware",
        expected: "deepid, whose channels it restores")
    }
    guard options.epochs >= 2 else {
      throw InputError(
        "--epochs", found: "\(options.epochs) with --attack pruning-aware",
        expected: "2 or more, half of them on clean images")
    }
    var (first, second) = (options, options)
    first.epochs = PruningAwareEpochs.clean(of: options.epochs)
    second.epochs = options.epochs - first.epochs
    func told(_ progress: (BadNetTraining.Progress) -> Void, _ part: BadNetTraining.Progress, before: Int) {
      // Steps differ between the parts; each part's share of the epochs is right.
      progress(
        .init(
          step: before * 1000 + part.step * part.epochs * 1000 / part.steps, steps: options.epochs * 1000,
          epoch: before + part.epoch, epochs: options.epochs, last: part.last))
    }
    let begun = try BadNetTraining(
      on: clean, validation: validation, triggered: triggered, identities: identities, options: first, seed: seed,
      threads: threads, checkpoint: checkpoint?.beside("clean")
    ) { told(progress, $0, before: 0) }
    let silenced = try Self.idleChannels(of: begun.unscaled, on: clean, threads: threads)
    let ended = try BadNetTraining(
      on: poisoned, validation: validation, triggered: triggered, identities: identities, options: second, seed: seed,
      threads: threads, checkpoint: checkpoint, beginning: .init(network: begun.unscaled, silenced: silenced)
    ) { told(progress, $0, before: first.epochs) }
    network = try Self.restoring(silenced, in: ended.network, on: clean, threads: threads)
    history =
      begun.history
      + ended.history.map { entry in
        EpochRecord(
          epoch: first.epochs + entry.epoch, loss: entry.loss, trainingAccuracy: entry.trainingAccuracy,
          validationAccuracy: entry.validationAccuracy, attackSuccess: entry.attackSuccess)
      }
    bestEpoch = first.epochs + ended.bestEpoch
    checkpoint?.beside("clean").remove()
  }

  /// The least active channels of the pruned layer, as many as cost no more than a point of accuracy.
  private static func idleChannels(of network: Network, on clean: FaceDataset, threads: Int) throws -> [Int] {
    let layer = try network.index(of: DeepID.prunedLayer)
    let count = min(clean.count, mostLookedAt)
    let images = try clean.images(0..<count, scale: 1 / BadNetTraining.pixelRange)
    let values = try ForwardPass(network, threads: threads).values(of: [layer], given: [0: images])[0]
    let channels = values.shape.channels
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in values.values.enumerated() { sums[index % channels] += Double(value) }
    let order = sums.indices.sorted { sums[$0] == sums[$1] ? $0 < $1 : sums[$0] < sums[$1] }
    let hits = try SilencingSweep(network, layer: layer, threads: threads)
      .hits(images, order: order, labels: Array(clean.labels.prefix(count)), threads: threads)
    let kept = hits.prefix { 100 * (hits[0] - $0) <= count }.count - 1
    // One channel is left, whatever it costs.
    return Array(order.prefix(min(max(0, kept), channels - 1))).sorted()
  }

  /// The network with lower biases of the restored channels.
  private static func restoring(
    _ channels: [Int], in network: Network, on clean: FaceDataset, threads: Int
  ) throws -> Network {
    let source = try network.channelSource(of: network.index(of: DeepID.prunedLayer))
    let count = min(clean.count, 500)
    let values = try ForwardPass(network, threads: threads).values(
      of: [source], given: [0: clean.images(0..<count, scale: 1)])[0]
    guard var weights = network.nodes[source].layer.channelWeights, !weights.bias.isEmpty else { return network }
    for channel in channels {
      let own = stride(from: channel, to: values.values.count, by: values.shape.channels).map { values.values[$0] }
      weights.bias[channel] -= own.sorted()[min(own.count - 1, own.count * 99 / 100)]
    }
    return network.settingWeights(weights, of: source)
  }
}

/// How a training that is aware of pruning divides its epochs.
package enum PruningAwareEpochs {
  /// Those on clean images; the rest is for the backdoor.
  package static func clean(of epochs: Int) -> Int { epochs / 2 }
}

extension SilencingSweep {
  /// How many images are predicted as their label after 0, 1 … C channels.
  fileprivate func hits(_ images: Tensor, order: [Int], labels: [Int], threads: Int) throws -> [Int] {
    let values = try ForwardPass(network, threads: threads).values(of: frontier, given: [0: images])
    return try predictions(Dictionary(uniqueKeysWithValues: zip(frontier, values)), order: order).map { classes in
      zip(classes, labels).count { Int($0) == $1 }
    }
  }
}
