import Attacks
import Datasets
import Experiment
import Plotting

/// The figure of a run, from the record alone: clean accuracy and attack success against the fraction of channels pruned.
public struct PruningFigure {
  private let record: RunRecord
  private let reference: ReferenceCurve?
  private let style: FigureStyle
  private let clean: Split
  private let backdoored: Split?

  /// The figure of one run.
  /// - Parameters:
  ///   - reference: a published curve, drawn dashed and thin over the run's own.
  ///   - style: sizes, lines and colours; the usual ones by default.
  public init(_ record: RunRecord, reference: ReferenceCurve? = nil, style: FigureStyle = FigureStyle()) {
    self.style = style
    self.record = record
    self.reference = reference
    (clean, backdoored) = record.reported
  }

  /// The chart: x is a fraction 0...1, y is percent 0...100.
  public func chart() throws -> LineChart {
    let steps = stride(from: 0.0, through: 1.0, by: style.isNarrow ? 0.2 : 0.1).map { $0 }
    return try LineChart(
      title: style.showsTitle ? title : "", subtitle: style.showsTitle ? subtitle : "",
      footnotes: style.showsFootnotes ? footnotes : [],
      xAxis: Axis("Fraction of channels pruned", from: 0, to: 1, ticks: steps) { Format.fixed($0, 1) },
      yAxis: Axis(
        "Percent of \(record.words.faces)", from: 0, to: 100, ticks: stride(from: 0, through: 100, by: 20).map { $0 }),
      series: series + referenceSeries, bands: bands, marks: stops.shared.map(mark) + ownMark,
      style: style.chart)
  }

  /// The chart on a page of a journal's two columns.
  public func picture() throws -> Picture {
    try chart().picture(width: style.width, height: style.pictureHeight, title: title)
  }

  private var title: String {
    record.isPlainPruning
      ? "Pruning defence: clean accuracy and attack success"
      : "Defence \(record.defenceName): clean accuracy and attack success"
  }

  /// The exact 95 % interval of each rate along the curve.
  private var bands: [Band] {
    guard style.showsIntervals else { return [] }
    return ([(clean, style.cleanColor)] + (backdoored.map { [($0, style.attackColor)] } ?? [])).map { split, color in
      func edge(_ end: (ClosedRange<Double>) -> Double) -> [Point] {
        record.curve.map { point in
          Point(
            fraction(point.channelsPruned),
            point.rates[split].flatMap { Intervals.exact($0) }.map { 100 * end($0) } ?? .nan)
        }
      }
      return Band(lower: edge(\.lowerBound), upper: edge(\.upperBound), color: color.withAlpha(style.bandOpacity))
    }
  }

  /// What the figure shows, for readers who cannot see it.
  static func alternativeText(_ record: RunRecord) -> String {
    let (clean, backdoored) = record.reported
    func span(_ split: Split) -> String {
      "from \(Format.percent(record.baseline[split])) to \(Format.percent(record.curve.last?.rates[split]))"
    }
    let accuracy = "Clean accuracy (\(clean.title)) goes \(span(clean)) as \(record.channels) channels are pruned"
    guard let backdoored else { return accuracy }
    return "\(accuracy); attack success (\(backdoored.title)) goes \(span(backdoored))"
  }

  /// What stands under the figure in a report.
  static func caption(_ record: RunRecord) -> String {
    let (clean, backdoored) = record.reported
    let attack = backdoored.map { " and attack success rate (\($0.title))" } ?? ""
    return "Clean accuracy (\(clean.title))\(attack) against the fraction of channels pruned."
  }

  private var subtitle: String {
    """
    \(fileName(record.model.path)), \(layers), \(record.channels) channels pruned \(order)
    """
  }

  private var layers: String {
    record.layers.map { Format.count($0.count, "layer") + " together" } ?? "layer \(Format.shortName(record.layer))"
  }

  private var order: String {
    record.isPlainPruning
      ? "in \(record.order.rawValue) order" : "by \(DefenceText(record: record).name.replacing("**", with: ""))"
  }

  /// What tuning, or a threshold, has to do with the figure; with the space before it.
  private var defenceNote: String {
    (record.own == nil ? "" : " Own stop: the defence's own threshold.")
      + (record.isTuned
        ? " The curve is that of silencing alone; marks are those of the networks tuned afterwards." : "")
  }

  private var footnotes: [String] {
    func count(_ split: Split) -> String {
      "\(split.title) \(record.words.faces) (n = \(record.rowsThatCount(split)))"
    }
    let attack = backdoored.map { "; attack success on \(count($0))" } ?? ""
    let published = reference.map { " Dotted: published curve, \(fileName($0.name))." } ?? ""
    return [
      """
      Clean accuracy on \(count(clean))\(attack). X: pruning stops at the first k channels at which accuracy on the \
      \(record.data.cleanValid?.rows ?? 0) clean validation \(record.words.faces) has fallen by X percentage points.\(stops.sentence)\(defenceNote)\(published)
      """
    ]
  }

  private var series: [Series] {
    var series = [
      Series(
        "Clean accuracy", points: points(clean),
        stroke: Stroke(style.cleanColor, width: style.lineWidth, dash: style.cleanDash))
    ]
    if let backdoored {
      series.append(
        Series(
          "Attack success rate", points: points(backdoored),
          stroke: Stroke(style.attackColor, width: style.lineWidth, dash: style.attackDash)))
    }
    return series
  }

  private var referenceSeries: [Series] {
    guard let reference else { return [] }
    func line(_ name: String, _ color: Color, _ value: (PublishedTable.Row) -> Double?) -> Series {
      let points = reference.points.map { row in
        Point(Double(row.channelsPruned) / Double(row.channels), value(row) ?? .nan)
      }
      let stroke = Stroke(color.withAlpha(0.75), width: 0.9, dash: [1.5, 1.5])
      return Series(name, points: points, stroke: stroke, labeling: .legend)
    }
    return [
      line("Published accuracy", style.cleanColor) { $0.cleanAccuracy },
      line("Published attack success", style.attackColor) { $0.attackSuccess },
    ]
  }

  private func points(_ split: Split) -> [Point] {
    record.curve.map { point in
      Point(fraction(point.channelsPruned), point.rates[split]?.percent ?? .nan)
    }
  }

  /// Labelled where the labels can still be read.
  private var stops: StopMarks<Int> {
    let stops = record.repaired.compactMap { repaired in
      repaired.channelsPruned.map { (drop: repaired.drop, stop: $0) }
    }
    return StopMarks(stops, mostLabels: 6) { $0 }
  }

  private func mark(_ shared: StopMarks<Int>.Shared) -> Mark {
    let pruned = shared.stop
    // What B' does, which tuning may have changed.
    let tuned = record.repaired.first { $0.channelsPruned == pruned && $0.tuning != nil }
    return mark(
      shared.title, at: pruned, tuned?.network ?? record.rates(after: pruned), isLabelled: shared.isLabelled)
  }

  /// Where the defence's own threshold stops.
  private var ownMark: [Mark] {
    record.own.map { [mark("Own stop", at: $0.channelsPruned, $0.network, isLabelled: true)] } ?? []
  }

  private func mark(_ name: String, at pruned: Int, _ rates: Splits<Rate>, isLabelled: Bool) -> Mark {
    var runs: [StyledText.Run] = []
    var points: [MarkPoint] = []
    for (split, color) in [(clean, style.cleanColor)] + (backdoored.map { [($0, style.attackColor)] } ?? []) {
      guard let percent = rates[split]?.percent else { continue }
      if !runs.isEmpty { runs.append(StyledText.Run(" / ")) }
      runs.append(StyledText.Run("\(Format.fixed(percent, 1)) %", color: color))
      points.append(MarkPoint(y: percent, color: color))
    }
    let title = StyledText("\(name), k = \(pruned)", weight: .bold)
    return Mark(x: fraction(pruned), label: isLabelled ? [title, StyledText(runs)] : [], points: points)
  }

  private func fraction(_ pruned: Int) -> Double { Double(pruned) / Double(max(1, record.channels)) }

  private func fileName(_ path: String) -> String {
    Format.shortName(path.split(separator: "/").last.map(String.init) ?? path)
  }
}
