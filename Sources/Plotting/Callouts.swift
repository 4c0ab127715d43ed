/// The labels of a chart's marks in a row above its plot, in the marks' order, each with a leader down to its mark: where the
/// plot has no clear place for them.
///
/// The leaders run from one level to another in the same order, so that none crosses another, and no text has a line through
/// it.
struct Callouts {
  private let marks: [Mark]
  private let blocks: [TextBlock]
  private let sizes: [Size]
  /// The height of the row, its leaders included.
  let height: Double
  /// The top of the labels.
  private(set) var top = 0.0
  private var lefts: [Double] = []

  /// Between neighbouring labels, and from the labels down to the plot.
  private static let gap = 8.0, drop = 12.0
  /// Letters as small as this are still read.
  private static let smallestFont = 5.5

  /// The labels in a row `width` points wide: smaller where it is too narrow for them, then the first and the last ones and
  /// as many between as it holds. Nil where it holds none.
  init?(_ chart: LineChart, width: Double, on canvas: any Canvas) {
    var marks = Mark.labelled(chart.marks).sorted { $0.x < $1.x }
    func blocks(_ size: Double) -> [TextBlock] {
      marks.map { TextBlock(lines: $0.label, fontSize: size, alignment: .middle) }
    }
    func total(_ blocks: [TextBlock]) -> Double {
      blocks.reduce(-Self.gap) { $0 + $1.size(on: canvas).width + Self.gap }
    }
    var size = chart.style.labelSize
    while !marks.isEmpty {
      let wanted = total(blocks(size))
      if wanted <= width { break }
      if size > Self.smallestFont {
        size = max(Self.smallestFont, size - 0.25)
      } else {
        marks = marks.count > 1 ? Mark.evenly(marks, marks.count - 1) : []
      }
    }
    guard !marks.isEmpty else { return nil }
    self.marks = marks
    self.blocks = blocks(size)
    sizes = self.blocks.map { $0.size(on: canvas) }
    height = (sizes.map(\.height).max() ?? 0) + Self.drop
  }

  /// Puts the row above `geometry.plot`: each label over its mark as far as its neighbours and the frame let it.
  mutating func place(over geometry: PlotGeometry, in frame: Rectangle) {
    top = geometry.plot.y - height
    lefts = zip(marks, sizes).map { geometry.x.position(of: $0.x) - $1.width / 2 }
    // To the right of the one before, then, from the last one, back into the frame.
    var least = frame.x
    for index in lefts.indices {
      lefts[index] = max(lefts[index], least)
      least = lefts[index] + sizes[index].width + Self.gap
    }
    var most = frame.right
    for index in lefts.indices.reversed() {
      lefts[index] = min(lefts[index], most - sizes[index].width)
      most = lefts[index] - Self.gap
    }
  }

  /// From each label down to the plot, then to the mark's line.
  func leaders(_ geometry: PlotGeometry, style: ChartStyle) -> [[Point]] {
    marks.indices.map { index in
      let span = MarkSpan(marks[index], geometry, style: style)
      let middle = lefts[index] + sizes[index].width / 2
      let bottom = top + sizes[index].height + 1
      return [Point(middle, bottom), Point(span.x, geometry.plot.y - 1), Point(span.x, span.line.top)]
    }
  }

  func draw(on canvas: any Canvas) {
    for index in marks.indices {
      let box = Rectangle(x: lefts[index], y: top, width: sizes[index].width, height: sizes[index].height)
      blocks[index].draw(on: canvas, in: box)
    }
  }
}

extension Mark {
  /// The marks with a label and a place, at most as many as are placed.
  static func labelled(_ marks: [Mark]) -> [Mark] {
    evenly(marks.filter { !$0.label.isEmpty && $0.x.isFinite }, LabelPlacement.mostLabels - 2)
  }

  /// The first and the last, and as many between, evenly chosen, as make `count`; all where there are no more.
  package static func evenly<Element>(_ elements: [Element], _ count: Int) -> [Element] {
    guard elements.count > count, count > 0 else { return elements }
    guard count > 1 else { return [elements[0]] }
    return (0..<count).map { elements[(2 * $0 * (elements.count - 1) + count - 1) / (2 * (count - 1))] }
  }
}
