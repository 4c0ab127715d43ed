import Backdoor
import Experiment

/// The conclusion of a report, drawn from a record: every sentence is chosen by the numbers and carries them.
struct Conclusion {
  let record: RunRecord
  private let clean: Split
  private let backdoored: Split?

  init(_ record: RunRecord) {
    self.record = record
    (clean, backdoored) = record.reported
  }

  /// The paragraphs and list items, in order, as Markdown without line breaks.
  var paragraphs: [String] {
    [freeChannels] + record.repaired.map { "- " + price(of: $0) } + [end, detection, verdict].compactMap { $0 }
  }

  private var freeChannels: String {
    guard let baseline = record.baseline.cleanValid else { return "" }
    let (free, all) = (record.freeChannels, record.channels)
    let silent = record.silentChannels
    let silence =
      silent == 0
      ? "Every channel fires on some clean validation face."
      : "\(Format.count(silent, "channel")) of \(all) never \(silent == 1 ? "fires" : "fire") on a clean validation face."
    if free == 0 {
      return
        "No channel is free: silencing the very first one of the order already costs clean validation accuracy. \(silence)"
    }
    let value = "the baseline's \(Format.percent(baseline)) (\(Format.counts(baseline)))"
    if free == all {
      return "All \(all) channels are free: clean validation accuracy never falls below \(value). \(silence)"
    }
    let these = free == 1 ? "The first of \(all) channels is free" : "The first \(free) of \(all) channels are free"
    return "\(these): until then clean validation accuracy is never below \(value). \(silence)"
  }

  private func price(of repaired: RunRecord.RepairedNetwork) -> String {
    guard let pruned = repaired.channelsPruned else {
      return
        "**X = \(repaired.drop)** is never reached: clean validation accuracy does not fall by \(repaired.drop) points, so there is no B'."
    }
    var text = "**X = \(repaired.drop)** stops at k = \(pruned)"
    if let before = record.baseline[clean], let after = repaired.network[clean] {
      let direction = after.hits > before.hits ? "rises" : "falls"
      text += ": \(clean.title) accuracy "
      text +=
        after.hits == before.hits
        ? "stays at \(Format.percent(after))"
        : "\(direction) by \(Format.points(from: before, to: after)) to \(Format.percentWithInterval(after))"
    }
    guard let backdoored, let after = repaired.network[backdoored] else { return text + "." }
    return text + ", and attack success is \(Format.percentWithInterval(after)): the attack \(verb(AttackFate(after)))."
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
    guard let backdoored, let baseline = record.baseline[backdoored], AttackFate(baseline) != .broken else {
      return nil
    }
    guard let k = record.lastingFall(of: backdoored, below: AttackFate.breakLimit) else {
      return "Attack success never stays under 10 %, however many channels are pruned."
    }
    let point = record.curve[k]
    var text = "Attack success stays under 10 % only from k = \(k) on"
    if let attack = point.rates[backdoored] { text += " (\(Format.percent(attack)) there)" }
    if let accuracy = point.rates[clean] {
      text += "; the \(clean.title) accuracy left at that point is \(Format.percent(accuracy))"
    }
    return text + "."
  }

  /// What the GoodNets flag, at the largest X.
  private var detection: String? {
    guard let backdoored, let last = record.repaired.last(where: { $0.channelsPruned != nil }) else { return nil }
    let detection = backdoored == .backdooredTest ? last.detection : last.detectionValid
    guard let flagged = detection.truePositives, let alarms = detection.falsePositives else { return nil }
    return """
      The GoodNet of X = \(last.drop) flags \(Format.percentWithInterval(flagged)) of the triggered faces as poisoned, and \
      \(Format.percentWithInterval(alarms)) of the clean ones by mistake.
      """
  }

  private var verdict: String {
    guard let backdoored, let baseline = record.baseline[backdoored] else {
      return "No backdoored faces were given, so nothing can be said about the attack."
    }
    guard AttackFate(baseline) == .survives else {
      return
        "The attack succeeds on \(Format.percent(baseline)) of the triggered faces before anything is pruned: there is hardly a backdoor to defend against."
    }
    let fates = record.repaired.compactMap { repaired in
      repaired.network[backdoored].map { (drop: "\(repaired.drop)", fate: AttackFate($0)) }
    }
    guard !fates.isEmpty else { return "No X was reached, so there is no repaired network to judge." }
    let drops = Dictionary(grouping: fates) { $0.fate }.mapValues { Format.list($0.map(\.drop)) }
    let all = "X = \(Format.list(fates.map(\.drop)))"
    if drops.count == 1 {
      switch fates[0].fate {
      case .survives: return "**So the pruning defence fails on this network**: the attack survives at \(all)."
      case .weakened:
        return
          "**So the pruning defence is not enough on this network**: at \(all) it weakens the attack and does not remove it."
      case .broken: return "**So the pruning defence works on this network**: the attack is broken at \(all)."
      }
    }
    let parts = [AttackFate.survives, .weakened, .broken].compactMap { fate in
      drops[fate].map { "\(verb(fate)) at X = \($0)" }
    }
    return "**So the pruning defence works on this network only in part**: the attack \(Format.list(parts))."
  }
}
