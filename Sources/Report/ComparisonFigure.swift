import Attacks
import Datasets
import Experiment
import Plotting

/// The figures of a comparison, from its statistics alone: the mean curves with what surrounds them, and one panel a run.
public struct ComparisonFigure {
  private let comparison: Comparison
  private let clean: Split
  private let backdoored: Split?

  /// The figures of `comparison`.
  public init(_ comparison: Comparison) {
    self.comparison = comparison
    (clean, backdoored) = comparison.reported
  }

  private static let cleanColor = Color.blue, attackColor = Color.vermillion
  /// By group, where there are several; dashes tell them apart in grey as well.
  private static let groupStrokes: [Stroke] = [
    Stroke(.blue, width: 1.5), Stroke(.vermillion, width: 1.5, dash: [5, 2]),
    Stroke(.green, width: 1.5, dash: [1.5, 1.5]), Stroke(.purple, width: 1.5, dash: [6, 2, 1.5, 2]),
    Stroke(.orange, width: 1.5, dash: [9, 3]), Stroke(.skyBlue, width: 1.5, dash: [3, 3]),
  ]

  /// Means, bands, single runs and where each X stops, on two columns of a journal.
  public func picture() throws -> Picture {
    comparison.groups.count == 1 ? try chart().picture() : try groupSheet().picture(height: 300)
  }

  /// One panel a run.
  public func runsPicture() throws -> Picture {
    let sheet = try runSheet()
    let (count, columns) = (sheet.panels.count, sheet.columns ?? 1)
    let panelHeight = 470 / Double(columns) / 1.35 + 18
    return sheet.picture(height: 105 + panelHeight * Double((count + columns - 1) / columns))
  }

  // MARK: One group

  /// Clean accuracy and attack success in one plot.
  package func chart() throws -> LineChart {
    let group = comparison.groups[0]
    let lines = measures.map { split, name, color, dash in
      (split: split, name: name, stroke: Stroke(color, width: 1.7, dash: dash))
    }
    return try LineChart(
      title: "Pruning defence over \(Format.count(group.runs.count, "run"))", subtitle: subtitle, footnotes: footnotes,
      xAxis: xAxis(every: 0.1), yAxis: yAxis(every: 20),
      series: lines.flatMap { runLines(of: group, $0.split, color: $0.stroke.color) }
        + lines.map { meanLine(of: group, $0.split, name: $0.name, stroke: $0.stroke) }
        + lines.flatMap { line in
          // Side by side, since the ranges of both measures often overlap.
          stops(of: group, line.split, color: line.stroke.color, shift: line.split.isBackdoored ? 0.003 : -0.003)
        },
      bands: lines.compactMap { band(of: group, $0.split, color: $0.stroke.color) },
      marks: stops(of: group).shared.map { mark($0, of: group) })
  }

  private var measures: [(split: Split, name: String, color: Color, dash: [Double])] {
    [(clean, "Clean accuracy", Self.cleanColor, [])]
      + (backdoored.map { [($0, "Attack success rate", Self.attackColor, [5, 2])] } ?? [])
  }

  /// X that stop at the same k in every run share a mark.
  private func stops(of group: RunGroup) -> StopMarks<DropSummary> {
    let stops = group.drops.filter { $0.channelsPruned != nil }.map { (drop: $0.drop, stop: $0) }
    return StopMarks(stops, mostLabels: 6) { Place($0.channelsPruned) }
  }

  /// What is the same for X that stop together, by ascending mean k.
  private struct Place: Comparable, Hashable {
    let mean: Double, low: Double, high: Double

    init(_ pruned: Summary?) {
      (mean, low, high) = (pruned?.mean ?? 0, pruned?.range.lowerBound ?? 0, pruned?.range.upperBound ?? 0)
    }

    static func < (left: Place, right: Place) -> Bool {
      (left.mean, left.low, left.high) < (right.mean, right.low, right.high)
    }
  }

  private func mark(_ shared: StopMarks<DropSummary>.Shared, of group: RunGroup) -> Mark {
    let drop = shared.stop
    let pruned = drop.channelsPruned
    let points = measures.compactMap { split, _, color, _ in
      drop.repaired[split].map { MarkPoint(y: $0.mean, color: color) }
    }
    let values = points.map { StyledText.Run("\(Format.fixed($0.y, 1)) %", color: $0.color) }
    let runs = Array(values.map { [$0] }.joined(separator: [StyledText.Run(" / ")]))
    let title = StyledText("\(shared.title), k = \(pruned.map(Format.span) ?? "")", weight: .bold)
    return Mark(
      x: (pruned?.mean ?? .nan) / Double(group.channels), label: shared.isLabelled ? [title, StyledText(runs)] : [],
      points: points)
  }

  // MARK: Several groups

  /// A panel for each measure, a colour for each group.
  package func groupSheet() throws -> SmallMultiples {
    let panels = try measures.map { split, title, _, _ in
      let groups = comparison.groups.enumerated().map { ($1, Self.groupStrokes[$0 % Self.groupStrokes.count]) }
      return try LineChart(
        title: "\(title) (\(split.title))", xAxis: xAxis(every: 0.2), yAxis: yAxis(every: 20),
        series: groups.flatMap { runLines(of: $0, split, color: $1.color) }
          + groups.map { meanLine(of: $0, split, name: name(of: $0), stroke: $1) }
          + groups.flatMap { stops(of: $0, split, color: $1.color) + [discs(of: $0, split, color: $1.color)] },
        bands: groups.compactMap { band(of: $0, split, color: $1.color) })
    }
    return try SmallMultiples(
      title: "Pruning defence by \(comparison.field ?? "")", subtitle: subtitle, footnotes: footnotes,
      xAxis: xAxis(every: 0.2), yAxis: yAxis(every: 20), panels: panels, columns: panels.count)
  }

  private func name(of group: RunGroup) -> String {
    let value = Format.shortName(group.value?.text ?? "none")
    return group.runs.count == 1 ? value : "\(value), mean of \(group.runs.count) seeds"
  }

  // MARK: One panel a run

  package func runSheet() throws -> SmallMultiples {
    let panels = try comparison.groups.flatMap { group in
      try group.runs.map { run in
        let seed = "seed \(run.record.seed)"
        return try LineChart(
          title: group.value.map { "\(Format.shortName($0.text, most: 32)), \(seed)" } ?? seed,
          xAxis: xAxis(every: 0.5), yAxis: yAxis(every: 50),
          series: measures.map { split, name, color, dash in
            Series(
              name, points: points(of: run.record, split), stroke: Stroke(color, width: 1.2, dash: dash),
              labeling: .legend)
          },
          marks: run.record.repaired.compactMap { mark($0, of: run.record) })
      }
    }
    let columns = max(1, min(6, Int((1.2 * Double(panels.count)).squareRoot().rounded(.up))))
    let drops = Format.drops(comparison.runs[0].record.repaired.map(\.drop))
    return try SmallMultiples(
      title: "The single runs", subtitle: subtitle,
      footnotes: ["\(faces). Discs: where X = \(drops) stops in that run."],
      xAxis: xAxis(every: 0.5), yAxis: yAxis(every: 50), panels: panels, columns: columns)
  }

  private func mark(_ repaired: RunRecord.RepairedNetwork, of record: RunRecord) -> Mark? {
    guard let pruned = repaired.channelsPruned else { return nil }
    let points = measures.compactMap { split, _, color, _ in
      repaired.network[split].map { MarkPoint(y: $0.percent, color: color) }
    }
    return Mark(x: Double(pruned) / Double(record.channels), label: [], points: points)
  }

  // MARK: Parts

  private func xAxis(every step: Double) throws -> Axis {
    let ticks = stride(from: 0.0, through: 1.0, by: step).map { $0 }
    return try Axis("Fraction of channels pruned", from: 0, to: 1, ticks: ticks) { Format.fixed($0, 1) }
  }

  private func yAxis(every step: Double) throws -> Axis {
    try Axis("Percent of faces", from: 0, to: 100, ticks: stride(from: 0, through: 100, by: step).map { $0 })
  }

  private func points(of record: RunRecord, _ split: Split) -> [Point] {
    record.curve.map { point in
      Point(Double(point.channelsPruned) / Double(record.channels), point.rates[split]?.percent ?? .nan)
    }
  }

  private func points(of group: RunGroup, _ value: (Splits<Summary>) -> Double?) -> [Point] {
    group.curve.enumerated().map { k, point in Point(Double(k) / Double(group.channels), value(point) ?? .nan) }
  }

  private func meanLine(of group: RunGroup, _ split: Split, name: String, stroke: Stroke) -> Series {
    Series(name, points: points(of: group) { $0[split]?.mean }, stroke: stroke, labeling: .legend)
  }

  private func band(of group: RunGroup, _ split: Split, color: Color) -> Band? {
    guard group.runs.count > 1 else { return nil }
    return Band(
      lower: points(of: group) { $0[split]?.interval?.lowerBound },
      upper: points(of: group) { $0[split]?.interval?.upperBound }, color: color.withAlpha(0.22))
  }

  /// Thin lines that grow fainter with their number.
  private func runLines(of group: RunGroup, _ split: Split, color: Color) -> [Series] {
    guard group.runs.count > 1 else { return [] }
    let stroke = Stroke(color.withAlpha(max(0.2, min(0.55, 2.5 / Double(group.runs.count)))), width: 0.45)
    return group.runs.map { Series("", points: points(of: $0.record, split), stroke: stroke, labeling: .none) }
  }

  /// For each X a bar across the k and one along the rates of the runs.
  private func stops(of group: RunGroup, _ split: Split, color: Color, shift: Double = 0) -> [Series] {
    group.drops.compactMap { drop -> Series? in
      guard let pruned = drop.channelsPruned, let rate = drop.repaired[split] else { return nil }
      let (x, channels) = (pruned.mean / Double(group.channels), Double(group.channels))
      let ends = [pruned.range.lowerBound, pruned.mean, pruned.range.upperBound]
      return Series(
        "", points: ends.map { Point($0 / channels, rate.mean) }, stroke: Stroke(color, width: 0.9), labeling: .none,
        ranges: [VerticalRange(x: x + shift, low: rate.range.lowerBound, high: rate.range.upperBound)])
    }
  }

  private func discs(of group: RunGroup, _ split: Split, color: Color) -> Series {
    let points = group.drops.compactMap { drop in
      drop.channelsPruned.flatMap { pruned in
        drop.repaired[split].map { Point(pruned.mean / Double(group.channels), $0.mean) }
      }
    }
    return Series(
      "", points: points, stroke: Stroke(color, width: 0.8), interpolation: .none, labeling: .none, marker: .disc)
  }

  private var subtitle: String {
    let record = comparison.runs[0].record
    let network =
      comparison.field == "model"
      ? "" : record.training == nil ? "\(fileName(record.model.path)), " : "networks trained here, "
    let order = comparison.field == "order" ? "" : " in \(record.order.rawValue) order"
    let layer = comparison.field == "layer" ? "" : "layer \(Format.shortName(record.layer)), "
    return "\(network)\(layer)\(record.channels) channels pruned\(order)"
  }

  /// Which faces the two measures are of.
  private var faces: String {
    let data = comparison.runs[0].record.data
    func count(_ split: Split) -> String { "\(split.title) faces (n = \(data[split]?.rows ?? 0))" }
    return "Clean accuracy on \(count(clean))" + (backdoored.map { ", attack success on \(count($0))" } ?? "")
  }

  private var footnotes: [String] {
    let counts = comparison.groups.map(\.runs.count)
    let drops = Format.drops(comparison.runs[0].record.repaired.map(\.drop))
    let spread =
      counts.allSatisfy { $0 == 1 }
      ? "One run\(counts.count == 1 ? "" : " a line"), so there is no interval across runs."
      : "Lines: means over runs; bands: 95 % intervals of the mean (Gaffke); thin lines: single runs."
    return [
      """
      \(faces). \(spread) Discs: means of B' where X = \(drops) stops; bars: \
      from the smallest to the largest k and rate.\(comparison.groups.count == 1 ? stops(of: comparison.groups[0]).sentence : "")
      """
    ]
  }

  private func fileName(_ path: String) -> String {
    Format.shortName(path.split(separator: "/").last.map(String.init) ?? path)
  }
}

extension Format {
  /// The whole numbers that occur, as `46` or `44–47`.
  static func span(_ summary: Summary) -> String {
    let (low, high) = (fixed(summary.range.lowerBound, 0), fixed(summary.range.upperBound, 0))
    return low == high ? low : "\(low)–\(high)"
  }
}
