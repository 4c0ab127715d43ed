import Datasets
import Defences

/// How the number of channels of a compared B' is found.
public enum Selection: String, CaseIterable, Sendable {
  /// On clean validation images, by the defence's own threshold or X points.
  case honest
  /// As tables of this field often are: the point of the curve with the least attack success on the reported backdoored
  /// images, among those that cost no more clean accuracy on the reported clean images than X points, or than
  /// the honest stop does.
  case oracle
}

/// What became of B in one run at one stop: numbers for the tables and figures that compare defences.
public struct DefenceOutcome: Sendable {
  /// The run.
  public let run: ComparedRun
  /// Where pruning stopped: `own`, `10` for X = 10.
  public let stop: String
  /// k; nil where there is no such B'.
  public let channelsPruned: Int?
  /// On the reported clean and backdoored splits, before and after.
  public let clean: (before: Rate?, after: Rate?), attack: (before: Rate?, after: Rate?)
  /// Triggered rows predicted as their true class, before and after; nil where that is not known.
  public let recovery: (before: Rate?, after: Rate?)
  /// The defence effectiveness rating; nil where it is not known.
  public let effectiveness: Double?
  /// What G flags of backdoored and of clean rows.
  public let detection: (truePositives: Rate?, falsePositives: Rate?)

  /// Clean accuracy lost, in percentage points.
  public var cost: Double? {
    guard channelsPruned != nil, let before = clean.before?.percent, let after = clean.after?.percent else {
      return nil
    }
    return before - after
  }

  /// Attack success left, in percent.
  public var left: Double? { channelsPruned == nil ? nil : attack.after?.percent }

  /// What is called in tables and files.
  public static let ownStop = "own"

  /// The outcome at the defence's own stop, or else at the largest X.
  public init(of run: ComparedRun, _ selection: Selection = .honest) {
    let record = run.record
    switch selection {
    case .honest:
      if let own = record.own {
        self.init(run, Self.ownStop, own.asRepaired)
      } else {
        self.init(run, record.repaired.last.map { "\($0.drop)" } ?? "", record.repaired.last)
      }
    case .oracle: self.init(oracle: run)
    }
  }

  /// The outcome at one X.
  /// - Parameter index: into the record's X.
  public init(of run: ComparedRun, drop index: Int) {
    let repaired = run.record.repaired[index]
    self.init(run, "\(repaired.drop)", repaired)
  }

  private init(_ run: ComparedRun, _ stop: String, _ repaired: RunRecord.RepairedNetwork?) {
    let record = run.record
    let (cleanSplit, backdoored) = record.reported
    let pruned = repaired?.channelsPruned
    self.run = run
    self.stop = stop
    channelsPruned = pruned
    clean = (record.baseline[cleanSplit], pruned == nil ? nil : repaired?.network[cleanSplit])
    attack = (
      backdoored.flatMap { record.baseline[$0] }, pruned == nil ? nil : backdoored.flatMap { repaired?.network[$0] }
    )
    recovery = (
      backdoored.flatMap { record.recoveryAccuracy?[$0] },
      backdoored.flatMap { repaired?.recoveryAccuracy?.repaired[$0] }
    )
    effectiveness = backdoored.flatMap { repaired?.defenceEffectiveness?.repaired[$0] }
    let found = backdoored == .backdooredValid ? repaired?.detectionValid : repaired?.detection
    detection = (found?.truePositives, found?.falsePositives)
  }

  /// By the attack's success itself, which no defender knows.
  private init(oracle run: ComparedRun) {
    let record = run.record
    let (cleanSplit, backdoored) = record.reported
    let limit = record.repaired.last?.drop ?? .none
    // Never dearer than X points, or than the honest stop where that costs more: so it is never worse.
    let honest = DefenceOutcome(of: run).clean.after?.hits ?? .max
    func costs(_ after: Splits<Rate>) -> Bool {
      guard let before = record.baseline[cleanSplit], let rate = after[cleanSplit] else { return true }
      return rate.hits < honest && (before.hits - rate.hits) * 100_000 > limit.thousandths * before.total
    }
    // Of a tuned defence, the tuned networks there are; else every point of the curve.
    let tuned = (record.repaired + [record.own?.asRepaired].compactMap(\.self)).filter { $0.tuning != nil }
    let candidates: [(pruned: Int, rates: Splits<Rate>)] =
      record.isTuned
      ? tuned.compactMap { entry in entry.channelsPruned.map { ($0, entry.network) } }
      : record.curve.map { ($0.channelsPruned, $0.rates) }
    let best = candidates.filter { !costs($0.rates) }.min { one, other in
      func key(_ rates: Splits<Rate>) -> (Int, Int) {
        (backdoored.flatMap { rates[$0]?.hits } ?? 0, -(rates[cleanSplit]?.hits ?? 0))
      }
      return key(one.rates) < key(other.rates)
    }
    self.run = run
    stop = Selection.oracle.rawValue
    channelsPruned = best?.pruned
    clean = (record.baseline[cleanSplit], best?.rates[cleanSplit])
    attack = (backdoored.flatMap { record.baseline[$0] }, backdoored.flatMap { best?.rates[$0] })
    recovery = (backdoored.flatMap { record.recoveryAccuracy?[$0] }, nil)
    (effectiveness, detection) = (nil, (nil, nil))
  }
}

extension Comparison {
  /// Whether runs differ in their defence or their attack, so that outcomes are what is compared.
  public var comparesDefences: Bool {
    field.map { $0.split(separator: ",").contains { $0 == "defence" || $0 == "attack" } } ?? false
  }

  /// `defences.csv`: one row for each run, stop and network.
  ///
  /// Columns: `run`, `seed`, `attack`, `defence`, `stop` (X, or `own` for the defence's threshold), `network` (`B`, `B'` or
  /// `G`), `channels_pruned`, `channels_total`, `clean_split`, `clean_hits`, `clean_total`, `attack_split`, `attack_hits`,
  /// `attack_total`, `recovery_hits`, `recovery_total`, `effectiveness`, `flagged_hits`, `flagged_total`, `alarm_hits`,
  /// `alarm_total`, `clean_images`. Cells without a value are empty.
  public func defencesTable() -> String { defencesTableRows().joined(separator: "\n") + "\n" }

  /// As RFC 4180 has it.
  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }

  private func defencesTableRows() -> [String] {
    var lines = [
      "run,seed,attack,defence,stop,network,channels_pruned,channels_total,clean_split,clean_hits,clean_total,"
        + "attack_split,attack_hits,attack_total,recovery_hits,recovery_total,effectiveness,flagged_hits,flagged_total,"
        + "alarm_hits,alarm_total,clean_images"
    ]
    func cells(_ rate: Rate?) -> [String] { rate.map { ["\($0.hits)", "\($0.total)"] } ?? ["", ""] }
    for run in runs {
      let record = run.record
      let (clean, backdoored) = record.reported
      let start = [Self.cell(run.folder), "\(record.seed)", Self.cell(run.attackName), record.defenceName]
      func add(_ stop: String, _ network: String, _ pruned: Int?, _ rates: Splits<Rate>, _ more: [String]) {
        lines.append(
          (start + [stop, network, pruned.map { "\($0)" } ?? "", "\(record.channels)", clean.rawValue]
            + cells(rates[clean]) + [backdoored?.rawValue ?? ""] + cells(backdoored.flatMap { rates[$0] }) + more
            + ["\(record.cleanImagesUsed)"]).joined(separator: ","))
      }
      let empty = [String](repeating: "", count: 5)
      add(
        "", "B", 0, record.baseline, cells(backdoored.flatMap { record.recoveryAccuracy?[$0] }) + empty)
      let stops =
        record.repaired.map { ("\($0.drop)", $0) }
        + [record.own.map { (DefenceOutcome.ownStop, $0.asRepaired) }]
        .compactMap(\.self)
      for (stop, entry) in stops {
        let found = backdoored == .backdooredValid ? entry.detectionValid : entry.detection
        func rating(_ values: RunRecord.BackdooredSplits<Double>?) -> String {
          backdoored.flatMap { values?[$0] }.map { "\($0)" } ?? ""
        }
        add(
          stop, "B'", entry.channelsPruned, entry.network,
          cells(backdoored.flatMap { entry.recoveryAccuracy?.repaired[$0] })
            + [rating(entry.defenceEffectiveness?.repaired)] + ["", "", "", ""])
        add(
          stop, "G", entry.channelsPruned, entry.goodNet,
          cells(backdoored.flatMap { entry.recoveryAccuracy?.goodNet[$0] })
            + [rating(entry.defenceEffectiveness?.goodNet)] + cells(found.truePositives) + cells(found.falsePositives))
      }
    }
    return lines
  }
}

extension ComparedRun {
  /// The attack on the network: its recipe's, or `given` for a network that was given.
  public var attackName: String { record.training?.recipe.attack.title ?? "given" }
}

extension RunRecord {
  /// How many clean validation images the defence looked at, to rank, to stop or to tune.
  public var cleanImagesUsed: Int {
    guard let counts = cleanImages else { return data.cleanValid?.rows ?? 0 }
    return max(counts.ranking, counts.stopping)
  }
}
