import NeuralNetwork

/// What a training was made from and how it went.
public struct TrainingRecord: Codable, Equatable, Sendable {
  /// What it was made from.
  public var recipe: BadNetRecipe
  /// Training images, the triggered copies among them.
  public var images: Int
  /// One entry an epoch.
  public var history: [EpochRecord]
  /// The epoch whose weights were kept, from 1.
  public var bestEpoch: Int

  /// The record of a training.
  public init(_ trained: TrainedBadNet) {
    recipe = trained.recipe
    images = trained.training.images
    history = trained.training.history
    bestEpoch = trained.training.bestEpoch
  }
}
