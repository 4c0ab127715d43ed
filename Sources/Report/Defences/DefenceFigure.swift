import Attacks
import Datasets
import Defences
import Experiment
import Plotting

/// Defences side by side: clean accuracy lost against attack success left, a panel for each attack.
public struct DefenceFigure {
  private let cells: DefenceCells
  private let selection: Selection

  /// The figure of a comparison across defences, attacks or both.
  public init(_ comparison: Comparison, selection: Selection = .honest) {
    cells = DefenceCells(comparison, selection)
    self.selection = selection
  }

  /// Colours and signs, so that defences are told apart in grey as well; names stand beside the means.
  private static let colors: [Color] = [.blue, .vermillion, .green, .purple, .orange, .skyBlue]
  private static let markers: [Series.Marker] = [.disc, .square, .triangle, .ring]

  private func color(_ defence: String) -> Color {
    defence == Defence.oracle.name
      ? Color(gray: 0.45) : Self.colors[(cells.defences.firstIndex(of: defence) ?? 0) % Self.colors.count]
  }

  private func marker(_ defence: String) -> Series.Marker {
    let place = cells.defences.firstIndex(of: defence) ?? 0
    return Self.markers[place / Self.colors.count % Self.markers.count]
  }

  /// The sheet, or one chart for a single attack.
  public func picture() throws -> Picture {
    // Without a backdoor nothing is left of an attack.
    let attacked = cells.attacks.filter { attack in
      cells.defences.contains { cells[attack, $0].contains { $0.left != nil } }
    }
    let panels = try (attacked.isEmpty ? cells.attacks : attacked).map(panel)
    guard panels.count > 1 else { return try chart(panels[0]).picture(height: 380) }
    let columns = min(3, panels.count)
    let rows = (panels.count + columns - 1) / columns
    return try sheet(panels, columns: columns).picture(width: 680, height: 110 + 230 * Double(rows))
  }

  package func sheet(_ panels: [LineChart], columns: Int) throws -> SmallMultiples {
    SmallMultiples(
      title: title, subtitle: subtitle, footnotes: footnotes, xAxis: try xAxis, yAxis: try yAxis, panels: panels,
      columns: columns)
  }

  private func chart(_ panel: LineChart) throws -> LineChart {
    var chart = panel
    (chart.title, chart.subtitle, chart.footnotes) = (title, subtitle, footnotes)
    return chart
  }

  /// One attack.
  package func panel(_ attack: String) throws -> LineChart {
    var (series, marks) = ([Series](), [Mark]())
    for defence in cells.defences {
      let outcomes = cells[attack, defence]
      let points = outcomes.compactMap { outcome -> Point? in
        guard let cost = outcome.cost, let left = outcome.left else { return nil }
        return Point(cost, left)
      }
      guard !points.isEmpty else { continue }
      let (color, marker) = (color(defence), marker(defence))
      series.append(
        Series(
          "", points: points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }, stroke: Stroke(color.withAlpha(0.4), width: 0.7),
          interpolation: .none, labeling: .none, marker: marker))
      guard let cost = Summary(points.map(\.x), within: -100...100),
        let left = Summary(points.map(\.y), within: 0...100)
      else { continue }
      var mean = Series(
        "", points: [Point(cost.mean, left.mean)], stroke: Stroke(color, width: 1.2), interpolation: .none,
        labeling: .none,
        marker: marker)
      if let interval = left.interval {
        mean.ranges = [VerticalRange(x: cost.mean, low: interval.lowerBound, high: interval.upperBound)]
      }
      series.append(mean)
      if let interval = cost.interval {
        series.append(
          Series(
            "",
            points: [
              Point(max(bounds.lowerBound, interval.lowerBound), left.mean),
              Point(min(bounds.upperBound, interval.upperBound), left.mean),
            ], stroke: Stroke(color, width: 1.2), labeling: .none))
      }
      marks.append(
        Mark(
          x: cost.mean, label: [StyledText(defence, color: color, weight: .bold)],
          points: [MarkPoint(y: left.mean, color: color)]))
    }
    return try LineChart(
      title: cells.attackTitle(attack), xAxis: xAxis, yAxis: yAxis, series: series, marks: marks)
  }

  private var title: String { "What each defence costs, and what it leaves of the attack" }

  private var subtitle: String {
    let seeds = Format.count(cells.seedCount, "seed")
    return selection == .honest
      ? "\(seeds); stopped on clean validation images alone" : "\(seeds); stopped by the attack's own success"
  }

  private var footnotes: [String] {
    let (clean, backdoored) = cells.reported
    return [
      """
      Small signs: runs. Large ones: means with 95 % intervals both ways. Clean accuracy on \(clean.title) images, attack \
      success on \(backdoored?.title ?? "no") images. \(cells.stopText) The oracle is no defence: it ranks with triggered \
      images.
      """
    ]
  }

  /// Points of clean accuracy.
  private var bounds: ClosedRange<Double> {
    let costs = cells.all.compactMap(\.cost)
    let low = min(-2, ((costs.min() ?? 0) - 1).rounded(.down))
    let high = max(12, ((costs.max() ?? 0) * 1.12 + 2).rounded(.up))
    return low...min(100, high)
  }

  private var xAxis: Axis {
    get throws {
      try Axis("Clean accuracy lost (percentage points)", from: bounds.lowerBound, to: bounds.upperBound)
    }
  }

  private var yAxis: Axis {
    get throws {
      try Axis(
        "Attack success left (%)", from: 0, to: 100, ticks: stride(from: 0, through: 100, by: 20).map { $0 })
    }
  }
}

/// The runs of a comparison by attack and defence.
struct DefenceCells {
  let comparison: Comparison
  let selection: Selection
  /// In the order of their first runs.
  let attacks: [String], defences: [String]
  private let outcomes: [String: [String: [DefenceOutcome]]]

  init(_ comparison: Comparison, _ selection: Selection) {
    self.comparison = comparison
    self.selection = selection
    var (attacks, defences) = ([String](), [String]())
    var outcomes: [String: [String: [DefenceOutcome]]] = [:]
    for run in comparison.runs {
      let (attack, defence) = (run.attackName, run.record.defenceName)
      if !attacks.contains(attack) { attacks.append(attack) }
      if !defences.contains(defence) { defences.append(defence) }
      outcomes[attack, default: [:]][defence, default: []].append(DefenceOutcome(of: run, selection))
    }
    (self.attacks, self.defences, self.outcomes) = (attacks, defences, outcomes)
  }

  /// The runs of one cell, by seed.
  subscript(attack: String, defence: String) -> [DefenceOutcome] { outcomes[attack]?[defence] ?? [] }

  var all: [DefenceOutcome] { attacks.flatMap { attack in defences.flatMap { self[attack, $0] } } }
  var seedCount: Int { Set(comparison.runs.map(\.record.seed)).count }
  var reported: (clean: Split, backdoored: Split?) {
    comparison.runs.first { $0.record.reported.backdoored != nil }?.record.reported ?? comparison.reported
  }

  /// What an attack is called; the path of a picture may hold anything, so that a report shows it as code.
  func attackTitle(_ attack: String, isMarkdown: Bool = false) -> String {
    switch attack {
    case "given": return "The given network"
    case AttackChoice.none: return "No backdoor"
    default:
      let isPlain = attack.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2B }
      return isPlain ? attack : isMarkdown ? Markdown.code(attack) : Format.shortName(attack, most: 40)
    }
  }

  /// Where B' of each defence stands.
  var stopText: String {
    guard selection == .honest else {
      return """
        B' is the point of the curve with the least attack success that costs no more than the largest X, or than the \
        honest stop.
        """
    }
    let own = defences.filter { defence in
      attacks.contains { attack in self[attack, defence].contains { $0.stop == DefenceOutcome.ownStop } }
    }
    let drop = comparison.runs[0].record.repaired.last.map { "\($0.drop)" } ?? ""
    let rest = "X = \(drop)"
    return own.isEmpty
      ? "B' is that of \(rest)."
      : "B' is where the defence's own threshold stops (\(Format.list(own))), and that of \(rest) elsewhere."
  }
}
