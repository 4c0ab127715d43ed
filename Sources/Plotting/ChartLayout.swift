/// Where the parts of a chart stand in its frame.
struct ChartLayout {
  /// The area between the axes.
  var plot: Rectangle
  var titleLines: [String] = []
  var subtitleLines: [String] = []
  var footnoteLines: [String] = []
  var legend = LegendRow(entries: [], width: 0)
  /// The top of the title, the subtitle, the legend and the footnotes.
  var titleTop = 0.0
  var subtitleTop = 0.0
  var legendTop = 0.0
  var footnoteTop = 0.0
  /// The left edge of all of these.
  var left = 0.0
  /// Whether this chart has the tick labels of each axis, and the axes' labels; a sheet of panels draws some once.
  var showsXTickLabels = true
  var showsYTickLabels = true
  var xLabelTop: Double?
  var yLabelLeft: Double?
  var yLabelLines: [String] = []

  static let tickLength = 3.0
  static let tickGap = 2.5

  /// A chart that fills `frame`; lines that are not named beside themselves stand in the legend.
  /// - Parameter callouts: the height of the row of labels above the plot.
  init(_ chart: LineChart, legend entries: [Series], callouts: Double = 0, in frame: Rectangle, on canvas: any Canvas) {
    let style = chart.style
    left = frame.x
    titleLines = wrapped(chart.title, to: frame.width, font: style.titleFont, on: canvas)
    subtitleLines = wrapped(chart.subtitle, to: frame.width, font: style.subtitleFont, on: canvas)
    footnoteLines = chart.footnotes.flatMap { wrapped($0, to: frame.width, font: style.footnoteFont, on: canvas) }
    legend = LegendRow(entries, width: frame.width, font: style.labelFont, on: canvas)

    var top = frame.y
    titleTop = top
    top += style.titleFont.lineHeight * Double(titleLines.count)
    subtitleTop = top + (titleLines.isEmpty ? 0 : 1)
    top = subtitleTop + style.subtitleFont.lineHeight * Double(subtitleLines.count)
    legendTop = top + (top > frame.y && legend.height > 0 ? 4 : 0)
    top = legendTop + legend.height
    if top > frame.y { top += 5 }
    top += callouts

    footnoteTop = frame.bottom - style.footnoteFont.lineHeight * Double(footnoteLines.count)
    var bottom = footnoteTop - (footnoteLines.isEmpty ? 0 : 5)
    if !chart.xAxis.label.isEmpty {
      bottom -= style.subtitleFont.lineHeight
      xLabelTop = bottom
      bottom -= 3
    }
    bottom -= Self.tickLength + Self.tickGap + style.labelFont.capHeight + 2

    var plotLeft = frame.x
    if !chart.yAxis.label.isEmpty {
      yLabelLines = wrapped(chart.yAxis.label, to: bottom - top, font: style.subtitleFont, on: canvas)
      yLabelLeft = plotLeft
      plotLeft += style.subtitleFont.lineHeight * Double(yLabelLines.count) + 3
    }
    plotLeft += Self.yTickWidth(chart, on: canvas)
    // Half of the last tick's label may stand out to the right.
    let lastLabel = chart.xAxis.ticks.last.map { canvas.width(of: $0.label, font: style.labelFont) } ?? 0
    let right = frame.right - max(0, lastLabel / 2 - style.headroom)
    plot = Rectangle(left: plotLeft, top: top, right: max(right, plotLeft + 1), bottom: max(bottom, top + 1))
  }

  /// A panel of a sheet: the plot is given, the title stands above it.
  init(panel chart: LineChart, plot: Rectangle, showsXTickLabels: Bool, showsYTickLabels: Bool, on canvas: any Canvas) {
    self.plot = plot
    left = plot.x
    titleLines = wrapped(chart.title, to: plot.width, font: chart.style.titleFont, on: canvas)
    titleTop = plot.y - 3 - chart.style.titleFont.lineHeight * Double(titleLines.count)
    self.showsXTickLabels = showsXTickLabels
    self.showsYTickLabels = showsYTickLabels
  }

  /// The room that a y axis' ticks and their labels take, in points.
  static func yTickWidth(_ chart: LineChart, on canvas: any Canvas) -> Double {
    let widest = chart.yAxis.ticks.map { canvas.width(of: $0.label, font: chart.style.labelFont) }.max() ?? 0
    return widest + tickGap + tickLength
  }
}

/// The legend: a sample of each line and its name, from left to right, in as many rows as it takes.
struct LegendRow {
  struct Entry {
    var series: Series
    /// The sample's left end, on the row's middle, from the legend's top-left corner.
    var position: Point
  }

  var entries: [Entry]
  var width: Double
  var height = 0.0

  static let sampleWidth = 20.0
  static let sampleGap = 4.0
  static let entryGap = 14.0

  init(entries: [Entry], width: Double) {
    self.entries = entries
    self.width = width
  }

  init(_ series: [Series], width: Double, font: Font, on canvas: any Canvas) {
    self.init(entries: [], width: width)
    guard !series.isEmpty else { return }
    var corner = Point(0, 0)
    let longest = max(0, width - Self.sampleWidth - Self.sampleGap)
    for var one in series {
      one.name = shortened(one.name, to: longest, font: font, on: canvas)
      let extent = Self.sampleWidth + Self.sampleGap + canvas.width(of: one.name, font: font)
      if corner.x > 0, corner.x + extent > width { corner = Point(0, corner.y + font.lineHeight) }
      entries.append(Entry(series: one, position: Point(corner.x, corner.y + font.lineHeight / 2)))
      corner.x += extent + Self.entryGap
    }
    height = corner.y + font.lineHeight
  }
}

extension ChartStyle {
  var titleFont: Font { Font(size: titleSize, weight: .bold) }
  var subtitleFont: Font { Font(size: subtitleSize) }
  var labelFont: Font { Font(size: labelSize) }
  var footnoteFont: Font { Font(size: footnoteSize) }
}
