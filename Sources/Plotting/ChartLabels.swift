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
  /// Whether the marks' labels lie on nothing and stand in the marks' order, no leader across another.
  var marksAreClear = true

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

  /// - Parameters:
  ///   - callouts: where the marks' labels stand above the plot instead of in it.
  init(_ chart: LineChart, _ geometry: PlotGeometry, on canvas: any Canvas, callouts: Callouts? = nil) {
    self.chart = chart
    self.geometry = geometry
    self.canvas = canvas

    let marked = callouts == nil ? Mark.labelled(chart.marks) : []
    let all = chart.series.filter { $0.labeling == .direct && !$0.name.isEmpty }
    let named = all.prefix(LabelPlacement.mostLabels - marked.count)
    unplaced = Array(all.dropFirst(named.count))
    guard !named.isEmpty || !marked.isEmpty else { return }
    let spacing = spacing(for: named.count)
    let choices = named.map { seriesChoices($0, spacing, of: named.count) } + marked.map { markChoices($0) }
    let options = LabelOptions(choices.map(\.places), among: obstacles(callouts))
    var failed = Set(named.indices.filter { choices[$0].places.isEmpty })
    while true {
      let placement = LabelPlacement(options, without: failed)
      // A name that is hard to place or to read beside its line is better off in the legend; the others get its room.
      let failing = named.indices.filter { index in
        !failed.contains(index)
          && (placement.places[index] == nil || placement.costs[index] >= LabelPlacement.collision)
      }
      guard failing.isEmpty else {
        failed.formUnion(failing)
        continue
      }
      placed = zip(choices, placement.places).compactMap { choices, place in
        guard let place, let index = choices.places.firstIndex(of: place) else { return nil }
        return Placed(text: choices.texts[choices.textOfPlace[index]], place: place)
      }
      unplaced = zip(named.indices, named).compactMap { failed.contains($0) ? $1 : nil } + unplaced
      let marks = zip(marked, placement.places.dropFirst(named.count))
      marksAreClear =
        placement.costs.dropFirst(named.count).allSatisfy { $0 < LabelPlacement.collision }
        && Self.areInOrder(marks.map { (x: $0.x, place: $1) })
      break
    }
  }

  /// Whether every label has a place, those from left to right that stand for marks from left to right, and no leader
  /// crosses another.
  private static func areInOrder(_ labels: [(x: Double, place: LabelCandidate?)]) -> Bool {
    let labels = labels.sorted { $0.x < $1.x }
    for (index, label) in labels.enumerated() {
      guard let place = label.place else { return false }
      for other in labels[(index + 1)...] {
        guard let next = other.place else { return false }
        // Half a letter: labels below each other whose marks lie close together may stand askew.
        if other.x > label.x, next.box.center.x < place.box.center.x - 4 { return false }
        let parts = Segment.joining(place.leader)
        if Segment.joining(next.leader).contains(where: { part in parts.contains { $0.crosses(part) } }) {
          return false
        }
      }
    }
    return true
  }

  private func obstacles(_ callouts: Callouts?) -> LabelObstacles {
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
    for leader in callouts?.leaders(geometry, style: chart.style) ?? [] {
      obstacles.segments += Segment.joining(leader)
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
  private func seriesChoices(_ series: Series, _ spacing: Double, of count: Int) -> Choices {
    let bounds = geometry.plot.inset(by: 1)
    let line = samples(of: [series], spacing)
    let own = Runs(line)
    // A name in a line's own colour is seldom taken for that of a line that has its name in the legend.
    let rivals = Runs(samples(of: chart.series.filter { $0 != series && $0.labeling == .direct }, spacing))
    let apart = samples(of: chart.series.filter { $0 != series }, spacing)
    let others = Runs(apart)
    let apartLines = chart.series.filter { $0 != series }.flatMap { geometry.lines(of: $0) }
      .flatMap { geometry.obstacles(along: $0) }
    let otherLines = Runs(apartLines)
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
    // Each anchor has up to 48 boxes, each compared with every run of points and of lines.
    let comparisons = 48 * (4 + (2 * apart.count + line.count + apartLines.count) / Runs<Point>.length)
    let anchors = max(1, Self.mostComparisons / count / comparisons)
    for anchor in stride(from: 0, to: line.count, by: max(3, line.count / anchors)).map({ line[$0] }) {
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

  private func samples(of series: [Series], _ spacing: Double) -> [Point] {
    series.flatMap { geometry.lines(of: $0) }.flatMap { geometry.samples(along: $0, every: spacing) }
  }

  /// How far apart samples lie: 3 points, and more where the lines are so long that there would be too many.
  private func spacing(for named: Int) -> Double {
    guard named > 0 else { return 3 }
    let length = chart.series.flatMap { geometry.lines(of: $0) }.reduce(0) { sum, line in
      zip(line, line.dropFirst()).reduce(sum) { $0 + Segment($1.0, $1.1).length(inside: geometry.plot) }
    }
    return max(3, length / Self.mostSamples)
  }

  /// Samples along all lines, together.
  private static let mostSamples = 20_000.0
  /// Comparisons of boxes with runs of points, for all names: some 20 ms.
  private static let mostComparisons = 4_000_000

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
