import Datasets
import Defences
import ModelFiles
import NeuralNetwork

/// What is pruned, in which order, and when it stops.
public struct StudyOptions: Equatable, Sendable {
  /// The layer whose channels are pruned.
  public var layer: String
  /// Whether the network says which layer (`Network.defaultPrunedLayer`), and not `layer`.
  public var choosesLayer = false
  /// How `pruning` ranks channels; other defences have rankings of their own.
  public var order: PruningOrder
  /// What ranks, stops and tunes.
  public var defence = DefenceChoice.pruning
  /// The X values, in increasing order and each once.
  public var drops: [Drop]
  /// For a random order.
  public var seed: UInt64
  /// Whether rows whose true identity is the target are left out of attack success.
  public var excludesTarget: Bool
  /// How many clean validation images the seed draws; nil for all of them. The study then knows no other clean validation
  /// image: ranking, stopping and every rate on that split are those of the sample.
  public var validationSample: Int?
  /// How many threads may work at once; changes speed and nothing else.
  public var threads: Int

  /// What is not given is the published study's, on one thread.
  public init(
    layer: String = DeepID.prunedLayer, order: PruningOrder = .ascending, drops: [Drop] = Drop.published,
    seed: UInt64 = 1, excludesTarget: Bool = false, validationSample: Int? = nil, threads: Int = 1
  ) {
    self.layer = layer
    self.order = order
    self.drops = drops
    self.seed = seed
    self.excludesTarget = excludesTarget
    self.validationSample = validationSample
    self.threads = threads
  }
}

/// A network under examination, with what its pixels want.
public struct BadNet: Sendable {
  /// B.
  public let network: Network
  /// What becomes of pixels before they enter it.
  public let preparation: InputPreparation

  /// What pixels are multiplied by, as 1 or 1/255.
  public var inputScale: Double { preparation.scale }

  /// `network` for pixels 0...255 times `inputScale`.
  public init(network: Network, inputScale: Double) {
    self.init(network: network, preparation: InputPreparation(scale: inputScale))
  }

  /// `network` for prepared pixels.
  public init(network: Network, preparation: InputPreparation) {
    self.network = network
    self.preparation = preparation
  }
}
