import Files
import NeuralNetwork

/// A published defence: a ranking of channels, a place to stop, and what is tuned afterwards.
///
/// Every defence gives a whole curve: its ranking goes on to the last channel, and beside the drops of X points its own
/// threshold, where it has one, is a stop. What a defence may see are its arguments: a network, clean validation images and
/// a seed.
public struct Defence: Sendable {
  /// As `--defence` calls it: `clp`.
  public let name: String
  /// What it does, in a few words that follow its name in a sentence.
  public let summary: String
  /// Who published it and where; nil for a baseline that nobody claims.
  public let paper: String?
  /// How this differs from what was published, in one sentence; nil where it does not.
  public let deviation: String?
  /// What is ranked where no layer is named.
  public let scope: Scope
  /// Whether the seed decides anything.
  public let usesSeed: Bool
  /// Its settings, with the paper's values as defaults.
  public let settings: [DefenceSetting]
  /// The parts, for settings that were checked.
  let parts: @Sendable (DefenceValues) -> Parts

  /// Whether `--order` says how it ranks by activation.
  public var usesOrder: Bool { name == Defence.pruning.name || name == Defence.finePruning.name }

  /// What a defence ranks unless told otherwise.
  public enum Scope: Sendable {
    /// The channels of one layer.
    case oneLayer
    /// Those of every convolution that can be pruned, together.
    case allLayers
  }

  /// A defence's two moving parts; the own stop belongs to the ranking, whose scores it compares.
  public struct Parts: Sendable {
    /// In which order channels go.
    public var ranking: any ChannelRanking
    /// What is trained afterwards; nil for nothing.
    public var tuning: (any Tuning)?

    /// Without tuning unless it is given.
    public init(ranking: any ChannelRanking, tuning: (any Tuning)? = nil) {
      (self.ranking, self.tuning) = (ranking, tuning)
    }
  }

  /// A defence of these parts.
  package init(
    name: String, summary: String, paper: String?, deviation: String? = nil, scope: Scope = .oneLayer,
    usesSeed: Bool = false, settings: [DefenceSetting] = [], parts: @escaping @Sendable (DefenceValues) -> Parts
  ) {
    (self.name, self.summary, self.paper, self.deviation) = (name, summary, paper, deviation)
    (self.scope, self.usesSeed, self.settings, self.parts) = (scope, usesSeed, settings, parts)
  }
}

/// An order of channels, and where the defence itself would stop.
public protocol ChannelRanking: Sendable {
  /// Ranks the channels of the subject's layers.
  /// - Throws: `InputError` where the network or the images do not allow it, which says why.
  func rank(_ subject: DefenceSubject) throws -> RankedChannels
}

/// What a ranking found. Channels are counted through the subject's layers, one behind the other.
public struct RankedChannels: Equatable, Sendable {
  /// (C): what the defence measures of each channel.
  public var scores: [Double]
  /// A permutation of 0..<C: the first one is silenced first.
  public var order: [Int]
  /// How many channels the defence's own threshold takes; nil for a defence without one.
  public var ownStop: Int?
  /// How many clean validation images were looked at.
  public var images: Int

  /// - Parameter keys: (C): the least is silenced first; ties go by channel.
  package init(scores: [Double], keys: [Double], ownStop: Int? = nil, images: Int) {
    self.scores = scores
    order = keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
    self.ownStop = ownStop
    self.images = images
  }

  /// An order that is known.
  /// - Precondition: as many scores as channels.
  package init(scores: [Double], order: [Int], ownStop: Int? = nil, images: Int) {
    (self.scores, self.order, self.ownStop, self.images) = (scores, order, ownStop, images)
  }
}
