import Attacks
import Datasets
import Experiment

/// The conclusion of a report, drawn from a record: every sentence is chosen by the numbers and carries them.
package struct Conclusion {
  private let record: RunRecord
  private let clean: Split
  private let backdoored: Split?

  package init(_ record: RunRecord) {
    self.record = record
    (clean, backdoored) = record.reported
  }

  /// The whole conclusion as Markdown: paragraphs, and a list with an item for each X.
  package var text: String {
    let list = record.stops.map { "- " + price(of: $1, $0) }.joined(separator: "\n")
    return [freeChannels, list, end, detection, verdict].compactMap { $0 }.filter { !$0.isEmpty }
      .joined(separator: "\n\n")
  }

  /// One sentence: what became of the attack.
  package var verdict: String {
    guard let backdoored, let baseline = record.baseline[backdoored] else {
      if record.excludesEveryTriggeredRow { return Self.noTriggeredRowCounts(record.words.face) }
      return "No backdoored \(record.words.faces) were given, so nothing can be said about the attack."
    }
    guard AttackFate(baseline) == .survives else {
      return """
        The attack succeeds on only \(Format.percent(baseline)) of the triggered \(record.words.faces) before anything is pruned: \
        there is hardly a backdoor to defend against.
        """
    }
    var fates = record.repaired.compactMap { repaired in
      repaired.network[backdoored].flatMap { AttackFate($0) }.map { (drop: "\(repaired.drop)", fate: $0) }
    }
    if let fate = record.own?.network[backdoored].flatMap({ AttackFate($0) }) { fates.append(("its own stop", fate)) }
    let drops = Dictionary(grouping: fates) { $0.fate }.mapValues { fates in
      let own = fates.last?.drop == "its own stop"
      let drops = fates.dropLast(own ? 1 : 0).map(\.drop)
      return Format.list((drops.isEmpty ? [] : ["X = \(Format.list(drops))"]) + (own ? ["its own stop"] : []))
    }
    guard let first = drops.first else { return "No X is reached, so there is no repaired network to judge." }
    guard drops.count == 1 else {
      let parts = [AttackFate.survives, .weakened, .broken].compactMap { fate in
        drops[fate].map { "\(verb(fate)) at \($0)" }
      }
      return "**\(subject) works on this network only in part**: the attack \(Format.list(parts))."
    }
    return switch first.key {
    case .survives: "**\(subject) fails on this network**: the attack survives at \(first.value)."
    case .weakened:
      """
      **\(subject) is not enough on this network**: the attack is weakened, but not broken, at \(first.value).
      """
    case .broken: "**\(subject) works on this network**: the attack is broken at \(first.value)."
    }
  }

  /// What is said where the target's own rows are left out and no other is there.
  static func noTriggeredRowCounts(_ face: String) -> String {
    "No backdoored \(face) counts, since the true class of each is its label: nothing can be said about the attack."
  }
  private var subject: String { DefenceText(record: record).subject }

  private var freeChannels: String? {
    guard let baseline = record.baseline.cleanValid else { return nil }
    let (free, all) = (record.freeChannels, record.channels)
    if free == 0 {
      return "No channel is free: silencing the very first one costs clean validation accuracy. \(silence)"
    }
    let value = "below the baseline's \(Format.percent(baseline)) (\(Format.counts(baseline)))"
    if free == all {
      return "All \(all) channels are free: clean validation accuracy never falls \(value). \(silence)"
    }
    let these = free == 1 ? "The first of \(all) channels is free" : "The first \(free) of \(all) channels are free"
    return "\(these): up to there clean validation accuracy never falls \(value). \(silence)"
  }

  private var silence: String {
    let silent = record.silentChannels
    if silent == 0 { return "Every channel fires on some clean validation \(record.words.face)." }
    return
      "\(Format.count(silent, "channel")) never \(silent == 1 ? "fires" : "fire") on a clean validation \(record.words.face)."
  }

  /// Where an X stopped, what it cost, and what it did to the attack.
  private func price(of repaired: RunRecord.RepairedNetwork, _ name: String) -> String {
    let drop = "\(repaired.drop) \(repaired.drop.points == 1 ? "point" : "points")"
    guard let pruned = repaired.channelsPruned else {
      return """
        **\(name)** is never reached: clean validation accuracy does not fall by \(drop), so there \
        is no B'.
        """
    }
    var text = name.hasPrefix("X") ? "**\(name)** stops at k = \(pruned)" : "**The \(name)** is at k = \(pruned)"
    if let before = record.baseline[clean], let after = repaired.network[clean] {
      text += ": \(clean.title) accuracy " + change(from: before, to: after)
    }
    if let backdoored, let after = repaired.network[backdoored], let fate = AttackFate(after) {
      text += ", and attack success is \(Format.percentWithInterval(after)): the attack \(verb(fate))"
    }
    return text + "."
  }

  private func change(from before: Rate, to after: Rate) -> String {
    if after.hits == before.hits { return "stays at \(Format.percentWithInterval(after))" }
    let verb = after.hits > before.hits ? "rises" : "falls"
    return "\(verb) by \(Format.points(from: before, to: after)) to \(Format.percentWithInterval(after))"
  }

  private func verb(_ fate: AttackFate) -> String {
    switch fate {
    case .survives: "survives"
    case .weakened: "is weakened"
    case .broken: "is broken"
    }
  }

  /// Where the attack dies, and what accuracy is left there.
  private var end: String? {
    guard let backdoored, let fate = record.baseline[backdoored].flatMap({ AttackFate($0) }), fate != .broken
    else { return nil }
    guard let pruned = record.lastingFall(of: backdoored, below: AttackFate.breakLimit) else {
      return "Attack success never stays under 10 %, however many channels are pruned."
    }
    let rates = record.rates(after: pruned)
    return """
      Attack success stays under 10 % only from k = \(pruned) on, where it is \(Format.percent(rates[backdoored])); \
      the \(clean.title) accuracy left there is \(Format.percent(rates[clean])).
      """
  }

  /// What the GoodNet of the largest X that was reached flags.
  private var detection: String? {
    guard let backdoored, let last = record.repaired.last(where: { $0.channelsPruned != nil }) else { return nil }
    let detection = backdoored == .backdooredTest ? last.detection : last.detectionValid
    guard let flagged = detection.truePositives, let alarms = detection.falsePositives else { return nil }
    return """
      The GoodNet of X = \(last.drop) flags \(Format.percentWithInterval(flagged)) of the triggered \(record.words.faces) as poisoned, \
      and \(Format.percentWithInterval(alarms)) of the clean ones by mistake.
      """
  }
}
