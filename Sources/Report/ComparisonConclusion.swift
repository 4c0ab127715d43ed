import Attacks
import Datasets
import Defences
import Experiment

/// What a comparison shows, drawn from its intervals and counts: every sentence is chosen by the numbers and carries them.
struct ComparisonConclusion {
  let comparison: Comparison
  private let clean: Split
  private let backdoored: Split?
  private let tests: PairedTestTables

  init(_ comparison: Comparison) {
    self.comparison = comparison
    (clean, backdoored) = comparison.reported
    tests = PairedTestTables(comparison)
  }

  /// Paragraphs and lists as Markdown.
  var text: String {
    let parts = comparison.groups.enumerated().map { index, group in
      ([heading(group), luck(group)] + [
        group.drops.map { "- " + sentence($0, group: index) }.joined(separator: "\n"), verdict(group),
      ])
      .compactMap { $0 }.joined(separator: "\n\n")
    }
    return (parts + [FewRuns(comparison)?.text, contrast].compactMap { $0 }).joined(separator: "\n\n")
  }

  private func heading(_ group: RunGroup) -> String? {
    comparison.field.map { "### \($0) \(group.value?.text ?? "none")" }
  }

  /// How much of the curve is luck.
  private func luck(_ group: RunGroup) -> String {
    let count = group.runs.count
    guard count > 1 else {
      return """
        One run gives no interval across runs: with nothing to compare it to, it does not say how much another seed \
        would differ. The intervals in the table by run are exact and speak of its \(comparison.words.faces) alone.
        """
    }
    let widest = ([("clean accuracy", clean)] + (backdoored.map { [("attack success", $0)] } ?? [])).compactMap {
      name, split in
      let deviations = group.curve.enumerated().compactMap { k, point in
        point[split]?.standardDeviation.map { (k: k, value: $0) }
      }
      return deviations.max { $0.value < $1.value }.map { (name: name, k: $0.k, deviation: $0.value) }
    }
    let parts = widest.map { widest in
      widest.deviation == 0
        ? "\(widest.name) does not differ between runs at any k"
        : "\(widest.name) differs most at k = \(widest.k), by a standard deviation of \(Format.fixed(widest.deviation, 2)) points"
    }
    return "How much of the curve is luck: over \(count) seeds, \(parts.joined(separator: "; "))."
  }

  private func sentence(_ drop: DropSummary, group: Int) -> String {
    guard let pruned = drop.channelsPruned else {
      return "**X = \(drop.drop)** is reached in none of \(Format.count(drop.runs, "run"))."
    }
    var text = "**X = \(drop.drop)**"
    if drop.reached < drop.runs { text += " (reached in \(drop.reached) of \(drop.runs) runs)" }
    text += " stops at k = \(Format.span(pruned))"
    if let cost = drop.difference[clean], let accuracy = drop.repaired[clean] {
      text += "; \(clean.title) accuracy of B' is \(Format.percent(accuracy)), \(Format.points(cost)) points below B"
    }
    guard let backdoored, let fates = drop.fates[backdoored], let attack = drop.repaired[backdoored],
      let fall = drop.difference[backdoored]
    else { return text + "." }
    let seeds = drop.reached > 1 ? "over \(drop.runs) seeds" : drop.runs > 1 ? "in that run" : "in this run"
    return text
      + ". Attack success of B' is \(Format.percent(attack)): \(seeds) the attack \(counts(fates, at: drop.drop)). "
      + effect(fall, tests.test(group: group, drop: drop.drop, split: backdoored)) + halving(attack)
  }

  /// `survives X = 10 in 9 of 10 runs and is weakened in 1`.
  private func counts(_ fates: [AttackFate], at drop: Drop) -> String {
    let kinds = [AttackFate.survives, .weakened, .broken].map { fate in (fate, fates.count { $0 == fate }) }
      .filter { $0.1 > 0 }
    return Format.list(
      kinds.enumerated().map { index, kind in
        let place = kind.0 == .survives ? " X = \(drop)" : index == 0 ? " at X = \(drop)" : ""
        guard fates.count > 1 else { return verb(kind.0) + place }
        let share = Intervals.exact(Rate(hits: kind.1, total: fates.count)).map {
          " [\(Format.fixed(100 * $0.lowerBound, 0)), \(Format.fixed(100 * $0.upperBound, 0)) %]"
        }
        return "\(verb(kind.0))\(place) in \(kind.1)" + (index == 0 ? " of \(fates.count) runs" : "") + (share ?? "")
      })
  }

  private func verb(_ fate: AttackFate) -> String {
    switch fate {
    case .survives: "survives"
    case .weakened: "is weakened"
    case .broken: "is broken"
    }
  }

  /// Whether attack success changes by more than luck, by the exact permutation test of the paired differences.
  private func effect(_ fall: Summary, _ test: PairedTestTables.Test?) -> String {
    if fall.range == 0...0 {
      return fall.count == 1 ? "Pruning does not change it." : "Pruning changes it in no run."
    }
    guard fall.count > 1, let test else {
      return "That is \(Format.points(fall)) points below B's; one run gives no interval for it."
    }
    let p = Format.probability(test.permutation)
    let text = """
      Pruning lowers it in \(test.change.fell) of \(fall.count) runs, by \(Format.points(fall)) points on average \
      (permutation test, corrected: p \(p.hasPrefix("<") ? p : "= \(p)")): 
      """
    if test.permutation <= 0.05 { return text + "a \(fall.mean > 0 ? "fall" : "rise") beyond what the seeds explain." }
    // All runs of one sign have p = 2^(1-n), times the number of tests.
    let takes = (2...60).first {
      Double(tests.tests.count) * Double(sign: .plus, exponent: 1 - $0, significand: 1) <= 0.05
    }
    let few = takes.map {
      fall.count < $0
        ? "; of \(Format.count(tests.tests.count, "comparison")) the first takes \($0) runs that agree" : ""
    }
    return text + "over these seeds no change is established\(few ?? "")."
  }

  /// How many seeds a narrower interval takes.
  private func halving(_ attack: Summary) -> String {
    guard attack.count > 1, let count = attack.countToHalve else { return "" }
    return " About \(count) seeds would halve the interval of its mean."
  }

  private func verdict(_ group: RunGroup) -> String? {
    guard let backdoored else {
      return group.runs.contains { $0.record.excludesEveryTriggeredRow }
        ? Conclusion.noTriggeredRowCounts(comparison.words.face)
        : "No backdoored \(comparison.words.faces) were given, so nothing can be said about the attack."
    }
    let baseline = group.runs.compactMap { $0.record.baseline[backdoored].flatMap { AttackFate($0) } }
    let attacked = baseline.count { $0 == .survives }
    guard attacked == baseline.count else {
      return """
        Before anything is pruned, the attack succeeds on at least half of the \(comparison.words.faces) in only \(attacked) of \
        \(Format.count(baseline.count, "run")): where it does not, there is hardly a backdoor to defend against.
        """
    }
    let reached = group.drops.filter { $0.reached > 0 }
    guard !reached.isEmpty else { return "No X was reached in any run, so there is no repaired network to judge." }
    let runs = group.runs.count == 1 ? "in the one run" : "in every one of \(group.runs.count) runs"
    for (fate, sentence) in [
      (AttackFate.survives, "The pruning defence fails \(runs)"), (.broken, "The pruning defence works \(runs)"),
    ] where reached.allSatisfy({ drop in drop.fates[backdoored]?.allSatisfy { $0 == fate } ?? false }) {
      return "**\(sentence)**: the attack \(verb(fate)) at X = \(Format.list(reached.map { "\($0.drop)" }))."
    }
    func shares(_ fate: AttackFate) -> String {
      Format.list(
        reached.map { drop in
          "\(drop.fates[backdoored]?.count { $0 == fate } ?? 0) of \(drop.reached) at X = \(drop.drop)"
        })
    }
    let fates = Set(reached.flatMap { $0.fates[backdoored] ?? [] })
    guard fates.contains(.broken) else {
      let others = fates.contains(.survives) ? ", and survives in the others" : ""
      return "**The pruning defence breaks the attack in no run**: it is weakened in \(shares(.weakened))\(others)."
    }
    return
      "**Whether the pruning defence works depends on X and on the seed**: the attack is broken in \(shares(.broken))."
  }

  /// The groups side by side at each X.
  private var contrast: String? {
    guard comparison.groups.count > 1, let field = comparison.field, let backdoored, field != "drops" else {
      return nil
    }
    let lines = comparison.groups[0].drops.indices.map { index -> String in
      let drop = comparison.groups[0].drops[index].drop
      let parts = comparison.groups.map { group in
        let summary = group.drops[index]
        let rate = summary.repaired[backdoored].map { Format.percent($0) } ?? "not reached"
        let seeds = group.runs.count > 1 ? " over \(group.runs.count) seeds" : ""
        return "\(rate) with \(group.value?.text ?? "none")\(seeds)"
      }
      return "- X = \(drop): \(parts.joined(separator: "; "))."
    }
    return "### Side by side\n\nAttack success of B' (\(backdoored.title)) by \(field):\n\n"
      + lines.joined(separator: "\n")
  }
}
