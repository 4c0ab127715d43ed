import Files
import NeuralNetwork

/// What is trained after channels were silenced.
public protocol Tuning: Sendable {
  /// Tunes a network on the subject's clean images; what is silenced stays so.
  /// - Parameters:
  ///   - network: with the channels already silenced.
  ///   - channels: counted through the subject's layers.
  /// - Throws: `InputError` where there are too few images, or the loss is no longer a number.
  func tune(_ network: Network, silenced channels: [Int], _ subject: DefenceSubject) throws -> Tuned
}

/// A tuned network, and how its tuning went.
public struct Tuned: Sendable {
  /// With its silenced channels still silent.
  public var network: Network
  /// What is worth recording.
  public var history: TuningHistory
}

/// How a tuning went: all of it in whole images and losses.
public struct TuningHistory: Codable, Equatable, Sendable {
  /// How many clean validation images trained, and how many others told which epoch is kept.
  public var tuningImages: Int, stoppingImages: Int
  /// One entry an epoch.
  public var epochs: [Epoch]
  /// The epoch that is kept, from 1.
  public var bestEpoch: Int

  /// One pass over the images that tune.
  public struct Epoch: Codable, Equatable, Sendable {
    /// Mean cross-entropy while training, in nats.
    public var loss: Double
    /// Images held back from tuning that are predicted as their label afterwards.
    public var stoppingHits: Int
  }
}

/// Stochastic gradient descent on one part of the clean images; the other part says which epoch is kept.
struct CleanTuning: Tuning {
  private let rate: Double, momentum: Double, decay: Double, clip: Double, stop: Double
  private let epochs: Int, batch: Int

  /// Fewer images than this cannot be divided sensibly.
  private static let fewestImages = 10

  static let settings: [DefenceSetting] = [
    .rate("rate", 0.01, "the learning rate"),
    .epochs("epochs", "passes over the images that tune"),
    .number("momentum", 0.9, 0...0.999, "of the gradient, as Nesterov has it"),
    .share("decay", 0.0005, "weight decay"),
    .batch(32),
    .number("clip", 1, 0...1_000_000, "a longer gradient is shortened to this norm; 0 for no limit"),
    .number("stop", 0.2, 0.05...0.9, "the fraction of images held back to say which epoch is kept"),
  ]

  init(_ values: DefenceValues) {
    (rate, momentum, decay, clip) = (values["rate"], values["momentum"], values["decay"], values["clip"])
    (stop, epochs, batch) = (values["stop"], values.count("epochs"), values.count("batch"))
  }

  func tune(_ network: Network, silenced channels: [Int], _ subject: DefenceSubject) throws -> Tuned {
    let parts = try parts(subject)
    var training = try ScaledTraining(network, images: subject.images)
    var optimizer = Optimizer(.sgd, momentum: Float(momentum), weightDecay: Float(decay), clipNorm: Float(clip))
    var batches = ImageBatches(subject, parts.tuning, size: batch, stream: 0x70E)
    var history = TuningHistory(
      tuningImages: parts.tuning.count, stoppingImages: parts.stopping.count, epochs: [], bestEpoch: 0)
    var (best, bestHits) = (training, -1)
    for epoch in 1...epochs {
      let result = try training.epoch(
        &batches, &optimizer, rate: rate, threads: subject.threads,
        diverged: InputError(
          "--defence-options", found: "rate=\(rate): the loss is no longer a number in epoch \(epoch) of tuning",
          expected: "a rate at which tuning converges")
      ) { try $0.pruning(channels, through: subject.layers) }
      let hits = try training.hits(parts.stopping, threads: subject.threads)
      history.epochs.append(.init(loss: result.loss, stoppingHits: hits))
      // Of equal epochs the latest: the backdoor has had more time to go.
      if hits >= bestHits { (best, bestHits, history.bestEpoch) = (training, hits, epoch) }
    }
    return Tuned(network: best.finished, history: history)
  }

  /// Clean images, divided by the seed.
  private func parts(_ subject: DefenceSubject) throws -> (tuning: [Int], stopping: [Int]) {
    let count = subject.images.count
    guard count >= Self.fewestImages else {
      throw InputError(
        "--clean-valid", found: "\(count == 1 ? "1 image" : "\(count) images")",
        expected: "\(Self.fewestImages) or more, some to tune on and others to say when to stop")
    }
    var generator = SeededGenerator(seed: subject.seed, stream: [0xD1_71DE])
    var order = Array(0..<count)
    generator.shuffle(&order)
    let held = min(count - 1, max(1, Int((Double(count) * stop).rounded())))
    return (order.dropFirst(held).sorted(), order.prefix(held).sorted())
  }
}
