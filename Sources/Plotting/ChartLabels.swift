/// The labels inside of a plot and their places.
struct ChartLabels {
  /// A label where it is drawn.
  struct Placed {
    var text: TextBlock
    var place: LabelCandidate
  }

  /// The labels with their places.
  var placed: [Placed] = []
  /// The lines that found no clear place beside themselves: they go into the legend.
  var unplaced: [Series] = []

  /// What one label can look like, and where it can stand.
  private struct Choices {
    var texts: [TextBlock]
    var places: [LabelCandidate] = []
    /// Which text belongs to each place.
    var textOfPlace: [Int] = []

    mutating func add(_ place: LabelCandidate, text: Int) {
      places.append(place)
      textOfPlace.append(text)
    }
  }

  private let chart: LineChart
  private let geometry: PlotGeometry
  private let canvas: any Canvas

  init(_ chart: LineChart, _ geometry: PlotGeometry, on canvas: any Canvas) {
    self.chart = chart
    self.geometry = geometry
    self.canvas = canvas

    let obstacles = obstacles()
    let named = chart.series.filter { $0.labeling == .direct && !$0.name.isEmpty }
    var direct = named.map { seriesChoices($0) }
    let marks = chart.marks.filter { !$0.label.isEmpty && $0.x.isFinite }.map { markChoices($0) }
    while true {
      let choices = direct + marks
      let placement = LabelPlacement(of: choices.map(\.places), among: obstacles)
      // A name that is hard to place or to read beside its line is better off in the legend; the others get its room.
      let failed = direct.indices.filter { index in
        !direct[index].places.isEmpty
          && (placement.places[index] == nil || placement.costs[index] >= LabelPlacement.collision)
      }
      guard failed.isEmpty else {
        for index in failed { direct[index].places = [] }
        continue
      }
      placed = zip(choices, placement.places).compactMap { choices, place in
        guard let place, let index = choices.places.firstIndex(of: place) else { return nil }
        return Placed(text: choices.texts[choices.textOfPlace[index]], place: place)
      }
      unplaced = zip(named, direct).compactMap { $1.places.isEmpty ? $0 : nil }
      break
    }
  }

  private func obstacles() -> LabelObstacles {
    var obstacles = LabelObstacles(bounds: geometry.plot.inset(by: 1))
    for series in chart.series {
      for line in geometry.lines(of: series) { obstacles.segments += geometry.obstacles(along: line) }
      if series.marker != nil {
        obstacles.boxes += series.points.map { square(at: geometry.page($0), radius: 1.5 * series.stroke.width + 1) }
      }
      obstacles.segments += series.ranges.filter { $0.x.isFinite && $0.low.isFinite && $0.high.isFinite }.map { range in
        Segment(geometry.page(Point(range.x, range.low)), geometry.page(Point(range.x, range.high)))
      }
    }
    for mark in chart.marks {
      let span = MarkSpan(mark, geometry, style: chart.style)
      obstacles.boxes += mark.points.map {
        square(at: geometry.page(Point(mark.x, $0.y)), radius: chart.style.markRadius + 0.5)
      }
      obstacles.segments.append(Segment(Point(span.x, span.line.top), Point(span.x, span.line.bottom)))
    }
    return obstacles
  }

  private func square(at center: Point, radius: Double) -> Rectangle {
    Rectangle(x: center.x - radius, y: center.y - radius, width: 2 * radius, height: 2 * radius)
  }

  /// Boxes left and right of a mark's line and under and over its ends, near and far, each with its leader.
  private func markChoices(_ mark: Mark) -> Choices {
    let span = MarkSpan(mark, geometry, style: chart.style)
    let bounds = geometry.plot.inset(by: 1)
    let texts = Self.alignments.map {
      TextBlock(lines: mark.label, fontSize: chart.style.labelSize, alignment: $0)
    }
    let (left, centre, right) = (0, 1, 2)
    let size = texts[left].size(on: canvas)
    var choices = Choices(texts: texts)
    func add(_ box: Rectangle, _ leader: [Point], text: Int, bias: Double) {
      if bounds.contains(box) { choices.add(LabelCandidate(box: box, leader: leader, bias: bias), text: text) }
    }
    let rows = max(0, Int((bounds.height - size.height) / 4))
    for row in 0...rows {
      let top = bounds.y + 4 * Double(row)
      let middle = top + size.height / 2
      // From the nearer end of the mark's line to the label's height, then across to the label.
      let start: [Point] =
        middle > span.bottom
        ? [Point(span.x, span.bottom)] : middle < span.top ? [Point(span.x, span.top)] : []
      let corner = Point(span.x, middle)
      // A leader that leaves the mark's line between its points is easily lost among the curves.
      let bias = start.isEmpty && !mark.points.isEmpty ? 60.0 : 0
      for distance in [6.0, 12, 20, 30, 45, 65, 90, 120, 160, 210, 270] {
        let leftBox = Rectangle(x: span.x - distance - size.width, y: top, width: size.width, height: size.height)
        add(leftBox, start + [corner, Point(leftBox.right + 2, middle)], text: left, bias: bias)
        let rightBox = Rectangle(x: span.x + distance, y: top, width: size.width, height: size.height)
        add(rightBox, start + [corner, Point(rightBox.x - 2, middle)], text: right, bias: bias)
      }
      let centred = Rectangle(x: span.x - size.width / 2, y: top, width: size.width, height: size.height)
      if top > span.bottom {
        add(centred, start + [Point(span.x, top - 1)], text: centre, bias: 3)
      } else if centred.bottom < span.top {
        add(centred, start + [Point(span.x, centred.bottom + 1)], text: centre, bias: 3)
      }
    }
    return choices
  }

  /// Boxes around points along a line, close by or at the end of a short leader, wherever it is clear which line is meant.
  private func seriesChoices(_ series: Series) -> Choices {
    let bounds = geometry.plot.inset(by: 1)
    let line = samples(of: [series])
    let own = Runs(line)
    // A name in a line's own colour is seldom taken for that of a line that has its name in the legend.
    let rivals = Runs(samples(of: chart.series.filter { $0 != series && $0.labeling == .direct }))
    let others = Runs(samples(of: chart.series.filter { $0 != series }))
    let otherLines = Runs(
      chart.series.filter { $0 != series }.flatMap { geometry.lines(of: $0) }.flatMap { geometry.obstacles(along: $0) })
    let broken = lineBreaks(of: series.name)
    let texts = broken.flatMap { lines in
      Self.alignments.map {
        TextBlock(
          lines: lines.map { StyledText($0, color: series.stroke.color, weight: .bold) },
          fontSize: chart.style.labelSize, alignment: $0)
      }
    }
    let sizes = broken.indices.map { texts[$0 * Self.alignments.count].size(on: canvas) }
    var choices = Choices(texts: texts)
    for anchor in stride(from: 0, to: line.count, by: 3).map({ line[$0] }) {
      let isClear = others.nearest(to: anchor.bounds) > 4
      for (broken, size) in sizes.enumerated() {
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
            choices.add(place, text: broken * Self.alignments.count + (dx < 0 ? 0 : dx > 0 ? 2 : 1))
          }
        }
      }
    }
    return choices
  }

  private func samples(of series: [Series]) -> [Point] {
    series.flatMap { geometry.lines(of: $0) }.flatMap { geometry.samples(along: $0, every: 3) }
  }

  /// Of a text to the left of what it names, centred on it, to the right of it.
  private static let alignments: [TextStyle.Anchor] = [.end, .middle, .start]

  private static let directions: [(Double, Double)] = [
    (1, 0), (-1, 0), (0, -1), (0, 1), (0.7, -0.7), (-0.7, -0.7), (0.7, 0.7), (-0.7, 0.7),
  ]

  /// A name in one line and, where it has spaces, in the two lines that are most alike.
  private func lineBreaks(of name: String) -> [[String]] {
    let words = name.split(separator: " ").map(String.init)
    let halves = (1..<max(1, words.count)).map { count in
      [words[..<count].joined(separator: " "), words[count...].joined(separator: " ")]
    }
    let best = halves.min { max($0[0].count, $0[1].count) < max($1[0].count, $1[1].count) }
    return [[name]] + (best.map { [$0] } ?? [])
  }
}

/// A mark's vertical line on the page: between its outermost points, or across the plot where it has none.
struct MarkSpan {
  var x: Double
  /// Its ends.
  var line: (top: Double, bottom: Double)
  /// Its ends, clear of the markers there: where leaders start.
  var top: Double
  var bottom: Double

  init(_ mark: Mark, _ geometry: PlotGeometry, style: ChartStyle) {
    x = geometry.x.position(of: mark.x)
    let ys = mark.points.map { geometry.y.position(of: $0.y) }.filter(\.isFinite)
    let clear = ys.isEmpty ? 0 : style.markRadius + 1
    line = (ys.min() ?? geometry.plot.y, ys.max() ?? geometry.plot.bottom)
    top = line.top - clear
    bottom = line.bottom + clear
  }
}
