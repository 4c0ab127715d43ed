import Files

/// A comparison in the making: each run is checked as it comes, in a time that does not depend on how many there are.
public struct ComparisonBuilder: Sendable {
  /// Runs with one value of the setting that may differ.
  struct Group {
    let value: RunSettings.Field?
    var runs: [ComparedRun] = []
    /// Of every run, its place.
    var seeds: [UInt64: Int] = [:]
  }

  let field: String?
  private(set) var groups: [Group] = []
  private var places: [String?: Int] = [:]

  /// - Parameter field: the one setting, beside the seed, that may differ: a name of `RunSettings.fields`.
  public init(across field: String? = nil) { self.field = field }

  /// Adds a run.
  /// - Throws: `InputError` that says why the run cannot be compared with the ones before; nothing is then added.
  public mutating func add(_ run: ComparedRun) throws {
    let first = groups.first?.runs[0] ?? run
    if let field, first.settings[field] == nil {
      let names = first.settings.fields.map(\.name)
      throw InputError("--across", found: field, expected: "one of " + names.joined(separator: ", "))
    }
    if let (name, own, other) = run.settings.difference(from: first.settings, except: field) {
      let hint = field == nil ? "or --across \(name)" : "since --across \(field ?? "") lets nothing else differ"
      throw InputError(run.folder, found: "\(name) is \(own)", expected: "\(other), as in \(first.folder), \(hint)")
    }
    let value = field.flatMap { run.settings[$0] }
    if let place = places[value?.value] {
      try Self.check(run, with: groups[place])
      groups[place].seeds[run.record.seed] = groups[place].runs.count
      groups[place].runs.append(run)
    } else {
      places[value?.value] = groups.count
      groups.append(Group(value: value, runs: [run], seeds: [run.record.seed: 0]))
    }
  }

  private static func check(_ run: ComparedRun, with group: Group) throws {
    let (first, seed) = (group.runs[0], run.record.seed)
    if let twin = group.seeds[seed] {
      throw InputError(
        run.folder, found: "seed \(seed) is that of \(group.runs[twin].folder) too",
        expected: "another seed in each run")
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
  }
}
