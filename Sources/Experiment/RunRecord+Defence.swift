import Datasets
import Defences

/// What a record says of a defence beside the published study's.
extension RunRecord {
  /// One of several layers that were ranked together.
  public struct RankedLayer: Codable, Equatable, Sendable {
    /// The layer whose channels are silenced, and how many it has.
    public var name: String, channels: Int
  }

  /// Clean validation images that a defence looked at.
  public struct CleanImageCounts: Codable, Equatable, Sendable {
    /// To rank channels; 0 for a ranking without data.
    public var ranking: Int
    /// To find where X points are lost.
    public var stopping: Int
    /// To tune on, and to say which epoch is kept; nil without tuning.
    public var tuning: Int?, tuningStop: Int?
  }

  /// B' where the defence's own threshold stops, as `RepairedNetwork` is for an X.
  public struct OwnNetwork: Codable, Equatable, Sendable {
    /// k.
    public var channelsPruned: Int
    /// The first k of the order of pruning.
    public var prunedChannels: [Int]
    /// The file of B' in the run's folder.
    public var model: String?
    /// B', G, what G flags on test and validation splits, and rows on which B and B' differ in being right.
    public var network: Splits<Rate>, goodNet: Splits<Rate>
    /// See `RepairedNetwork`.
    public var detection: Detection, detectionValid: Detection
    /// See `RepairedNetwork`.
    public var discordant: Splits<Discordance>
    /// See `RepairedNetwork`.
    public var recoveryAccuracy: Recovery?, defenceEffectiveness: Effectiveness?, tuning: TuningHistory?

    /// The name of its file before the ending.
    static let fileName = "repaired-own"

    /// The same in the form of an X, of 0 points.
    public var asRepaired: RepairedNetwork {
      RepairedNetwork(
        drop: Drop.none, channelsPruned: channelsPruned, prunedChannels: prunedChannels, model: model, network: network,
        goodNet: goodNet, detection: detection, detectionValid: detectionValid, discordant: discordant,
        recoveryAccuracy: recoveryAccuracy, defenceEffectiveness: defenceEffectiveness, tuning: tuning)
    }

    init(_ repaired: RepairedNetwork, channelsPruned: Int) {
      self.channelsPruned = channelsPruned
      (prunedChannels, model) = (repaired.prunedChannels, repaired.model)
      (network, goodNet) = (repaired.network, repaired.goodNet)
      (detection, detectionValid) = (repaired.detection, repaired.detectionValid)
      discordant = repaired.discordant
      (recoveryAccuracy, defenceEffectiveness) = (repaired.recoveryAccuracy, repaired.defenceEffectiveness)
      tuning = repaired.tuning
    }
  }

  /// One value for each backdoored split.
  public struct BackdooredSplits<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    /// nil where the split was not given, or no clean file tells.
    public var backdooredValid: Value?, backdooredTest: Value?

    /// The value of a backdoored split; nil for others.
    public subscript(split: Split) -> Value? {
      switch split {
      case .backdooredValid: backdooredValid
      case .backdooredTest: backdooredTest
      default: nil
      }
    }

    init(_ value: (Split) -> Value?) {
      (backdooredValid, backdooredTest) = (value(.backdooredValid), value(.backdooredTest))
    }

    /// nil where neither split has a value.
    var ifAny: Self? { backdooredValid == nil && backdooredTest == nil ? nil : self }

    /// Writes null, and not nothing, for a split without a value.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(backdooredValid, forKey: .backdooredValid)
      try container.encode(backdooredTest, forKey: .backdooredTest)
    }
  }

  /// Triggered rows predicted as their true class, by B' and by G.
  public struct Recovery: Codable, Equatable, Sendable {
    /// By backdoored split.
    public var repaired: BackdooredSplits<Rate>, goodNet: BackdooredSplits<Rate>
  }

  /// The defence effectiveness rating of B' and of G, 0...1: ((fall of attack success) - (fall of clean accuracy) + 1) / 2,
  /// where a rise counts as no fall.
  ///
  /// Source: Zhu, Wei, Zha and Wu, "Neural polarizer", NeurIPS 2023, as BackdoorBench computes it.
  public struct Effectiveness: Codable, Equatable, Sendable {
    /// On validation and on test images, by the backdoored split's name.
    public var repaired: BackdooredSplits<Double>, goodNet: BackdooredSplits<Double>
  }

  /// What was ranked: `pruning` where an older record does not say.
  public var defenceName: String { defence ?? Defence.pruning.name }

  /// Whether it is the published study's.
  public var isPlainPruning: Bool { defenceName == Defence.pruning.name }

  /// The files of repaired networks, as the record names them.
  package var models: [String] { (repaired.map(\.model) + [own?.model]).compactMap(\.self) }

  /// The defence with its settings.
  /// - Throws: `InputError` where it is not known, or a setting is not its own.
  public var defenceChoice: DefenceChoice {
    get throws { try DefenceChoice(defenceName, values: defenceOptions ?? [:], among: Defence.studied) }
  }

  /// Whether B' was trained after its channels were silenced, so that its rates are no longer those of the curve.
  public var isTuned: Bool { repaired.contains { $0.tuning != nil } || own?.tuning != nil }

  /// The rates after `pruned` channels; where the curve was not computed there, those of the last point before.
  public func rates(after pruned: Int) -> Splits<Rate> {
    if pruned < curve.count, curve[pruned].channelsPruned == pruned { return curve[pruned].rates }
    // The points are in ascending order.
    var (low, high) = (0, curve.count)
    while low + 1 < high {
      let middle = (low + high) / 2
      if curve[middle].channelsPruned <= pruned { low = middle } else { high = middle }
    }
    return low < curve.count ? curve[low].rates : Splits()
  }
}
