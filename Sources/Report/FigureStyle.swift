import Plotting

/// What a journal asks of a figure: its size, its letters, its lines and colours.
public struct FigureStyle: Equatable, Sendable {
  /// Width and height in points; the height follows from the width where it is nil.
  public var width = 510.0, height: Double?
  /// The size of labels in points; titles and footnotes follow. nil for the usual sizes.
  public var fontSize: Double?
  /// The width of the two lines in points.
  public var lineWidth = 1.6
  /// The colour and the dashes (points, empty for a solid line) of clean accuracy.
  public var cleanColor = Color.blue, cleanDash: [Double] = []
  /// The same of attack success.
  public var attackColor = Color.vermillion, attackDash: [Double] = [5, 2]
  /// Whether each rate's exact 95 % interval is drawn as a band, and how opaque that is, 0...1.
  public var showsIntervals = false, bandOpacity = 0.2
  /// Whether the title with its subtitle, and the footnotes, are drawn; a journal has a caption for them.
  public var showsTitle = true, showsFootnotes = true

  /// The usual figure, on two columns of a journal.
  public init() {}

  /// Points in a millimetre.
  public static let pointsPerMillimetre = 72 / 25.4

  /// The sizes of a chart's letters.
  var chart: ChartStyle {
    var style = ChartStyle()
    guard let fontSize else { return style }
    style.labelSize = fontSize
    style.subtitleSize = fontSize
    style.titleSize = fontSize * 1.2
    style.footnoteSize = fontSize * 0.9
    if width < 300 { style.margin = 2 }
    return style
  }

  /// Whether the letters are large for the width, so that lines of text break and labels of ticks are close.
  var isNarrow: Bool { width < 45 * (fontSize ?? 7.5) }

  /// Of the picture: as wide to high as the usual one; a narrow one has room for titles and footnotes of several lines.
  package var pictureHeight: Double {
    if let height { return height }
    guard isNarrow else { return width * 312 / 510 }
    let letters = fontSize ?? 7.5
    let title = showsTitle ? 9 * letters : 0
    // Some 170 letters, half as wide as high.
    let footnotes = showsFootnotes ? (170 * 0.5 * letters / width + 1) * 1.125 * letters : 0
    return 0.62 * width + title + footnotes
  }
}
