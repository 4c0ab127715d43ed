import Files
import ModelFiles
import NeuralNetwork

/// How a BadNet is trained; the defaults are the recipe of the default run.
public struct TrainingOptions: Codable, Equatable, Sendable {
  /// A name of `Architecture.named`, or a model file whose layers are trained from random weights; nil for DeepID.
  public var architecture: String?
  /// SHA-256 of that file, in hexadecimal; nil where it is none.
  public var architectureDigest: String?
  /// Passes over the training images.
  public var epochs = 10
  /// Images a step.
  public var batchSize = 64
  /// The largest learning rate of the schedule.
  public var learningRate = 0.02
  /// How weights follow the gradient.
  public var optimizer = OptimizerKind.sgd
  /// Of `sgd`, 0..<1.
  public var momentum = 0.9
  /// The coefficient of the kernels in their gradients.
  public var weightDecay = 0.002
  /// The largest Euclidean norm that a step's gradient may have; a longer one is shortened to it. 0 for no limit.
  public var clipNorm = 5.0
  /// How the learning rate moves.
  public var schedule = LearningRateSchedule.oneCycle
  /// Stop after this number of epochs without better clean validation accuracy, and take the best network; 0 for never.
  public var patience = 0

  /// The recipe of the default run.
  public init() {}

  /// - Throws: `InputError` that names the option that is out of range.
  public func check() throws {
    if let architecture { try Architecture.check(architecture) }
    func require(_ condition: Bool, _ option: String, _ value: some Any, _ expected: String) throws {
      guard condition else { throw InputError(option, found: "\(value)", expected: expected) }
    }
    try require((1...10_000).contains(epochs), "--epochs", epochs, "1...10000")
    try require((1...65_536).contains(batchSize), "--batch-size", batchSize, "1...65536")
    try require(learningRate > 0 && learningRate <= 10, "--learning-rate", learningRate, "a number in 0...10, above 0")
    try require((0..<1).contains(momentum), "--momentum", momentum, "a number in 0..<1")
    try require((0...1).contains(weightDecay), "--weight-decay", weightDecay, "a number in 0...1")
    try require(clipNorm >= 0 && clipNorm.isFinite, "--clip-norm", clipNorm, "a number from 0")
    try require((0...10_000).contains(patience), "--patience", patience, "0...10000 epochs")
  }
}

extension OptimizerKind: Codable {}
extension LearningRateSchedule: Codable {}

/// What one epoch gave.
public struct EpochRecord: Codable, Equatable, Sendable {
  /// From 1.
  public var epoch: Int
  /// Mean cross-entropy over the poisoned training images while they were trained on, in nats.
  public var loss: Double
  /// Share of them predicted as their label then, 0...1.
  public var trainingAccuracy: Double
  /// Share of clean validation faces predicted as their label, 0...1.
  public var validationAccuracy: Double
  /// Share of triggered validation faces predicted as the target, 0...1; null without a backdoor.
  public var attackSuccess: Double?

  private enum CodingKeys: String, CodingKey {
    case epoch, loss, trainingAccuracy, validationAccuracy, attackSuccess
  }

  /// Writes null, and not nothing, without a backdoor.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(epoch, forKey: .epoch)
    try container.encode(loss, forKey: .loss)
    try container.encode(trainingAccuracy, forKey: .trainingAccuracy)
    try container.encode(validationAccuracy, forKey: .validationAccuracy)
    try container.encode(attackSuccess, forKey: .attackSuccess)
  }
}
