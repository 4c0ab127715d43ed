import Datasets
import Defences
import Experiment
import Plotting

/// The Markdown report of a comparison across defences, attacks or both, from the records alone.
public struct DefenceReport {
  private let comparison: Comparison
  private let selection: Selection
  private let figurePath: String, curvesPath: String, priceFigurePath: String
  private let command: String
  private let missing: [String]
  private let cells: DefenceCells

  /// - Parameters:
  ///   - figurePath: where the plane lies, as seen from the report.
  ///   - curvesPath: where the curves lie.
  ///   - priceFigurePath: where the plane of the other selection lies.
  ///   - command: what makes the comparison again.
  ///   - missing: runs that should be there and are not, each with its reason.
  public init(
    _ comparison: Comparison, selection: Selection, figurePath: String, curvesPath: String, priceFigurePath: String,
    command: String, missing: [String]
  ) {
    (self.comparison, self.selection) = (comparison, selection)
    (self.figurePath, self.curvesPath, self.priceFigurePath) = (figurePath, curvesPath, priceFigurePath)
    (self.command, self.missing) = (command, missing)
    cells = DefenceCells(comparison, selection)
  }

  /// The report's text.
  public func markdown() -> String {
    [
      "# Defences side by side", partial, introduction, "## What they cost and what they leave",
      """
      ![Clean accuracy lost against attack success left, a mark for each run and a mean for each defence](\(figurePath))

      *A defence that works is at the bottom left: nothing of the attack, and nothing of the accuracy, is gone.*
      """,
      "## By attack", cells.attacks.map(section).joined(separator: "\n\n"),
      "## Against plain pruning", paired, "## The price of honesty",
      """
      ![The same with the stop chosen by the attack's own success](\(priceFigurePath))

      \(price)
      """, "## The curves", "![Every defence's curve, by attack](\(curvesPath))",
      "*Means over the seeds; the ranking of each defence to its last channel.*", "## The defences", defenceList,
      "## Reproduce", "```sh\n\(command)\n```",
      comparison.versions.isEmpty ? "" : "The runs were made with Espalier \(Format.list(comparison.versions)).",
    ].filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// The same as one page, with the figures inside.
  /// - Parameter pictures: of the plane, the curves and the other selection's plane, whose paths are then names.
  /// - Throws: `PlottingError` where Cairo fails.
  public func html(_ pictures: [(name: String, picture: Picture)]) throws -> String {
    let figures = Dictionary(
      pictures.map { ($0.name, PageFigure($0.picture, name: $0.name, description: "The tables have its numbers")) },
      uniquingKeysWith: { first, _ in first })
    return try HTMLPage(
      markdown: markdown(), figures: figures, summary: "What defences cost, and what they leave of attacks"
    ).text
  }

  private var partial: String {
    guard !missing.isEmpty else { return "" }
    return "**This report is partial**: \(Format.count(missing.count, "run")) missing.\n\n"
      + missing.map { "- " + Markdown.code($0) }.joined(separator: "\n")
  }

  private var introduction: String {
    let seeds = Format.count(cells.seedCount, "seed")
    let networks =
      comparison.runs[0].record.training == nil
      ? "One given network" : "\(seeds), each with a network of its own for each attack,"
    return """
      \(networks) and \(Format.count(cells.defences.count, "defence")): what each costs in clean accuracy (C-Acc), what it \
      leaves of the attack (attack success rate, ASR), how many triggered images get their true class back (recovery \
      accuracy, RA), and the defence effectiveness rating, DER = ((fall of ASR) - (fall of C-Acc) + 1) / 2. \
      \(cells.stopText) \(selectionText)
      """
  }

  private var selectionText: String {
    selection == .honest
      ? "No defence saw a triggered or a test image before these numbers were counted; `oracle`, which is no defence, did."
      : "**These stops were chosen by the attack's success itself**, as a defender could not."
  }

  // MARK: Tables

  private func section(_ attack: String) -> String {
    let before = cells.defences.lazy.flatMap { cells[attack, $0] }.first
    let hasAttack = before?.attack.before != nil
    let rows = cells.defences.compactMap { defence -> [String]? in
      let outcomes = cells[attack, defence]
      guard !outcomes.isEmpty else { return nil }
      let reached = outcomes.filter { $0.channelsPruned != nil }
      func mean(_ values: [Double], _ bounds: ClosedRange<Double>) -> String {
        Self.text(Summary(values, within: bounds))
      }
      return [
        defence == Defence.oracle.name ? "oracle (no defence)" : defence, stops(outcomes),
        "\(reached.count)/\(outcomes.count)",
        mean(reached.compactMap { $0.channelsPruned.map(Double.init) }, 0...Double(outcomes[0].run.record.channels)),
        "\(outcomes[0].run.record.channels)", mean(reached.compactMap { $0.clean.after?.percent }, 0...100),
        mean(reached.compactMap { $0.attack.after?.percent }, 0...100),
        mean(reached.compactMap { $0.recovery.after?.percent }, 0...100),
        mean(reached.compactMap { $0.effectiveness.map { 100 * $0 } }, 0...100),
        mean(reached.compactMap { $0.detection.truePositives?.percent }, 0...100),
        mean(reached.compactMap { $0.detection.falsePositives?.percent }, 0...100),
        "\(outcomes[0].run.record.cleanImagesUsed)",
      ]
    }
    let table = MarkdownTable(
      header: [
        "Defence", "Stop", "Reached", "k", "of", "C-Acc", "ASR", "RA", "DER", "G detects", "G's false alarms", "Images",
      ], rows: rows, textColumns: [0, 1]
    ).text
    let all = cells.defences.flatMap { cells[attack, $0] }
    let first = Dictionary(grouping: all) { $0.run.record.seed }.values.compactMap(\.first)
    let clean = Self.text(Summary(first.compactMap { $0.clean.before?.percent }, within: 0...100))
    let success = Self.text(Summary(first.compactMap { $0.attack.before?.percent }, within: 0...100))
    let baseline =
      hasAttack
      ? "Before any defence: C-Acc \(clean), ASR \(success), in percent."
      : "C-Acc before any defence: \(clean), in percent."
    return """
      ### \(cells.attackTitle(attack, isMarkdown: true))

      \(baseline) Means in percent, with 95 % intervals of the mean in brackets.

      \(table)
      """
  }

  private func stops(_ outcomes: [DefenceOutcome]) -> String {
    let names = Set(outcomes.map(\.stop))
    return names.sorted().map { name in
      switch name {
      case DefenceOutcome.ownStop: "own threshold"
      case Selection.oracle.rawValue: "least attack"
      default: "X = \(name)"
      }
    }.joined(separator: ", ")
  }

  static func text(_ summary: Summary?) -> String {
    guard let summary else { return "n/a" }
    let mean = Format.fixed(summary.mean, 1)
    guard let interval = summary.interval, interval.lowerBound.isFinite, interval.upperBound.isFinite else {
      return mean
    }
    return "\(mean) [\(Format.fixed(interval.lowerBound, 1)), \(Format.fixed(interval.upperBound, 1))]"
  }

  // MARK: Conclusions

  /// Each defence against plain pruning, by seed.
  private var paired: String {
    let plain = Defence.pruning.name
    guard cells.defences.contains(plain), cells.defences.count > 1 else {
      return cells.defences.count > 1
        ? "Plain pruning is not among these defences, so there is nothing to compare with."
        : "There is one defence, and none to compare it with."
    }
    let sentences = cells.attacks.flatMap { attack in
      cells.defences.filter { $0 != plain }.compactMap { defence -> String? in
        sentence(attack, defence, plain)
      }
    }
    return sentences.isEmpty
      ? "Nothing can be compared: there is no attack, or no run reached its stop."
      : """
      Differences within the same network, seed by seed. Better is said where the 95 % interval of the mean difference leaves \
      out 0; where it does not, it cannot be told from these seeds.

      """ + sentences.map { "- \($0)" }.joined(separator: "\n")
  }

  private func sentence(_ attack: String, _ defence: String, _ plain: String) -> String? {
    func bySeed(_ defence: String) -> [UInt64: DefenceOutcome] {
      Dictionary(cells[attack, defence].map { ($0.run.record.seed, $0) }, uniquingKeysWith: { first, _ in first })
    }
    let (own, others) = (bySeed(defence), bySeed(plain))
    let seeds = own.keys.filter { own[$0]?.left != nil && others[$0]?.left != nil }.sorted()
    let fall = seeds.compactMap { seed in others[seed]?.left.flatMap { plain in own[seed]?.left.map { plain - $0 } } }
    let saved = seeds.compactMap { seed in others[seed]?.cost.flatMap { plain in own[seed]?.cost.map { plain - $0 } } }
    guard let success = Summary(fall, within: -100...100), let cost = Summary(saved, within: -100...100) else {
      return nil
    }
    let name = "**\(cells.attackTitle(attack, isMarkdown: true)), \(defence)**"
    let price =
      "it costs \(Format.fixed(abs(cost.mean), 1)) points \(cost.mean >= 0 ? "less" : "more") clean accuracy"
    let count = fall.count { $0 > 0 }
    guard let interval = success.interval, interval.lowerBound > 0 || interval.upperBound < 0 else {
      return """
        \(name): cannot be told. Attack success left differs from plain pruning's by \(Self.text(success)) points on average \
        (positive is better), lower in \(count) of \(Format.count(fall.count, "seed")); \(price).
        """
    }
    let isBetter = interval.lowerBound > 0
    return """
      \(name): \(isBetter ? "better" : "worse") than plain pruning. It leaves \(Self.text(success)) points less of the attack \
      on average, lower in \(count) of \(Format.count(fall.count, "seed")); \(price).
      """
  }

  /// What a stop that knows the attack would seem to be worth.
  private var price: String {
    let (honest, oracle) = (DefenceCells(comparison, .honest), DefenceCells(comparison, .oracle))
    let rows = cells.attacks.flatMap { attack in
      cells.defences.compactMap { defence -> (row: [String], gain: Double)? in
        func left(_ cells: DefenceCells) -> Summary? {
          Summary(cells[attack, defence].compactMap(\.left), within: 0...100)
        }
        guard let own = left(honest), let told = left(oracle) else { return nil }
        return (
          [
            cells.attackTitle(attack, isMarkdown: true), defence, Self.text(own), Self.text(told),
            Format.fixed(own.mean - told.mean, 1),
          ],
          own.mean - told.mean
        )
      }
    }
    guard let mean = Summary(rows.map(\.gain)) else { return "There is no attack whose success could choose a stop." }
    let table = MarkdownTable(
      header: ["Attack", "Defence", "ASR, honest stop", "ASR, stop by the attack", "Difference"], rows: rows.map(\.row),
      textColumns: [0, 1]
    ).text
    return """
      Published tables often choose a threshold by the attack's success on test images. On the same networks, rankings and \
      seeds such a stop, within X points of clean accuracy or what the honest stop costs, would show \(Format.fixed(mean.mean, 1)) points less attack \
      success on average over all defences and attacks than the honest one does: so much of what a table shows is its \
      threshold, and not the defence.

      \(table)
      """
  }

  private var defenceList: String {
    let known = Dictionary(Defence.studied.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return cells.defences.compactMap { name -> String? in
      guard let defence = known[name], let run = comparison.runs.first(where: { $0.record.defenceName == name }) else {
        return nil
      }
      let settings = run.settings["defence-options"].map { "; settings: \(Markdown.code($0.value))" } ?? ""
      let paper = defence.paper.map { ". \($0)" } ?? ""
      let deviation = defence.deviation.map { ". Here it \($0)" } ?? ""
      return "- **\(name)** \(defence.summary)\(settings)\(paper)\(deviation)."
    }.joined(separator: "\n")
  }
}
