import Datasets
import Defences
import Files

/// Runs that differ in their seeds and, where that is asked for, in one other setting.
public struct Comparison: Sendable {
  /// The setting that groups differ in; nil where there is one group.
  public let field: String?
  /// In the order in which their first runs were given.
  public let groups: [RunGroup]

  /// - Parameters:
  ///   - runs: at least one.
  ///   - field: the one setting, beside the seed, that may differ: a name of `RunSettings.fields`.
  /// - Throws: `InputError` that names the run and the setting in which it differs, with both values; and for runs that
  ///   are no independent ones, because they have the same seed or the seed changes nothing in them.
  public init(_ runs: [ComparedRun], across field: String? = nil) throws {
    guard let first = runs.first else {
      throw InputError("compare", found: "no runs", expected: "run folders, or --seeds")
    }
    let names = first.settings.fields.map(\.name)
    if let field, !runs.contains(where: { $0.settings[field] != nil }) {
      throw InputError("--across", found: field, expected: "one of " + names.joined(separator: ", "))
    }
    var groups: [RunGroup] = []
    for run in runs {
      if let (name, own, other) = run.settings.difference(from: first.settings, except: field) {
        let hint = field == nil ? "or --across \(name)" : "since --across \(field ?? "") lets nothing else differ"
        throw InputError(run.folder, found: "\(name) is \(own)", expected: "\(other), as in \(first.folder), \(hint)")
      }
      let value = field.map { run.settings[$0] }
      if let index = groups.firstIndex(where: { $0.value?.value == value??.value }) {
        try groups[index].add(run)
      } else {
        groups.append(RunGroup(run, value: value ?? nil))
      }
    }
    self.field = field
    self.groups = groups
  }

  /// Every run, group by group.
  public var runs: [ComparedRun] { groups.flatMap(\.runs) }

  /// The splits that the figures and the prose speak of.
  public var reported: (clean: Split, backdoored: Split?) { groups[0].runs[0].record.reported }

  /// What a seed changes: the most of what it changes in any group.
  public var seedRole: SeedRole {
    groups.map { $0.runs[0].settings.seedRole }.first { $0 != .nothing } ?? .nothing
  }
}

/// Runs that differ in their seeds alone.
public struct RunGroup: Sendable {
  /// The setting that sets this group apart; nil where there is one group.
  public let value: RunSettings.Field?
  /// In the order given.
  public private(set) var runs: [ComparedRun]

  init(_ run: ComparedRun, value: RunSettings.Field?) {
    runs = [run]
    self.value = value
  }

  mutating func add(_ run: ComparedRun) throws {
    let first = runs[0]
    let seed = run.record.seed
    if let twin = runs.first(where: { $0.record.seed == seed }) {
      throw InputError(
        run.folder, found: "seed \(seed) is that of \(twin.folder) too", expected: "another seed in each run")
    }
    guard run.settings.seedRole != .nothing else {
      throw InputError(
        run.folder, found: "seed \(seed) changes nothing in \(first.folder)",
        expected: "runs with --validation-sample or --order random, for a given model")
    }
    guard run.record.channels == first.record.channels else {
      throw InputError(
        run.folder, found: "channels is \(run.record.channels)",
        expected: "\(first.record.channels), as in \(first.folder)")
    }
    runs.append(run)
  }

  /// Of the layer.
  public var channels: Int { runs[0].record.channels }

  /// Percent over the runs after each number of channels, by split: C + 1 entries.
  public var curve: [Splits<Summary>] {
    (0...channels).map { k in rates { $0.curve[k].rates } }
  }

  /// What became of B for each X.
  public var drops: [DropSummary] {
    runs[0].record.repaired.indices.map { DropSummary(runs.map(\.record), index: $0) }
  }

  private func rates(_ rates: (RunRecord) -> Splits<Rate>) -> Splits<Summary> {
    .summaries(of: runs.map { rates($0.record) })
  }
}

extension Splits<Summary> {
  /// Percent, by split; nil for a split that no run has.
  static func summaries(of rates: [Splits<Rate>]) -> Splits<Summary> {
    var result = Splits<Summary>()
    for split in Split.allCases { result[split] = Summary(rates.compactMap { $0[split]?.percent }, within: 0...100) }
    return result
  }
}

/// B, B' and G of one X over the runs that reach it.
public struct DropSummary: Sendable {
  /// X.
  public let drop: Drop
  /// How many runs there are, reached or not.
  public let runs: Int
  /// k, of the runs that reach X; nil where none does.
  public let channelsPruned: Summary?
  /// Percent of B, of B' and of G.
  public let original: Splits<Summary>, repaired: Splits<Summary>, goodNet: Splits<Summary>
  /// B - B' of the same run, in percentage points.
  public let difference: Splits<Summary>
  /// What became of the attack in each run that reaches X, by split; empty for clean ones.
  public let fates: Splits<[AttackFate]>

  /// How many runs reach X.
  public var reached: Int { channelsPruned?.count ?? 0 }

  init(_ records: [RunRecord], index: Int) {
    let reached = records.filter { $0.repaired[index].channelsPruned != nil }
    drop = records[0].repaired[index].drop
    runs = records.count
    channelsPruned = Summary(
      reached.compactMap { $0.repaired[index].channelsPruned.map(Double.init) },
      within: 0...Double(records[0].channels))
    original = .summaries(of: reached.map(\.baseline))
    repaired = .summaries(of: reached.map { $0.repaired[index].network })
    goodNet = .summaries(of: reached.map { $0.repaired[index].goodNet })
    var (difference, fates) = (Splits<Summary>(), Splits<[AttackFate]>())
    for split in Split.allCases {
      let pairs = reached.compactMap { record in
        record.baseline[split].flatMap { before in record.repaired[index].network[split].map { (before, $0) } }
      }
      difference[split] = Summary(pairs.map { $0.percent - $1.percent }, within: -100...100)
      if split.isBackdoored, !pairs.isEmpty { fates[split] = pairs.map { AttackFate($1) } }
    }
    (self.difference, self.fates) = (difference, fates)
  }
}
