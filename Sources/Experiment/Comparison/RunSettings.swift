import Attacks
import Datasets
import Defences
import Files
import Foundation
import Threads

/// Everything that decides a run's outcome but for the seed: what two runs have to share to be compared.
public struct RunSettings: Sendable {
  /// One setting by the name of its option.
  public struct Field: Equatable, Sendable {
    /// As on the command line, without dashes: `order`, `clean-valid`; of a trained network `training.epochs`.
    public let name: String
    /// What is compared: a digest for a file.
    public let value: String
    /// What people read.
    public let text: String
  }

  /// In a fixed order; a setting that does not apply is left out.
  public let fields: [Field]
  /// What another seed would change.
  public let seedRole: SeedRole

  /// The settings of a run that has run.
  public init(_ record: RunRecord) throws {
    try self.init(
      layer: record.layer, order: record.order, drops: record.repaired.map(\.drop),
      excludesTarget: record.excludesTarget, sample: record.validationSample?.rows,
      defence: (record.defenceName, record.defenceOptions),
      origin: record.training.map { .trained($0.recipe) }
        ?? .given(
          model: (record.model.path, record.model.sha256), inputScale: record.model.inputScale,
          data: record.data.map { (path: $1.path, digest: $1.sha256) },
          more: Self.more(record.model.mean, record.model.std, record.reading, record.attack)))
  }

  /// The settings of a run of a given network that may not have run yet.
  public init(_ options: StudyOptions, sources: StudySources, _ digests: StudySources.Digests) throws {
    var data = sources.data.map { (path: $1, digest: digests.data[$0] ?? "") }
    if sources.attack != nil { for (clean, backdoored) in Split.pairs { data[backdoored] = data[clean] } }
    try self.init(
      layer: options.layer, order: options.order, drops: options.drops, excludesTarget: options.excludesTarget,
      sample: options.validationSample, defence: options.defenceFields,
      origin: .given(
        model: (sources.model, digests.model), inputScale: sources.inputScale,
        data: data,
        more: Self.more(
          sources.preparation.mean, sources.preparation.std, sources.reading.ifGiven,
          sources.attack.map {
            RunRecord.AttackSource(triggers: $0.triggers, targets: $0.targets, sha256: digests.triggers)
          })))
  }

  /// The settings of a run of a network that is trained from a recipe.
  public init(_ options: StudyOptions, recipe: BadNetRecipe) throws {
    try self.init(
      layer: options.layer, order: options.order, drops: options.drops, excludesTarget: options.excludesTarget,
      sample: options.validationSample, defence: options.defenceFields, origin: .trained(recipe))
  }

  private enum Origin {
    case given(
      model: (path: String, digest: String), inputScale: Double, data: Splits<(path: String, digest: String)>,
      more: [(name: String, value: String)])
    case trained(BadNetRecipe)
  }

  /// Settings that most runs do not have.
  private static func more(
    _ mean: [Double]?, _ std: [Double]?, _ reading: ImageReading?, _ attack: RunRecord.AttackSource?
  ) -> [(name: String, value: String)] {
    func list(_ values: [some CustomStringConvertible]) -> String { values.map(\.description).joined(separator: ",") }
    let triggers = attack.map { zip($0.triggers, $0.sha256).map { $1 ?? $0 } }
    let settings: [(String, String?)] = [
      ("mean", mean.map(list)), ("std", std.map(list)), ("layout", reading?.layout?.rawValue),
      ("images-key", reading?.imagesKey), ("labels-key", reading?.labelsKey), ("classes", reading?.classes.map(list)),
      ("trigger", triggers.map(list)), ("target", attack.map { list($0.targets) }),
    ]
    return settings.compactMap { name, value in value.map { (name, $0) } }
  }

  private init(
    layer: String, order: PruningOrder, drops: [Drop], excludesTarget: Bool, sample: Int?,
    defence: (name: String, options: [String: Double]?), origin: Origin
  ) throws {
    var fields: [Field] = []
    func add(_ name: String, _ value: String, _ text: String? = nil) {
      fields.append(Field(name: name, value: value, text: text ?? value))
    }
    func file(_ file: (path: String, digest: String)) -> String { "\(file.path) (SHA-256 \(file.digest.prefix(8)))" }
    switch origin {
    case .trained(let recipe):
      add("network", "trained here")
      add("attack", recipe.attack.title)
      for (name, value) in try recipe.settings { add(name, value) }
      seedRole = .everything
    case .given(let model, let inputScale, let data, let more):
      add("network", "given")
      add("model", model.digest, file(model))
      add("input-scale", "\(inputScale)")
      for split in Split.allCases {
        add(String(split.option.dropFirst(2)), data[split]?.digest ?? "none", data[split].map(file))
      }
      for (name, value) in more { add(name, value) }
      let isRandom = order == .random || Defence.studied.first { $0.name == defence.name }?.usesSeed ?? false
      seedRole =
        switch (sample, isRandom) {
        case (_?, true): .sampleAndOrder
        case (_?, false): .sample
        case (nil, true): .order
        case (nil, false): .nothing
        }
    }
    add("layer", layer)
    add("order", order.rawValue)
    add("defence", defence.name)
    if let options = defence.options, !options.isEmpty { add("defence-options", DefenceValues(values: options).text) }
    add("drops", drops.map(\.description).joined(separator: ","))
    add("exclude-target", excludesTarget ? "yes" : "no")
    add("validation-sample", sample.map { "\($0)" } ?? "all")
    self.fields = fields
  }

  /// Settings that follow from another one, and differ where it does.
  private static func isCompanion(_ name: String, of field: String) -> Bool {
    switch field {
    case "defence": ["defence-options", "layer"].contains(name)
    case "attack": name.hasPrefix("attack.")
    default: false
    }
  }

  /// The setting called `name`, or nil; of several names with commas between them, all of them together.
  public subscript(name: String) -> Field? {
    let parts = name.split(separator: ",").map(String.init)
    guard parts.count > 1 else { return fields.first { $0.name == name } }
    let found = parts.compactMap { self[$0] }
    guard found.count == parts.count else { return nil }
    return Field(
      name: name, value: found.map(\.value).joined(separator: ", "), text: found.map(\.text).joined(separator: ", "))
  }

  /// The first setting in which this differs from `other`.
  /// - Parameter name: a setting that may differ.
  public func difference(from other: RunSettings, except name: String? = nil) -> (
    name: String, own: String, other: String
  )? {
    if fields == other.fields { return nil }
    let allowed = name?.split(separator: ",").map(String.init) ?? []
    for field in fields + other.fields
    where !allowed.contains(where: { $0 == field.name || Self.isCompanion(field.name, of: $0) }) {
      let (own, theirs) = (self[field.name], other[field.name])
      if own?.value != theirs?.value { return (field.name, own?.text ?? "none", theirs?.text ?? "none") }
    }
    return nil
  }
}

/// What another seed changes in a run.
public enum SeedRole: String, Codable, Sendable {
  /// A network that is trained from the seed.
  case everything
  /// A given network: the clean validation faces that rank and stop.
  case sample
  /// A given network, pruned at random: the order.
  case order
  /// Both of these.
  case sampleAndOrder
  /// A given network, all validation faces, an order without chance.
  case nothing
}

extension BadNetRecipe {
  /// The settings of the last recipe: thousands of runs share one.
  private static let latest = Locked<(recipe: BadNetRecipe, settings: [(name: String, value: String)])?>(nil)

  /// Every number and word of the recipe but for the seed, by its path: `training.epochs`.
  fileprivate var settings: [(name: String, value: String)] {
    get throws {
      var plain = self
      plain.seed = 0
      if let latest = Self.latest.withLock({ $0 }), latest.recipe == plain { return latest.settings }
      let settings = try plain.flattened
      Self.latest.withLock { $0 = (plain, settings) }
      return settings
    }
  }

  private var flattened: [(name: String, value: String)] {
    get throws {
      let document = try JSONSerialization.jsonObject(with: Data(JSONText.of(self).utf8))
      func flatten(_ value: Any, _ path: [String]) -> [(String, String)] {
        if let members = value as? [String: Any] {
          return members.keys.sorted().flatMap { flatten(members[$0] ?? "", path + [$0]) }
        }
        if let items = value as? [Any] {
          return [(path.joined(separator: "."), items.map { "\($0)" }.joined(separator: ","))]
        }
        return [(path.joined(separator: "."), "\(value)")]
      }
      return flatten(document, []).filter { $0.0 != "seed" }
    }
  }
}

extension StudyOptions {
  /// As a record has them.
  fileprivate var defenceFields: (name: String, options: [String: Double]?) {
    (defence.defence.name, defence.values.values.isEmpty ? nil : defence.values.values)
  }
}
