import Datasets
import Defences
import Files
import Foundation
import Threads

/// Runs that differ in their seeds and, where that is requested, in one other setting.
public struct Comparison: Sendable {
  /// The setting that groups differ in; nil where there is one group.
  public let field: String?
  /// In the order in which their first runs were given.
  public let groups: [RunGroup]
  /// Every run, group by group.
  public let runs: [ComparedRun]

  /// - Parameters:
  ///   - runs: at least one.
  ///   - field: the one setting, beside the seed, that may differ: a name of `RunSettings.fields`.
  /// - Throws: `InputError` that names the run and the setting in which it differs, with both values; and for runs that
  ///   are no independent ones, because they have the same seed or the seed changes nothing in them.
  public init(_ runs: [ComparedRun], across field: String? = nil) throws {
    var builder = ComparisonBuilder(across: field)
    for run in runs { try builder.add(run) }
    try self.init(builder)
  }

  /// - Throws: `InputError` where no run was added.
  public init(_ builder: ComparisonBuilder) throws {
    guard !builder.groups.isEmpty else {
      throw InputError("compare", found: "no runs", expected: "run folders, or --seeds")
    }
    field = builder.field
    groups = builder.groups.map { RunGroup($0.runs, value: $0.value) }
    runs = groups.count == 1 ? groups[0].runs : groups.flatMap(\.runs)
  }

  /// The splits that the figures and the prose speak of.
  public var reported: (clean: Split, backdoored: Split?) {
    let first = groups[0].runs[0].record.reported
    guard first.backdoored == nil else { return first }
    return runs.lazy.map(\.record.reported).first { $0.backdoored != nil } ?? first
  }

  /// The versions of Espalier that made the runs, where they tell.
  public var versions: [String] { Set(runs.compactMap(\.record.provenance?.version)).sorted() }

  /// The rows of a split that count, from the fewest to the most of any run.
  public func rowsThatCount(_ split: Split) -> ClosedRange<Int> {
    let counts = runs.map { $0.record.rowsThatCount(split) }
    return (counts.min() ?? 0)...(counts.max() ?? 0)
  }

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
  public let runs: [ComparedRun]
  /// Percent over the runs after each number of channels, by split: C + 1 entries.
  public let curve: [Splits<Summary>]
  /// What became of B for each X.
  public let drops: [DropSummary]

  /// - Parameter runs: at least one, all of as many channels.
  init(_ runs: [ComparedRun], value: RunSettings.Field?) {
    self.runs = runs
    self.value = value
    let threads = ProcessInfo.processInfo.activeProcessorCount
    curve = parallelMap(runs[0].record.channels + 1, threads: threads) { k in
      .summaries(of: runs.map { $0.record.rates(after: k) })
    }
    let records = runs.map(\.record)
    drops = parallelMap(records[0].repaired.count, threads: threads) { DropSummary(records, index: $0) }
  }

  /// Of the layer.
  public var channels: Int { runs[0].record.channels }
}

extension Splits<Summary> {
  /// Percent, by split; nil for a split that no run has, or of which no row counts.
  static func summaries(of rates: [Splits<Rate>]) -> Splits<Summary> {
    var result = Splits<Summary>()
    for split in Split.allCases { result[split] = Summary(rates.compactMap { $0[split]?.percent }, within: 0...100) }
    return result
  }
}
