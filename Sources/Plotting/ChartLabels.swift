import Threads

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
    let names = named.map { SeriesName($0, chart.style, on: canvas) }
    let along = PlacesAlongLines(chart, geometry, names: names.count)
    let choices =
      parallelMap(names.count, threads: LabelOptions.mostThreads) { along.choices(for: names[$0]) }
      + marked.map { markChoices($0) }
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
  private func markChoices(_ mark: Mark) -> LabelChoices {
    let span = MarkSpan(mark, geometry, style: chart.style)
    let bounds = geometry.plot.inset(by: 1)
    let texts = LabelChoices.alignments.map {
      TextBlock(lines: mark.label, fontSize: chart.style.labelSize, alignment: $0)
    }
    let (left, centre, right) = (0, 1, 2)
    let size = texts[left].size(on: canvas)
    var choices = LabelChoices(texts: texts)
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
