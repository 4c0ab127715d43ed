/// Draws one chart.
struct ChartDrawing {
  let chart: LineChart
  let canvas: any Canvas
  let layout: ChartLayout
  let geometry: PlotGeometry
  let labels: ChartLabels
  let callouts: Callouts?

  /// A chart alone in `frame`, with its legend. Marks whose labels find no clear place in the plot have them above it.
  init(_ chart: LineChart, on canvas: any Canvas, in frame: Rectangle) {
    let usual = Self.settled(chart, callouts: nil, on: canvas, in: frame)
    let callouts = usual.labels.marksAreClear ? nil : Callouts(chart, width: frame.width, on: canvas)
    // In a plot that is hardly higher than the row, the row would leave nothing to see.
    if let callouts, usual.layout.plot.height > 3 * callouts.height {
      let settled = Self.settled(chart, callouts: callouts, on: canvas, in: frame)
      self.init(chart, layout: settled.layout, labels: settled.labels, callouts: settled.callouts, on: canvas)
    } else {
      self.init(chart, layout: usual.layout, labels: usual.labels, on: canvas)
    }
  }

  /// The layout and the labels with every line named, beside itself or in the legend.
  private static func settled(
    _ chart: LineChart, callouts: Callouts?, on canvas: any Canvas, in frame: Rectangle
  ) -> (layout: ChartLayout, labels: ChartLabels, callouts: Callouts?) {
    var settled = chart
    var isLast = false
    while true {
      let inLegend = settled.series.filter { $0.labeling == .legend && !$0.name.isEmpty }
      let layout = ChartLayout(chart, legend: inLegend, callouts: callouts?.height ?? 0, in: frame, on: canvas)
      let geometry = PlotGeometry(chart, plot: layout.plot)
      var callouts = callouts
      callouts?.place(over: geometry, in: frame)
      let labels = ChartLabels(settled, geometry, on: canvas, callouts: callouts)
      if isLast || labels.unplaced.isEmpty { return (layout, labels, callouts) }
      for index in settled.series.indices where labels.unplaced.contains(settled.series[index]) {
        settled.series[index].labeling = .legend
      }
      // Once more with these in the legend: that moves the plot.
      isLast = true
    }
  }

  /// A chart in a place that is decided already.
  init(
    _ chart: LineChart, layout: ChartLayout, labels: ChartLabels? = nil, callouts: Callouts? = nil,
    on canvas: any Canvas
  ) {
    self.chart = chart
    self.canvas = canvas
    self.layout = layout
    self.callouts = callouts
    geometry = PlotGeometry(chart, plot: layout.plot)
    self.labels = labels ?? ChartLabels(chart, geometry, on: canvas)
  }

  func draw() {
    drawText()
    drawGrid()
    // The grid ends short of a label, so that it does not strike it through.
    for label in labels.placed { canvas.fill(label.place.box.inset(by: -1), with: .white) }
    for leader in callouts?.leaders(geometry, style: chart.style) ?? [] {
      canvas.polyline(leader, with: chart.style.leader)
    }
    callouts?.draw(on: canvas)
    canvas.saved {
      canvas.clip(to: geometry.plot)
      for band in chart.bands { draw(band) }
      for mark in chart.marks { drawLine(of: mark) }
      for label in labels.placed { canvas.polyline(label.place.leader, with: chart.style.leader) }
      for series in chart.series { draw(series) }
    }
    for mark in chart.marks { drawPoints(of: mark) }
    for label in labels.placed { label.text.draw(on: canvas, in: label.place.box) }
    drawAxes()
  }

  /// What stands around the plot: title, legend, footnotes and the axes' labels.
  func drawText() {
    let style = chart.style
    func lines(_ lines: [String], top: Double, font: Font, color: Color) {
      for (index, line) in lines.enumerated() {
        let y = top + font.ascent + font.lineHeight * Double(index)
        canvas.text(line, at: Point(layout.left, y), style: TextStyle(font, color: color))
      }
    }
    lines(layout.titleLines, top: layout.titleTop, font: style.titleFont, color: style.text)
    lines(layout.subtitleLines, top: layout.subtitleTop, font: style.subtitleFont, color: style.fainterText)
    lines(layout.footnoteLines, top: layout.footnoteTop, font: style.footnoteFont, color: style.fainterText)
    layout.legend.draw(on: canvas, at: Point(layout.left, layout.legendTop), style: style)
    if let top = layout.xLabelTop {
      canvas.text(
        chart.xAxis.label, at: Point(layout.plot.center.x, top),
        style: TextStyle(style.subtitleFont, color: style.text, anchor: .middle, baseline: .top))
    }
    guard let left = layout.yLabelLeft else { return }
    for (index, line) in layout.yLabelLines.enumerated() {
      canvas.text(
        line, at: Point(left + style.subtitleFont.lineHeight * Double(index), layout.plot.center.y),
        style: TextStyle(style.subtitleFont, color: style.text, anchor: .middle, baseline: .top, rotation: -90))
    }
  }

  private func drawGrid() {
    for tick in chart.yAxis.ticks {
      let y = geometry.y.position(of: tick.value)
      canvas.line(from: Point(layout.plot.x, y), to: Point(layout.plot.right, y), with: chart.style.grid)
    }
  }

  private func drawAxes() {
    let (plot, style) = (layout.plot, chart.style)
    canvas.polyline(
      [Point(plot.x, plot.y), Point(plot.x, plot.bottom), Point(plot.right, plot.bottom)], with: style.axis)
    for tick in chart.xAxis.ticks {
      let x = geometry.x.position(of: tick.value)
      let end = plot.bottom + ChartLayout.tickLength
      canvas.line(from: Point(x, plot.bottom), to: Point(x, end), with: style.axis)
      guard layout.showsXTickLabels else { continue }
      canvas.text(
        tick.label, at: Point(x, end + ChartLayout.tickGap + style.labelFont.capHeight),
        style: TextStyle(style.labelFont, color: style.text, anchor: .middle))
    }
    for tick in chart.yAxis.ticks {
      let y = geometry.y.position(of: tick.value)
      let end = plot.x - ChartLayout.tickLength
      canvas.line(from: Point(plot.x, y), to: Point(end, y), with: style.axis)
      guard layout.showsYTickLabels else { continue }
      canvas.text(
        tick.label, at: Point(end - ChartLayout.tickGap, y),
        style: TextStyle(style.labelFont, color: style.text, anchor: .end, baseline: .middle))
    }
  }

  private func draw(_ band: Band) {
    let outline = (band.lower + band.upper.reversed()).filter { $0.x.isFinite && $0.y.isFinite }
    canvas.fill(Path(polyline: outline.map(geometry.page), closed: true), with: band.color)
  }

  private func draw(_ series: Series) {
    for line in geometry.lines(of: series) { canvas.polyline(line, with: series.stroke) }
    for range in series.ranges {
      let low = geometry.page(Point(range.x, range.low))
      let high = geometry.page(Point(range.x, range.high))
      guard [low, high].allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { continue }
      let pen = Stroke(series.stroke.color, width: max(0.6, 0.7 * series.stroke.width))
      canvas.line(from: low, to: high, with: pen)
      for end in [low, high] { canvas.line(from: Point(end.x - 2, end.y), to: Point(end.x + 2, end.y), with: pen) }
    }
    guard let marker = series.marker else { return }
    for point in series.points where point.x.isFinite && point.y.isFinite {
      marker.draw(on: canvas, at: geometry.page(point), stroke: series.stroke)
    }
  }

  private func drawLine(of mark: Mark) {
    let span = MarkSpan(mark, geometry, style: chart.style)
    guard span.x.isFinite else { return }
    canvas.line(from: Point(span.x, span.line.top), to: Point(span.x, span.line.bottom), with: chart.style.leader)
  }

  private func drawPoints(of mark: Mark) {
    let radius = chart.style.markRadius
    for point in mark.points where mark.x.isFinite && point.y.isFinite {
      let center = geometry.page(Point(mark.x, point.y))
      // A white rim sets the disc off from the line that it stands on.
      canvas.disc(at: center, radius: radius + 0.8, with: .white)
      canvas.disc(at: center, radius: radius, with: point.color)
    }
  }
}

extension LegendRow {
  func draw(on canvas: any Canvas, at corner: Point, style: ChartStyle) {
    for entry in entries {
      let start = Point(corner.x + entry.position.x, corner.y + entry.position.y)
      let end = Point(start.x + Self.sampleWidth, start.y)
      if entry.series.interpolation != .none { canvas.line(from: start, to: end, with: entry.series.stroke) }
      entry.series.marker?.draw(
        on: canvas, at: Point((start.x + end.x) / 2, start.y), stroke: entry.series.stroke)
      canvas.text(
        entry.series.name, at: Point(end.x + Self.sampleGap, start.y),
        style: TextStyle(style.labelFont, color: style.text, baseline: .middle))
    }
  }
}

extension Series.Marker {
  /// Draws the sign; its radius is 1.5 line widths and a point.
  func draw(on canvas: any Canvas, at center: Point, stroke: Stroke) {
    let radius = 1.5 * stroke.width + 1
    switch self {
    case .disc:
      canvas.disc(at: center, radius: radius, with: stroke.color)
    case .ring:
      canvas.disc(at: center, radius: radius, with: .white)
      canvas.stroke(Path(circleAt: center, radius: radius), with: Stroke(stroke.color, width: 0.8))
    case .square:
      let side = 1.8 * radius
      canvas.fill(
        Rectangle(x: center.x - side / 2, y: center.y - side / 2, width: side, height: side), with: stroke.color)
    case .triangle:
      let points = [(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)].map {
        Point(center.x + $0.0 * radius, center.y + $0.1 * radius)
      }
      canvas.fill(Path(polyline: points, closed: true), with: stroke.color)
    }
  }
}
