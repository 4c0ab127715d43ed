import Datasets
import Defences
import Experiment
import Plotting

/// Where B' of every run stands at each X: a dot a run, and the mean with its 95 % interval beside them.
public struct DistributionFigure {
  private let comparison: Comparison
  private let measures: [ComparisonFigure.Measure]
  private let figure: ComparisonFigure

  /// More dots than these are one grey mass, and megabytes in a vector file.
  static let mostDots = 2000
  /// More columns could not be told apart.
  static let mostDrops = 8

  /// The figure of `comparison`.
  public init(_ comparison: Comparison) {
    self.comparison = comparison
    figure = ComparisonFigure(comparison)
    measures = figure.measures
  }

  /// A chart, or one for each group.
  public func picture() throws -> Picture {
    let panels = try comparison.groups.map(chart)
    guard panels.count > 1 else { return try chart(comparison.groups[0]).picture() }
    let columns = min(3, panels.count)
    let rows = (panels.count + columns - 1) / columns
    return try SmallMultiples(
      title: title, subtitle: figure.subtitle, footnotes: footnotes, xAxis: xAxis(), yAxis: figure.yAxis(every: 20),
      panels: panels, columns: columns
    ).picture(height: 130 + 170 * Double(rows))
  }

  /// B, then B' at each X, from left to right.
  package func chart(_ group: RunGroup) throws -> LineChart {
    let isAlone = comparison.groups.count == 1
    return try LineChart(
      title: isAlone ? title : Format.shortName(group.value?.text ?? "none", most: 32),
      subtitle: isAlone ? figure.subtitle : "", footnotes: isAlone ? footnotes : [], xAxis: xAxis(),
      yAxis: figure.yAxis(every: 20), series: measures.enumerated().flatMap { series($1, side: $0, of: group) })
  }

  private var title: String {
    "The distribution over \(Format.count(comparison.runs.count, "run"))"
  }

  /// The X with a column each.
  private var columns: [Int] {
    let count = comparison.groups[0].drops.count
    guard count > Self.mostDrops else { return Array(0..<count) }
    return (0..<Self.mostDrops).map { $0 * (count - 1) / (Self.mostDrops - 1) }
  }

  private func xAxis() throws -> Axis {
    let names = ["B"] + columns.map { "B', X = \(comparison.groups[0].drops[$0].drop)" }
    return try Axis(
      "Before pruning, and repaired", from: -0.5, to: Double(names.count) - 0.5,
      ticks: names.indices.map(Double.init)
    ) { names[Int($0)] }
  }

  private func series(_ measure: ComparisonFigure.Measure, side: Int, of group: RunGroup) -> [Series] {
    // Two measures share a column, one has it alone.
    let shift = measures.count == 1 ? 0 : side == 0 ? -0.22 : 0.22
    let summaries =
      [group.curve.first?[measure.split]]
      + columns.map { column in
        column < group.drops.count ? group.drops[column].repaired[measure.split] : nil
      }
    var dots: [Point] = []
    var means = Series(
      "", points: [], stroke: Stroke(measure.color, width: 1.1), interpolation: .none, labeling: .none,
      marker: measure.split.isBackdoored ? .square : .disc)
    for (column, summary) in summaries.enumerated() {
      guard let summary else { continue }
      let center = Double(column) + shift
      dots += Self.swarm(summary.values, around: center - 0.03, halfWidth: 0.13)
      let place = center + 0.15
      means.points.append(Point(place, summary.mean))
      if let interval = summary.interval {
        means.ranges.append(VerticalRange(x: place, low: interval.lowerBound, high: interval.upperBound))
      }
    }
    let count = group.runs.count
    let radius = count <= 30 ? 0.6 : count <= 300 ? 0.3 : 0.1
    let alpha = count <= 30 ? 0.75 : count <= 300 ? 0.5 : 0.3
    let cloud = Series(
      "", points: dots, stroke: Stroke(measure.color.withAlpha(alpha), width: radius), interpolation: .none,
      labeling: .none, marker: .disc)
    // The legend's own sample: its sign and no dot of the figure.
    let name = Series(
      measure.name, points: [], stroke: means.stroke, interpolation: .none, labeling: .legend, marker: means.marker)
    return [cloud, means, name]
  }

  /// Equal values side by side around `center`, so that every run is seen; of more than can be, as many evenly by rank.
  package static func swarm(_ values: [Double], around center: Double, halfWidth: Double) -> [Point] {
    var sorted = values.sorted()
    if sorted.count > mostDots {
      let all = sorted
      sorted = (0..<mostDots).map { all[$0 * (all.count - 1) / (mostDots - 1)] }
    }
    let pitch = 0.011
    var points: [Point] = []
    var start = 0
    while start < sorted.count {
      var end = start
      // Values within a percentage point would cover each other.
      while end < sorted.count, sorted[end] - sorted[start] < 1 { end += 1 }
      let step = min(pitch, 2 * halfWidth / Double(end - start))
      for index in start..<end {
        // From the middle outwards, in turn to both sides.
        let rank = index - start
        let side = rank % 2 == 0 ? -1.0 : 1.0
        points.append(Point(center + side * step * Double((rank + 1) / 2), sorted[index]))
      }
      start = end
    }
    return points
  }

  private var footnotes: [String] {
    let most = comparison.groups.map(\.runs.count).max() ?? 0
    let dots =
      most > Self.mostDots
      ? "\(Format.grouped(Self.mostDots)) dots stand for \(Format.grouped(most)) runs, evenly by rank"
      : "Every run is a dot"
    let intervals = most > 1 ? "; larger signs with bars: means with their 95 % intervals (Gaffke)" : ""
    let drops = comparison.groups[0].drops.count
    let columns = drops > Self.mostDrops ? " \(Self.mostDrops) of \(drops) X are shown." : ""
    return ["\(figure.faces). \(dots)\(intervals). B': the runs that reach X.\(columns)"]
  }
}
