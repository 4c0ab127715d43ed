import Attacks
import Datasets
import Defences
import Files
import Foundation

/// What a run found, whole: every table, figure and sentence is made from it and from nothing else.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The version of this form.
  public static let currentSchema = 1

  /// The version of this form that the record was written in.
  public var schema = RunRecord.currentSchema
  /// For a random order.
  public var seed: UInt64
  /// The network that was examined.
  public var model: ModelSource
  /// The faces, by split; nil for one that was not given.
  public var data: Splits<DataSource>
  /// The layer whose channels are pruned.
  public var layer: String
  /// How the channels were ranked.
  public var order: PruningOrder
  /// Whether rows whose true identity is the target are left out of attack success.
  public var excludesTarget: Bool
  /// What was drawn of the clean validation file, where not all of it was used.
  public var validationSample: ValidationSample?
  /// C, the number of channels of the layer.
  public var channels: Int
  /// (C): mean over clean validation images and positions.
  public var meanActivation: [Double]
  /// A permutation of 0..<C.
  public var pruneOrder: [Int]
  /// C + 1 points: after 0, 1 … C channels.
  public var curve: [CurvePoint]
  /// One for each X.
  public var repaired: [RepairedNetwork]
  /// How the network was trained, where it was trained here.
  public var training: TrainingRecord?
  /// What a user said of the images' files; nil where they told it themselves.
  public var reading: ImageReading?
  /// The triggers that made the backdoored splits from the clean ones; nil where files had them.
  public var attack: AttackSource?
  /// What looked mixed up in the inputs, a sentence each; nil for nothing.
  public var warnings: [String]?
  /// The defence; nil in records that are older than the choice, which are of `pruning`.
  public var defence: String?
  /// Every setting of the defence; nil for a defence without any.
  public var defenceOptions: [String: Double]?
  /// The layers that were ranked together, through which channels are counted; nil for one layer.
  public var layers: [RankedLayer]?
  /// (C): what the defence measured of each channel; nil for `pruning`, which measures mean activations.
  public var scores: [Double]?
  /// How many clean validation images each part of the defence looked at; nil for `pruning`, which looks at all of them.
  public var cleanImages: CleanImageCounts?
  /// B' where the defence's own threshold stops; nil for a defence without one.
  public var own: OwnNetwork?
  /// B: triggered rows predicted as their true class, by backdoored split, where a clean file tells it.
  public var recoveryAccuracy: BackdooredSplits<Rate>?
  /// What makes the record again; nil in records that are older than it.
  public var provenance: Provenance?

  /// What makes a record again.
  public struct Provenance: Codable, Equatable, Sendable {
    /// One shell command over several lines, with paths as they were given.
    public var command: String
    /// The version of Espalier that made it.
    public var version: String
  }

  /// The network that was examined.
  public struct ModelSource: Codable, Equatable, Sendable {
    /// The file, as it was given.
    public var path: String
    /// Of the file's bytes: 64 hexadecimal digits.
    public var sha256: String
    /// What pixels are multiplied by.
    public var inputScale: Double
    /// What is then subtracted, and by what the rest is divided: one number for each colour, or one for all; nil for
    /// neither.
    public var mean: [Double]?, std: [Double]?
    /// How many identities the network tells apart.
    public var identities: Int
    /// How many numbers the network stores, trained or not.
    public var parameters: Int
    /// The requested output, of a network with several; nil for the first one.
    public var outputLayer: String?
  }

  /// Triggers that were laid over a given network's clean images.
  public struct AttackSource: Codable, Equatable, Sendable {
    /// As they were given, and the target of each, or one for all.
    public var triggers: [String], targets: [Int]
    /// Of each trigger's file; nil for one that is drawn.
    public var sha256: [String?]

    /// The digests of the triggers that are pictures in files.
    static func digests(of triggers: [String]) throws -> [String?] {
      try triggers.map { Trigger.drawn.contains($0) ? nil : try FileDigest.sha256(ofFileAt: $0) }
    }

    /// As a user names them.
    var names: BadNetRecipe.AttackNames {
      var names = BadNetRecipe.AttackNames()
      (names.triggers, names.targets) = (triggers, targets)
      return names
    }
  }

  /// The faces of one split; one that was made from a clean split has that one's file.
  public struct DataSource: Codable, Equatable, Sendable {
    /// The file, as it was given.
    public var path: String
    /// Of the file's bytes: 64 hexadecimal digits.
    public var sha256: String
    /// N, the number of images; of clean validation faces those that were drawn.
    public var rows: Int
  }

  /// A sample of the clean validation file, drawn by the seed.
  public struct ValidationSample: Codable, Equatable, Sendable {
    /// How many images were drawn, and how many the file has.
    public var rows: Int, available: Int
  }

  /// How B' for one X was found and what it does.
  public struct RepairedNetwork: Codable, Equatable, Sendable {
    /// X, in percentage points.
    public var drop: Drop
    /// k; nil where accuracy never falls that far.
    public var channelsPruned: Int?
    /// The first k of the order of pruning.
    public var prunedChannels: [Int]
    /// The Keras file of B' in the run's folder; nil where there is no B'.
    public var model: String?
    /// B': predictions equal to the label.
    public var network: Splits<Rate>
    /// G: the same for the network that answers "poisoned" where B and B' disagree.
    public var goodNet: Splits<Rate>
    /// On the test splits.
    public var detection: Detection
    /// On the validation splits.
    public var detectionValid: Detection
    /// Rows on which B and B' differ in being right.
    public var discordant: Splits<Discordance>
    /// What of the triggered rows is put right; nil where no clean file tells their true class.
    public var recoveryAccuracy: Recovery?
    /// How much of the attack went, and at what price; nil without a backdoored split beside a clean one.
    public var defenceEffectiveness: Effectiveness?
    /// How B' was tuned; nil where it was not.
    public var tuning: TuningHistory?
  }

  /// What G flags as poisoned.
  public struct Detection: Codable, Equatable, Sendable {
    /// Backdoored rows flagged; nil where that split was not given.
    public var truePositives: Rate?
    /// Clean rows flagged; nil where that split was not given.
    public var falsePositives: Rate?

    /// Writes null, and not nothing, for a split that was not given.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(truePositives, forKey: .truePositives)
      try container.encode(falsePositives, forKey: .falsePositives)
    }
  }

  /// Paired counts for a test of B against B'.
  public struct Discordance: Codable, Equatable, Sendable {
    /// Rows that B alone predicts as their label, and rows that B' alone does.
    public var onlyOriginal: Int, onlyRepaired: Int
  }
}

/// The four rates after some channels are pruned.
public struct CurvePoint: Codable, Equatable, Sendable {
  /// k, 0...C.
  public var channelsPruned: Int
  /// The channel pruned last; nil at k = 0.
  public var channel: Int?
  /// Predictions equal to the label, by split.
  public var rates: Splits<Rate>

  /// The point after `channelsPruned` channels, `channel` being the last of them.
  public init(channelsPruned: Int, channel: Int?, rates: Splits<Rate>) {
    self.channelsPruned = channelsPruned
    self.channel = channel
    self.rates = rates
  }

  private enum CodingKeys: String, CodingKey { case channelsPruned, channel }

  /// The rates stand beside the counts, not under a key of their own.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(channelsPruned, forKey: .channelsPruned)
    try container.encode(channel, forKey: .channel)
    try rates.encode(to: encoder)
  }

  /// Reads what `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    channelsPruned = try container.decode(Int.self, forKey: .channelsPruned)
    channel = try container.decode(Int?.self, forKey: .channel)
    rates = try Splits(from: decoder)
  }
}

extension RunRecord {
  private enum CodingKeys: String, CodingKey {
    case schema, seed, model, data, layer, order, excludesTarget, validationSample, channels, meanActivation,
      pruneOrder,
      curve, repaired, training, reading, attack, warnings, defence, defenceOptions, layers, scores, cleanImages, own,
      recoveryAccuracy, provenance
  }

  /// Writes null, and not nothing, where no sample was drawn or nothing was trained; both may be missing when it is read.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(seed, forKey: .seed)
    try container.encode(model, forKey: .model)
    try container.encode(data, forKey: .data)
    try container.encode(layer, forKey: .layer)
    try container.encode(order, forKey: .order)
    try container.encode(excludesTarget, forKey: .excludesTarget)
    try container.encode(validationSample, forKey: .validationSample)
    try container.encode(channels, forKey: .channels)
    try container.encode(meanActivation, forKey: .meanActivation)
    try container.encode(pruneOrder, forKey: .pruneOrder)
    try container.encode(curve, forKey: .curve)
    try container.encode(repaired, forKey: .repaired)
    try container.encode(training, forKey: .training)
    // Younger than the others, and left out where they say nothing.
    try container.encodeIfPresent(reading, forKey: .reading)
    try container.encodeIfPresent(attack, forKey: .attack)
    try container.encodeIfPresent(warnings, forKey: .warnings)
    try container.encodeIfPresent(defence, forKey: .defence)
    try container.encodeIfPresent(defenceOptions, forKey: .defenceOptions)
    try container.encodeIfPresent(layers, forKey: .layers)
    try container.encodeIfPresent(scores, forKey: .scores)
    try container.encodeIfPresent(cleanImages, forKey: .cleanImages)
    try container.encodeIfPresent(own, forKey: .own)
    try container.encodeIfPresent(recoveryAccuracy, forKey: .recoveryAccuracy)
    try container.encodeIfPresent(provenance, forKey: .provenance)
  }
}

extension RunRecord.RepairedNetwork {
  private enum CodingKeys: String, CodingKey {
    case drop, channelsPruned, prunedChannels, model, network, goodNet, detection, detectionValid, discordant,
      recoveryAccuracy, defenceEffectiveness, tuning
  }

  /// Writes null, and not nothing, where there is no B'.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(drop, forKey: .drop)
    try container.encode(channelsPruned, forKey: .channelsPruned)
    try container.encode(prunedChannels, forKey: .prunedChannels)
    try container.encode(model, forKey: .model)
    try container.encode(network, forKey: .network)
    try container.encode(goodNet, forKey: .goodNet)
    try container.encode(detection, forKey: .detection)
    try container.encode(detectionValid, forKey: .detectionValid)
    try container.encode(discordant, forKey: .discordant)
    try container.encodeIfPresent(recoveryAccuracy, forKey: .recoveryAccuracy)
    try container.encodeIfPresent(defenceEffectiveness, forKey: .defenceEffectiveness)
    try container.encodeIfPresent(tuning, forKey: .tuning)
  }
}
