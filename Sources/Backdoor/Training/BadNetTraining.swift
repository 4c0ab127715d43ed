import NeuralNetwork

/// Trains a DeepID network on poisoned faces.
public struct BadNetTraining: Sendable {
  /// The trained network; it takes pixels 0...255 as they are.
  public let network: Network
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
  private static let pixelRange: Float = 127.5

  /// Trains.
  /// - Parameters:
  ///   - training: poisoned, in memory.
  ///   - validation: clean.
  ///   - triggered: the validation faces wearing triggers, or nil without a backdoor.
  ///   - seed: of the weights and of the order of batches.
  /// - Throws: `InputError` for options out of range, or a training that diverges.
  public init(
    on training: FaceDataset, validation: FaceDataset, triggered: FaceDataset?, identities: Int,
    options: TrainingOptions, seed: UInt64, threads: Int, progress: (Progress) -> Void = { _ in }
  ) throws {
    try options.check()
    var network = try DeepID.initialNetwork(classes: identities, seed: seed)
    try training.require(imageShape: network.inputShape, classes: identities)
    var optimizer = Optimizer(
      options.optimizer, momentum: Float(options.momentum), weightDecay: Float(options.weightDecay),
      clipNorm: Float(options.clipNorm))
    var generator = SeededGenerator(seed: seed, stream: [0x5B0FF1E])
    let stepsAnEpoch = (training.count + options.batchSize - 1) / options.batchSize
    let steps = options.epochs * stepsAnEpoch
    var order = Array(0..<training.count)
    var history: [EpochRecord] = []
    var best = (epoch: 0, accuracy: -1.0, network: network)

    for epoch in 1...options.epochs {
      generator.shuffle(&order)
      var loss = 0.0
      var hits = 0
      for index in 0..<stepsAnEpoch {
        let rows = order[index * options.batchSize..<min(training.count, (index + 1) * options.batchSize)]
        let result = try BackwardPass(network, threads: threads).run(
          images: training.images(Array(rows), scale: 1 / Self.pixelRange), labels: rows.map { training.labels[$0] })
        guard result.loss.isFinite else {
          throw InputError(
            "--learning-rate", found: "\(options.learningRate): the loss is no longer a number in epoch \(epoch)",
            expected: "a rate at which training converges")
        }
        let step = (epoch - 1) * stepsAnEpoch + index
        let rate = options.learningRate * options.schedule.factor(step: step, of: steps)
        optimizer.step(&network, gradients: result.gradients, rate: Float(rate))
        loss += result.loss * Double(rows.count)
        hits += result.hits
        progress(Progress(step: step + 1, steps: steps, epoch: epoch, epochs: options.epochs, last: history.last))
      }
      func accuracy(_ faces: FaceDataset) throws -> Double {
        let images = try faces.images(0..<faces.count, scale: 1 / Self.pixelRange)
        let classes = try ForwardPass(network, threads: threads).logits(of: images).largestIndices
        return Double(zip(classes, faces.labels).count { $0 == $1 }) / Double(faces.count)
      }
      history.append(
        EpochRecord(
          epoch: epoch, loss: loss / Double(training.count), trainingAccuracy: Double(hits) / Double(training.count),
          validationAccuracy: try accuracy(validation), attackSuccess: try triggered.map(accuracy)))
      if options.patience == 0 || history[epoch - 1].validationAccuracy > best.accuracy {
        best = (epoch, history[epoch - 1].validationAccuracy, network)
      }
      if options.patience > 0, epoch - best.epoch >= options.patience { break }
    }
    self.network = try best.network.scalingInput(by: 1 / Self.pixelRange)
    self.history = history
    images = training.count
    bestEpoch = best.epoch
  }
}

extension Network {
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
