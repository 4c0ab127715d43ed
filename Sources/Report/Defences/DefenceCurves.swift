import Datasets
import Experiment
import Plotting

/// The curves of a comparison across defences or attacks: a panel for each of both, clean accuracy and attack success.
public struct DefenceCurves {
  private let comparison: Comparison

  /// More panels than these are on no page.
  private static let mostPanels = 30

  /// The curves of `comparison`.
  public init(_ comparison: Comparison) { self.comparison = comparison }

  /// The sheet.
  public func picture() throws -> Picture {
    let groups = Array(comparison.groups.prefix(Self.mostPanels))
    let panels = try groups.map(panel)
    guard panels.count > 1 else { return panels[0].picture() }
    let columns = min(5, panels.count)
    let rows = (panels.count + columns - 1) / columns
    return SmallMultiples(
      title: "Every defence's curve", subtitle: subtitle, footnotes: footnotes(shown: groups.count), xAxis: try xAxis,
      yAxis: try yAxis, panels: panels, columns: columns
    ).picture(height: 105 + 95 * Double(rows))
  }

  private func panel(_ group: RunGroup) throws -> LineChart {
    let record = group.runs[0].record
    let (clean, backdoored) = record.reported
    var (series, bands) = ([Series](), [Band]())
    let measures: [(Split, String, Color, [Double])] =
      [(clean, "Clean accuracy", Color.blue, [])]
      + (backdoored.map { [($0, "Attack success rate", Color.vermillion, [5, 2])] } ?? [])
    for (split, name, color, dash) in measures {
      func points(_ value: (Summary) -> Double) -> [Point] {
        group.curve.enumerated().compactMap { k, point in
          point[split].map { Point(Double(k) / Double(group.channels), value($0)) }
        }
      }
      series.append(
        Series(name, points: points(\.mean), stroke: Stroke(color, width: 1.3, dash: dash), labeling: .legend))
      if group.runs.count > 1 {
        bands.append(
          Band(
            lower: points(\.range.lowerBound), upper: points(\.range.upperBound), color: color.withAlpha(0.18)))
      }
    }
    let name = [group.runs[0].attackName, record.defenceName].filter { $0 != "given" }.joined(separator: ", ")
    return try LineChart(
      title: Format.shortName(name, most: 32), xAxis: xAxis, yAxis: yAxis, series: series, bands: bands,
      marks: marks(group, measures))
  }

  /// Where X, and the defence itself, stop on average.
  private func marks(_ group: RunGroup, _ measures: [(Split, String, Color, [Double])]) -> [Mark] {
    let own = Summary(group.runs.compactMap { $0.record.own.map { Double($0.channelsPruned) } })
    let stops = group.drops.map(\.channelsPruned) + [own]
    return stops.compactMap(\.self).map { stop in
      let place = min(group.channels, max(0, Int(stop.mean.rounded())))
      return Mark(
        x: Double(place) / Double(group.channels), label: [],
        points: measures.compactMap { split, _, color, _ in
          group.curve[place][split].map { MarkPoint(y: $0.mean, color: color) }
        })
    }
  }

  private var subtitle: String {
    "\(Format.count(Set(comparison.runs.map(\.record.seed)).count, "seed")); means, and the range of the runs"
  }

  private func footnotes(shown: Int) -> [String] {
    let rest =
      shown < comparison.groups.count ? " \(shown) of \(comparison.groups.count) panels are shown." : ""
    return [
      """
      Discs: where X and the defence's own threshold stop on average, on the curve of silencing alone; a tuned network's rates \
      are in the table. Where all convolutions are ranked together, the curve was computed after every few channels.\(rest)
      """
    ]
  }

  private var xAxis: Axis {
    get throws {
      try Axis("Fraction of channels pruned", from: 0, to: 1, ticks: [0, 0.5, 1]) { Format.fixed($0, 1) }
    }
  }

  private var yAxis: Axis { get throws { try Axis("Percent", from: 0, to: 100, ticks: [0, 50, 100]) } }
}
