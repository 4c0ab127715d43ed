/// What one label can look like, and where it can stand.
struct LabelChoices: Sendable {
  var texts: [TextBlock]
  private(set) var places: [LabelCandidate] = []
  /// Which text belongs to each place.
  private(set) var textOfPlace: [Int] = []

  /// Of a text to the left of what it names, centred on it, to the right of it.
  static let alignments: [TextStyle.Anchor] = [.end, .middle, .start]

  init(texts: [TextBlock]) { self.texts = texts }

  mutating func add(_ place: LabelCandidate, text: Int) {
    places.append(place)
    textOfPlace.append(text)
  }
}

/// A line's name as it can be written.
struct SeriesName: Sendable {
  let series: Series
  /// In one line or two, each in every alignment.
  let texts: [TextBlock]
  /// In one line, and in two.
  let sizes: [Size]

  init(_ series: Series, _ style: ChartStyle, on canvas: any Canvas) {
    self.series = series
    let texts = Self.lineBreaks(of: series.name).map { lines in
      LabelChoices.alignments.map {
        TextBlock(
          lines: lines.map { StyledText($0, color: series.stroke.color, weight: .bold) }, fontSize: style.labelSize,
          alignment: $0)
      }
    }
    sizes = texts.map { $0[0].size(on: canvas) }
    self.texts = texts.flatMap(\.self)
  }

  /// A name in one line and, where it has spaces, in the two lines that are most alike.
  private static func lineBreaks(of name: String) -> [[String]] {
    let words = name.split(separator: " ").map(String.init)
    let halves = (1..<max(1, words.count)).map { count in
      [words[..<count].joined(separator: " "), words[count...].joined(separator: " ")]
    }
    let best = halves.min { max($0[0].count, $0[1].count) < max($1[0].count, $1[1].count) }
    return [[name]] + (best.map { [$0] } ?? [])
  }
}

/// Where the names of a chart's lines can stand.
struct PlacesAlongLines: Sendable {
  private let chart: LineChart
  private let geometry: PlotGeometry
  private let names: Int
  private let spacing: Double

  /// Samples along all lines, together.
  private static let mostSamples = 20_000.0
  /// Comparisons of boxes with runs of points, for all names: some 20 ms.
  private static let mostComparisons = 4_000_000

  private static let directions: [(Double, Double)] = [
    (1, 0), (-1, 0), (0, -1), (0, 1), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7),
  ]

  /// - Parameter names: how many lines are named.
  init(_ chart: LineChart, _ geometry: PlotGeometry, names: Int) {
    (self.chart, self.geometry, self.names) = (chart, geometry, names)
    guard names > 0 else {
      spacing = 3
      return
    }
    // 3 points, and more where the lines are so long that there would be too many samples.
    let length = chart.series.flatMap { geometry.lines(of: $0) }.reduce(0) { sum, line in
      zip(line, line.dropFirst()).reduce(sum) { $0 + Segment($1.0, $1.1).length(inside: geometry.plot) }
    }
    spacing = max(3, length / Self.mostSamples)
  }

  /// Boxes around points along a line, close by or at the end of a short leader, wherever it is clear which line is meant.
  func choices(for name: SeriesName) -> LabelChoices {
    let bounds = geometry.plot.inset(by: 1)
    let line = samples(of: [name.series])
    let own = Runs(line)
    let otherSeries = chart.series.filter { $0 != name.series }
    // A name in a line's own colour is seldom taken for that of a line that has its name in the legend.
    let rivals = Runs(samples(of: otherSeries.filter { $0.labeling == .direct }))
    let apart = samples(of: otherSeries)
    let others = Runs(apart)
    let apartLines = otherSeries.flatMap { geometry.lines(of: $0) }.flatMap { geometry.obstacles(along: $0) }
    let otherLines = Runs(apartLines)
    var choices = LabelChoices(texts: name.texts)
    // Each anchor has up to 48 boxes, each compared with every run of points and of lines.
    let comparisons = 48 * (4 + (2 * apart.count + line.count + apartLines.count) / Runs<Point>.length)
    let anchors = max(1, Self.mostComparisons / names / comparisons)
    for anchor in stride(from: 0, to: line.count, by: max(3, line.count / anchors)).map({ line[$0] }) {
      let isClear = others.nearest(to: anchor.bounds) > 4
      for (broken, size) in name.sizes.enumerated() {
        for (dx, dy) in Self.directions {
          for distance in [4.0, 14, 26] {
            let box = Rectangle(
              x: anchor.x + dx * distance - (1 - dx) / 2 * size.width,
              y: anchor.y + dy * distance - (1 - dy) / 2 * size.height,
              width: size.width, height: size.height)
            guard bounds.contains(box) else { continue }
            var place = LabelCandidate(box: box, bias: 2 * Double(broken) + (dx != 0 && dy != 0 ? 0.5 : 0))
            if distance > 4 {
              place.leader = [anchor, Point(anchor.x + dx * (distance - 1), anchor.y + dy * (distance - 1))]
              place.bias += 10
              let leader = Segment(place.leader[0], place.leader[1])
              guard isClear else { continue }
              var crossings = 0
              otherLines.forEach(near: leader.bounds) { if leader.crosses($0) { crossings += 1 } }
              guard crossings == 0 else { continue }
            } else {
              let other = others.nearest(to: box)
              // Nearer to its own line than to any other.
              guard other > distance || other > own.nearest(to: box) + 1 else { continue }
              let rival = rivals.nearest(to: box)
              guard rival > 2 * distance + 3 else { continue }
              place.bias += max(0, 5 - rival / distance) + max(0, 3 - other / distance)
            }
            // A box to the right of its point hangs on its left end.
            choices.add(place, text: broken * LabelChoices.alignments.count + (dx < 0 ? 0 : dx > 0 ? 2 : 1))
          }
        }
      }
    }
    return choices
  }

  private func samples(of series: [Series]) -> [Point] {
    series.flatMap { geometry.lines(of: $0) }.flatMap { geometry.samples(along: $0, every: spacing) }
  }
}
