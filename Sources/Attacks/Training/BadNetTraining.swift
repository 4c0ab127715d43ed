import Datasets
import Files
import ModelFiles
import NeuralNetwork

/// Trains a network on poisoned images.
public struct BadNetTraining: Sendable {
  /// The trained network; it takes pixels 0...255 as they are.
  public let network: Network
  /// The same for pixels divided by `pixelRange`.
  let unscaled: Network
  /// One entry an epoch.
  public let history: [EpochRecord]
  /// How many images were trained on, the triggered copies among them.
  public let images: Int
  /// The epoch whose weights these are, from 1.
  public let bestEpoch: Int

  /// How far a training has come.
  public struct Progress: Sendable {
    /// Steps done and steps in all.
    public let step: Int, steps: Int
    /// Epochs begun and epochs in all.
    public let epoch: Int, epochs: Int
    /// Of the epoch before, if there was one.
    public let last: EpochRecord?
  }

  /// Pixels are divided by this for training, so that they have a size near 1; the division then becomes part of the
  /// first layer's weights.
  static let pixelRange: Float = 127.5

  /// Where a training begins that goes on with a network.
  struct Beginning {
    /// For pixels divided by `pixelRange`.
    let network: Network
    /// Channels of DeepID's pruned layer that are silent while it trains, and keep their weights.
    let silenced: [Int]

    /// The network as it is while it trains.
    func silencing(_ network: Network) throws -> Network { try network.pruning(silenced, of: DeepID.prunedLayer) }

    /// A network whose silenced channels have the weights that they began with.
    func restoring(_ network: Network) throws -> Network {
      let source = try network.channelSource(of: network.index(of: DeepID.prunedLayer))
      guard var weights = network.nodes[source].layer.channelWeights,
        let own = self.network.nodes[source].layer.channelWeights
      else { return network }
      let channels = network.shapes[source].channels
      let isSilenced = Set(silenced)
      for index in weights.kernel.indices where isSilenced.contains(index % channels) {
        weights.kernel[index] = own.kernel[index]
      }
      for index in weights.bias.indices where isSilenced.contains(index) { weights.bias[index] = own.bias[index] }
      return network.settingWeights(weights, of: source)
    }
  }

  /// How far stored statistics move towards those of a batch at every step, as in PyTorch.
  private static let statisticsShare: Float = 0.1

  /// Trains, or goes on with a training that was interrupted: from the same epoch on, with the same numbers.
  /// - Parameters:
  ///   - training: poisoned, in memory.
  ///   - validation: clean.
  ///   - triggered: the validation faces wearing triggers, or nil without a backdoor.
  ///   - seed: of the weights and of the order of batches.
  ///   - checkpoint: where the training's state is kept after every epoch, and resumed from; nil for nowhere. It stays
  ///     there when the training is done.
  /// - Throws: `InputError` for options out of range, or a training that diverges; `SystemError` where the checkpoint
  ///   cannot be written.
  public init(
    on training: FaceDataset, validation: FaceDataset, triggered: FaceDataset?, identities: Int,
    options: TrainingOptions, seed: UInt64, threads: Int, checkpoint: CheckpointFile? = nil,
    progress: (Progress) -> Void = { _ in }
  ) throws {
    try self.init(
      on: training, validation: validation, triggered: triggered, identities: identities, options: options, seed: seed,
      threads: threads, checkpoint: checkpoint, beginning: nil, progress: progress)
  }

  /// The same, going on with a network.
  init(
    on training: FaceDataset, validation: FaceDataset, triggered: FaceDataset?, identities: Int,
    options: TrainingOptions, seed: UInt64, threads: Int, checkpoint: CheckpointFile?, beginning: Beginning?,
    progress: (Progress) -> Void
  ) throws {
    try options.check()
    let start =
      try beginning?.network
      ?? Architecture.initialNetwork(
        named: options.architecture, classes: identities, seed: seed, imageShape: training.imageShape)
    var state = TrainingState(start, options)
    try training.require(imageShape: state.network.inputShape, classes: identities)
    let key = try checkpoint?.key(
      faces: [training, validation] + [triggered].compactMap(\.self), options, seed: seed,
      beginning: beginning.map { ($0.network, $0.silenced) })
    func seen(_ network: Network) throws -> Network { try beginning?.silencing(network) ?? network }
    var generator = SeededGenerator(seed: seed, stream: [0x5B0FF1E])
    let scale = state.network.readsPixelsInConvolutions ? 1 / Self.pixelRange : 1
    let stepsAnEpoch = (training.count + options.batchSize - 1) / options.batchSize
    let steps = options.epochs * stepsAnEpoch
    var order = Array(0..<training.count)
    if let checkpoint, let key,
      let saved = checkpoint.read(key: key, beginning: state, epochs: options.epochs, stepsAnEpoch: stepsAnEpoch)
    {
      state = saved
      for _ in 0..<state.epoch { generator.shuffle(&order) }
    }

    while state.epoch < options.epochs, !state.isOutOfPatience(options.patience) {
      let epoch = state.epoch + 1
      generator.shuffle(&order)
      var loss = 0.0
      var hits = 0
      for index in 0..<stepsAnEpoch {
        let rows = order[index * options.batchSize..<min(training.count, (index + 1) * options.batchSize)]
        let result = try BackwardPass(seen(state.network), threads: threads, normalization: .batch).run(
          images: training.images(Array(rows), scale: scale), labels: rows.map { training.labels[$0] })
        guard result.loss.isFinite else {
          checkpoint?.remove()
          throw InputError(
            "--learning-rate", found: "\(options.learningRate): the loss is no longer a number in epoch \(epoch)",
            expected: "a rate at which training converges")
        }
        let step = (epoch - 1) * stepsAnEpoch + index
        let rate = options.learningRate * options.schedule.factor(step: step, of: steps)
        state.optimizer.step(&state.network, gradients: result.gradients, rate: Float(rate), threads: threads)
        state.network.moveStatistics(towards: result.statistics, share: Self.statisticsShare)
        if let beginning { state.network = try beginning.restoring(state.network) }
        loss += result.loss * Double(rows.count)
        hits += result.hits
        progress(Progress(step: step + 1, steps: steps, epoch: epoch, epochs: options.epochs, last: state.history.last))
      }
      let forward = ForwardPass(try seen(state.network), threads: threads)
      state.add(
        EpochRecord(
          epoch: epoch, loss: loss / Double(training.count), trainingAccuracy: Double(hits) / Double(training.count),
          validationAccuracy: try Self.accuracy(forward, on: validation, scale: scale),
          attackSuccess: try triggered.map { try Self.accuracy(forward, on: $0, scale: scale) }),
        keepsBest: options.patience > 0)
      if let checkpoint, let key { try checkpoint.write(state, key: key) }
    }
    unscaled = state.best
    network = try scale == 1 ? state.best : state.best.scalingInput(by: scale)
    history = state.history
    images = training.count
    bestEpoch = state.bestEpoch
  }

  /// A training that was aware of pruning.
  init(_ aware: PruningAwareTraining, images: Int) {
    (network, unscaled, history, bestEpoch) = (aware.network, aware.network, aware.history, aware.bestEpoch)
    self.images = images
  }

  /// The share of faces predicted as their label, 0...1.
  private static func accuracy(_ forward: ForwardPass, on faces: FaceDataset, scale: Float) throws -> Double {
    let images = try faces.images(0..<faces.count, scale: scale)
    let classes = try forward.logits(of: images).largestIndices
    return Double(zip(classes, faces.labels).count { $0 == $1 }) / Double(faces.count)
  }
}

extension Network {
  /// Whether convolutions alone read the images, so that a factor of the pixels can become part of their kernels; a network that
  /// begins otherwise prepares pixels itself.
  fileprivate var readsPixelsInConvolutions: Bool {
    readers(of: 0).allSatisfy { if case .convolution = nodes[$0].layer { true } else { false } }
  }

  /// The same function of inputs that were not multiplied by `factor`: the first layer's kernel is multiplied instead.
  fileprivate func scalingInput(by factor: Float) throws -> Network {
    var nodes = nodes
    for index in readers(of: 0) {
      guard case .convolution(var layer) = nodes[index].layer else { continue }
      layer.kernel = layer.kernel.map { $0 * factor }
      nodes[index].layer = .convolution(layer)
    }
    return try Network(nodes: nodes)
  }
}

extension FaceDataset {
  /// The images of some rows of a dataset in memory, in the order of `rows`: (n, H, W, C), times `scale`.
  fileprivate func images(_ rows: [Int], scale: Float) throws -> Tensor {
    let size = imageShape.count
    let pixels = pixels
    let values = [Float](unsafeUninitializedCapacity: rows.count * size) { buffer, count in
      for (place, row) in rows.enumerated() {
        for index in 0..<size { buffer[place * size + index] = Float(pixels[row * size + index]) * scale }
      }
      count = rows.count * size
    }
    return Tensor(count: rows.count, shape: imageShape, values: values)
  }
}
