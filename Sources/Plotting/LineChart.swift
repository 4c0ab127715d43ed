/// A description of a line chart; a value that draws itself on any canvas.
///
/// Labels are placed automatically, so that none lies over another, over a line or over a marker, and none leaves the
/// plot, as long as there is room.
public struct LineChart: Equatable, Sendable {
  /// Above all; empty for none.
  public var title: String
  /// Below the title, smaller; empty for none.
  public var subtitle: String
  /// Below the x axis, small, each a paragraph that is broken into lines at spaces; a no-break space (U+00A0) holds a
  /// number and its unit together.
  public var footnotes: [String]
  /// The horizontal axis.
  public var xAxis: Axis
  /// The vertical axis, with a light line across the plot at each tick.
  public var yAxis: Axis
  /// The lines, from the back to the front.
  public var series: [Series]
  /// Areas behind the lines.
  public var bands: [Band]
  /// Places that are pointed out.
  public var marks: [Mark]
  /// Font sizes and shared colours.
  public var style: ChartStyle

  /// A chart; everything but the axes and the lines may be left out.
  public init(
    title: String = "", subtitle: String = "", footnotes: [String] = [], xAxis: Axis, yAxis: Axis, series: [Series],
    bands: [Band] = [], marks: [Mark] = [], style: ChartStyle = ChartStyle()
  ) {
    self.title = title
    self.subtitle = subtitle
    self.footnotes = footnotes
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.bands = bands
    self.marks = marks
    self.style = style
  }

  /// Draws the chart over the whole of `frame` (points).
  public func draw(on canvas: any Canvas, in frame: Rectangle) {
    ChartDrawing(self, on: canvas, in: frame).draw()
  }

  /// The chart alone in a picture of `width` x `height` points; 510 x 312 points is 180 mm x 110 mm, two columns of a
  /// journal.
  /// - Parameter title: in the file's properties; the chart's own where it is nil.
  public func picture(width: Double = 510, height: Double = 312, title: String? = nil) -> Picture {
    Picture(width: width, height: height, title: title ?? self.title) { canvas in
      draw(on: canvas, in: Rectangle(x: 0, y: 0, width: width, height: height).inset(by: style.margin))
    }
  }
}

/// Font sizes (points), lengths (points) and colours that the parts of a chart share.
public struct ChartStyle: Equatable, Sendable {
  /// The title's size; bold.
  public var titleSize = 10.0
  /// The subtitle's and the axis labels' size.
  public var subtitleSize = 8.0
  /// The size of tick labels, of labels in the plot and of the legend.
  public var labelSize = 7.5
  /// The footnotes' size.
  public var footnoteSize = 7.0
  /// White around a chart that is alone in its picture.
  public var margin = 8.0
  /// Room between the plot's edges and the ends of the axes, so that a line at the very end is drawn in full.
  public var headroom = 6.0
  /// The radius of a mark's discs.
  public var markRadius = 2.6

  /// The usual sizes.
  public init() {}

  var text: Color { Color(gray: 0.15) }
  var fainterText: Color { Color(gray: 0.35) }
  var axis: Stroke { Stroke(Color(gray: 0.3), width: 0.6) }
  var grid: Stroke { Stroke(Color(gray: 0.89), width: 0.5) }
  var leader: Stroke { Stroke(Color(gray: 0.45), width: 0.5) }
}
