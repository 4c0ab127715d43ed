/// A sheet of charts side by side that share their axes and one legend: 2 to 30 panels.
///
/// Every panel is drawn to the axes of the sheet; tick labels stand at the left column and below each column's last panel
/// alone, the axes' labels once. A panel's title stands above it; its subtitle and footnotes are not drawn.
public struct SmallMultiples: Equatable, Sendable {
  /// Above all; empty for none.
  public var title: String
  /// Below the title; empty for none.
  public var subtitle: String
  /// At the foot of the sheet.
  public var footnotes: [String]
  /// The axes of every panel.
  public var xAxis: Axis
  /// The axes of every panel.
  public var yAxis: Axis
  /// The panels, row by row. Lines of equal name and stroke appear once in the sheet's legend.
  public var panels: [LineChart]
  /// How many panels stand side by side; nil for a sheet whose panels are about 1.4 times as wide as high.
  public var columns: Int?
  /// Font sizes and lengths of the sheet; panels use them too.
  public var style: ChartStyle

  /// A sheet of panels; titles and footnotes may be left out.
  public init(
    title: String = "", subtitle: String = "", footnotes: [String] = [], xAxis: Axis, yAxis: Axis, panels: [LineChart],
    columns: Int? = nil, style: ChartStyle = ChartStyle()
  ) {
    self.title = title
    self.subtitle = subtitle
    self.footnotes = footnotes
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.panels = panels
    self.columns = columns
    self.style = style
  }

  /// Draws the sheet over the whole of `frame` (points).
  public func draw(on canvas: any Canvas, in frame: Rectangle) {
    // The sheet is the frame of one large chart whose plot is cut into panels.
    let whole = LineChart(
      title: title, subtitle: subtitle, footnotes: footnotes, xAxis: xAxis, yAxis: yAxis, series: [], style: style)
    let layout = ChartLayout(whole, legend: legend, in: frame, on: canvas)
    ChartDrawing(whole, layout: layout, on: canvas).drawText()

    let prepared = panels.map(prepare)
    let columns = columnCount(in: layout.plot)
    let rows = (panels.count + columns - 1) / columns
    let gap = 12.0
    let width = (layout.plot.width - gap * Double(columns - 1)) / Double(columns)
    let titleHeight = tallestTitle(prepared, width: width, on: canvas)
    let cellHeight = (layout.plot.height + gap) / Double(max(1, rows))
    for (index, panel) in prepared.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let top = layout.plot.y + cellHeight * Double(row) + titleHeight
      let plot = Rectangle(
        left: layout.plot.x + (width + gap) * Double(column), top: top,
        right: layout.plot.x + (width + gap) * Double(column) + width,
        bottom: max(top + 1, layout.plot.y + cellHeight * Double(row + 1) - gap))
      let panelLayout = ChartLayout(
        panel: panel, plot: plot, showsXTickLabels: index + columns >= panels.count, showsYTickLabels: column == 0,
        on: canvas)
      ChartDrawing(panel, layout: panelLayout, on: canvas).draw()
    }
  }

  /// The sheet alone in a picture of `width` x `height` points.
  public func picture(width: Double = 510, height: Double = 400) -> Picture {
    Picture(width: width, height: height, title: title) { canvas in
      draw(on: canvas, in: Rectangle(x: 0, y: 0, width: width, height: height).inset(by: style.margin))
    }
  }

  /// Each named line once, in the order of first appearance.
  private var legend: [Series] {
    panels.flatMap(\.series).filter { $0.labeling != .none && !$0.name.isEmpty }.reduce(into: []) { legend, series in
      if !legend.contains(where: { $0.name == series.name && $0.stroke == series.stroke }) { legend.append(series) }
    }
  }

  /// A panel on the sheet's axes, its lines named in the sheet's legend alone.
  private func prepare(_ panel: LineChart) -> LineChart {
    var panel = panel
    panel.xAxis = xAxis
    panel.yAxis = yAxis
    panel.style = style
    panel.style.titleSize = style.labelSize
    panel.style.markRadius = 0.7 * style.markRadius
    panel.style.headroom = min(style.headroom, 4)
    for index in panel.series.indices { panel.series[index].labeling = .legend }
    return panel
  }

  private func columnCount(in plot: Rectangle) -> Int {
    if let columns { return max(1, min(columns, panels.count)) }
    let ideal = (Double(panels.count) * plot.width / (1.4 * max(1, plot.height))).squareRoot()
    return max(1, min(panels.count, Int(ideal.rounded())))
  }

  private func tallestTitle(_ panels: [LineChart], width: Double, on canvas: any Canvas) -> Double {
    panels.map { panel in
      let font = panel.style.titleFont
      let lines = wrapped(panel.title, to: width, font: font, on: canvas).count
      return lines == 0 ? 0 : 3 + font.lineHeight * Double(lines)
    }.max() ?? 0
  }
}
