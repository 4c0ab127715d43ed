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

  /// Single runs, a panel each, on as many pages as they take; of very many the most telling ones.
  public func runsPictures() throws -> [Picture] { try runSheets().map(Self.picture) }

  /// The first page of single runs.
  public func runsPicture() throws -> Picture { Self.picture(try runSheet()) }

  private static func picture(_ sheet: SmallMultiples) -> Picture {
    let (count, columns) = (sheet.panels.count, sheet.columns ?? 1)
    let panelHeight = 470 / Double(columns) / 1.35 + 18
    return sheet.picture(height: 105 + panelHeight * Double((count + columns - 1) / columns))
  }

  /// Up to this number of runs each has a line; more are drawn as bands.
  static let mostLines = 30
  /// Panels of a page of single runs, and pages of them.
  static let panelsPerPage = 30, mostPages = 4
  /// Between which quantiles the bands lie, from the back to the front, and how opaque they are.
  private static let bands: [(low: Double, high: Double, alpha: Double)] = [(0.05, 0.95, 0.16), (0.25, 0.75, 0.3)]

  /// A line of the figures.
  typealias Measure = (split: Split, name: String, color: Color, dash: [Double])

  private func showsRuns(_ group: RunGroup) -> Bool { group.runs.count <= Self.mostLines }

  /// Where all of a few runs lie; of many the middle 90 %.
  private func spread(_ summary: Summary) -> ClosedRange<Double> {
    guard summary.count > Self.mostLines else { return summary.range }
    let ends = summary.quantiles([Self.bands[0].low, Self.bands[0].high])
    return ends[0]...ends[1]
  }

  /// The mean of a few runs; of many the median, which lies within their bands.
  private func center(_ summary: Summary) -> Double {
    summary.count <= Self.mostLines ? summary.mean : summary.median
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
        + lines.flatMap { extremes(of: group, $0.split, color: $0.stroke.color) }
        + lines.map { meanLine(of: group, $0.split, name: $0.name, stroke: $0.stroke) }
        + lines.flatMap { line in
          // Side by side, since the ranges of both measures often overlap.
          stops(of: group, line.split, color: line.stroke.color, shift: line.split.isBackdoored ? 0.003 : -0.003)
        },
      bands: lines.flatMap { quantileBands(of: group, $0.split, color: $0.stroke.color) },
      marks: stops(of: group).shared.map { mark($0, of: group) })
  }

  var measures: [Measure] {
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
      drop.repaired[split].map { MarkPoint(y: center($0), color: color) }
    }
    let values = points.map { StyledText.Run("\(Format.fixed($0.y, 1)) %", color: $0.color) }
    let runs = Array(values.map { [$0] }.joined(separator: [StyledText.Run(" / ")]))
    let title = StyledText("\(shared.title), k = \(pruned.map(Format.span) ?? "")", weight: .bold)
    return Mark(
      x: (pruned.map(center) ?? .nan) / Double(group.channels),
      label: shared.isLabelled ? [title, StyledText(runs)] : [],
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
        bands: groups.flatMap { quantileBands(of: $0, split, color: $1.color, most: 1) })
    }
    return try SmallMultiples(
      title: "Pruning defence by \(comparison.field ?? "")", subtitle: subtitle, footnotes: footnotes,
      xAxis: xAxis(every: 0.2), yAxis: yAxis(every: 20), panels: panels, columns: panels.count)
  }

  private func name(of group: RunGroup) -> String {
    let value = Format.shortName(group.value?.text ?? "none")
    let kind = showsRuns(group) ? "mean" : "median"
    return group.runs.count == 1 ? value : "\(value), \(kind) of \(group.runs.count) seeds"
  }

  // MARK: One panel a run

  /// The first page.
  package func runSheet() throws -> SmallMultiples { try runSheets()[0] }

  package func runSheets() throws -> [SmallMultiples] {
    let count = comparison.runs.count
    let isWhole = count <= Self.panelsPerPage
    let entries =
      isWhole
      ? comparison.groups.flatMap { group in
        group.runs.map { TellingRuns.Entry(group: group, run: $0, role: nil) }
      } : Array(TellingRuns(comparison).entries.prefix(Self.panelsPerPage * Self.mostPages))
    let pages = stride(from: 0, to: entries.count, by: Self.panelsPerPage).map {
      entries[$0..<min(entries.count, $0 + Self.panelsPerPage)]
    }
    let drops = Format.drops(comparison.runs[0].record.repaired.map(\.drop))
    let order =
      isWhole
      ? ""
      : """
       First the median run, the best and the worst for the defence (attack success of B' at the largest X) and the most \
      unlike the others, then by how unlike they are\
      \(entries.count < count ? "; \(entries.count) of \(Format.grouped(count)) runs are shown" : "").
      """
    return try pages.enumerated().map { index, page in
      let columns = max(1, min(6, Int((1.2 * Double(page.count)).squareRoot().rounded(.up))))
      return try SmallMultiples(
        title: "The single runs" + (pages.count > 1 ? ", page \(index + 1) of \(pages.count)" : ""),
        subtitle: subtitle, footnotes: ["\(faces). Discs: where X = \(drops) stops in that run.\(order)"],
        xAxis: xAxis(every: 0.5), yAxis: yAxis(every: 50), panels: page.map(panel), columns: columns)
    }
  }

  private func panel(_ entry: TellingRuns.Entry) throws -> LineChart {
    let (run, group) = (entry.run, entry.group)
    let seed = "seed \(run.record.seed)" + (entry.role.map { ", \($0)" } ?? "")
    return try LineChart(
      title: group.value.map { "\(Format.shortName($0.text, most: 32)), \(seed)" } ?? seed,
      xAxis: xAxis(every: 0.5), yAxis: yAxis(every: 50),
      series: measures.map { split, name, color, dash in
        Series(
          name, points: points(of: run.record, split), stroke: Stroke(color, width: 1.2, dash: dash), labeling: .legend)
      },
      marks: run.record.repaired.compactMap { mark($0, of: run.record) })
  }

  private func mark(_ repaired: RunRecord.RepairedNetwork, of record: RunRecord) -> Mark? {
    guard let pruned = repaired.channelsPruned else { return nil }
    let points = measures.compactMap { split, _, color, _ in
      repaired.network[split]?.percent.map { MarkPoint(y: $0, color: color) }
    }
    return Mark(x: Double(pruned) / Double(record.channels), label: [], points: points)
  }

  // MARK: Parts

  private func xAxis(every step: Double) throws -> Axis {
    let ticks = stride(from: 0.0, through: 1.0, by: step).map { $0 }
    return try Axis("Fraction of channels pruned", from: 0, to: 1, ticks: ticks) { Format.fixed($0, 1) }
  }

  func yAxis(every step: Double) throws -> Axis {
    try Axis(
      "Percent of \(comparison.words.faces)", from: 0, to: 100,
      ticks: stride(from: 0, through: 100, by: step).map { $0 })
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
    Series(name, points: points(of: group) { $0[split].map(center) }, stroke: stroke, labeling: .legend)
  }

  /// Where the middle 90 % and 50 % of many runs lie; the innermost `most` of these.
  private func quantileBands(of group: RunGroup, _ split: Split, color: Color, most: Int = 2) -> [Band] {
    guard !showsRuns(group) else { return [] }
    let bands = Self.bands.suffix(most)
    let edges = group.curve.map { point in point[split]?.quantiles(bands.flatMap { [$0.low, $0.high] }) }
    func edge(_ index: Int) -> [Point] {
      edges.enumerated().map { Point(Double($0) / Double(group.channels), $1?[index] ?? .nan) }
    }
    return bands.enumerated().map { index, band in
      Band(lower: edge(2 * index), upper: edge(2 * index + 1), color: color.withAlpha(band.alpha))
    }
  }

  /// The smallest and the largest rate of many runs.
  private func extremes(of group: RunGroup, _ split: Split, color: Color) -> [Series] {
    guard !showsRuns(group) else { return [] }
    let stroke = Stroke(color.withAlpha(0.8), width: 0.5, dash: [1, 1.5])
    return [\ClosedRange<Double>.lowerBound, \.upperBound].map { end in
      Series(
        "", points: points(of: group) { $0[split].map { $0.range[keyPath: end] } }, stroke: stroke, labeling: .none)
    }
  }

  /// Thin lines that grow fainter with their number; none of many runs.
  private func runLines(of group: RunGroup, _ split: Split, color: Color) -> [Series] {
    guard group.runs.count > 1, showsRuns(group) else { return [] }
    let stroke = Stroke(color.withAlpha(max(0.35, min(0.75, 4 / Double(group.runs.count)))), width: 0.6)
    return group.runs.map { Series("", points: points(of: $0.record, split), stroke: stroke, labeling: .none) }
  }

  /// For each X a bar across the k and one along the rates of the runs.
  private func stops(of group: RunGroup, _ split: Split, color: Color, shift: Double = 0) -> [Series] {
    group.drops.compactMap { drop -> Series? in
      guard let pruned = drop.channelsPruned, let rate = drop.repaired[split] else { return nil }
      let (x, channels) = (center(pruned) / Double(group.channels), Double(group.channels))
      let (across, along) = (spread(pruned), spread(rate))
      let ends = [across.lowerBound, center(pruned), across.upperBound]
      return Series(
        "", points: ends.map { Point($0 / channels, center(rate)) }, stroke: Stroke(color, width: 0.9), labeling: .none,
        ranges: [VerticalRange(x: x + shift, low: along.lowerBound, high: along.upperBound)])
    }
  }

  private func discs(of group: RunGroup, _ split: Split, color: Color) -> Series {
    let points = group.drops.compactMap { drop in
      drop.channelsPruned.flatMap { pruned in
        drop.repaired[split].map { Point(center(pruned) / Double(group.channels), center($0)) }
      }
    }
    return Series(
      "", points: points, stroke: Stroke(color, width: 0.8), interpolation: .none, labeling: .none, marker: .disc)
  }

  var subtitle: String {
    let record = comparison.runs[0].record
    let network =
      comparison.field == "model"
      ? "" : record.training == nil ? "\(fileName(record.model.path)), " : "networks trained here, "
    let order = comparison.field == "order" || !record.isPlainPruning ? "" : " in \(record.order.rawValue) order"
    let layer = comparison.field == "layer" ? "" : "layer \(Format.shortName(record.layer)), "
    return "\(network)\(layer)\(record.channels) channels pruned\(order)"
  }

  /// Which faces the two measures are of.
  var faces: String {
    func count(_ split: Split) -> String {
      let rows = comparison.rowsThatCount(split)
      let text = rows.count == 1 ? "\(rows.lowerBound)" : "\(rows.lowerBound)–\(rows.upperBound)"
      return "\(split.title) \(comparison.words.faces) (n = \(text))"
    }
    return "Clean accuracy on \(count(clean))" + (backdoored.map { ", attack success on \(count($0))" } ?? "")
  }

  private var footnotes: [String] {
    let counts = comparison.groups.map(\.runs.count)
    let drops = Format.drops(comparison.runs[0].record.repaired.map(\.drop))
    let isFew = comparison.groups.map(showsRuns)
    let few = "lines: means over runs; thin lines: single runs"
    let many =
      comparison.groups.count == 1
      ? "lines: medians over runs; bands: the middle 50 and 90 % of them; dotted: the smallest and the largest"
      : "lines: medians over runs; bands: the middle 50 % of them"
    let spread =
      counts.allSatisfy { $0 == 1 }
      ? "One run\(counts.count == 1 ? "" : " a line"), so there is no interval across runs."
      : isFew.allSatisfy { $0 }
        ? "L\(few.dropFirst())."
        : isFew.contains(true)
          ? "Up to \(Self.mostLines) runs, \(few); more, \(many)." : "L\(many.dropFirst())."
    let bars =
      (isFew.contains(true) ? "from the smallest to the largest k and rate" : "")
      + (isFew.allSatisfy { $0 }
        ? "" : isFew.contains(true) ? ", or the middle 90 %" : "the middle 90 % of k and rates")
    let center = isFew.allSatisfy { $0 } ? "means" : isFew.contains(true) ? "means or medians" : "medians"
    return [
      """
      \(faces). \(spread) Discs: \(center) of B' where X = \(drops) stops; bars: \
      \(bars).\(comparison.groups.count == 1 ? stops(of: comparison.groups[0]).sentence : "")
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
