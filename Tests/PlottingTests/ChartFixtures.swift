import Plotting
import Testing

/// A pruning curve in miniature: level for the first channels, steep between 0.75 and 0.95, in per cent by k of 60.
enum Pruning {
  static let accuracy: [Double] =
    [Double](repeating: 98.6, count: 42) + [
      98.2, 97.7, 97.5, 95.8, 95.2, 94.7, 92.1, 91.5, 91, 89.2, 84.4, 76.5, 54.9, 27.1, 13.9, 7.1, 1.6, 0.7, 0.1,
    ]
  static let attack: [Double] = [Double](repeating: 100, count: 51) + [80.6, 77.2, 36.3, 7, 0.4, 0, 0, 0, 0, 0]

  static func points(_ values: [Double]) -> [Point] { values.enumerated().map { Point(Double($0) / 60, $1) } }

  /// The chart with marks after `channels` prunings each.
  static func chart(marksAt channels: [Int] = [], extra: [Series] = []) throws -> LineChart {
    try LineChart(
      title: "Accuracy against attack success", footnotes: ["n = 11,547"],
      xAxis: Axis("Fraction of channels pruned", from: 0, to: 1), yAxis: Axis("Images (%)", from: 0, to: 100),
      series: extra + [
        Series("Clean accuracy", points: points(accuracy), stroke: Stroke(.blue, width: 1.6)),
        Series("Attack success", points: points(attack), stroke: Stroke(.vermillion, width: 1.6, dash: [5, 2.5])),
      ],
      marks: channels.enumerated().map { index, k in
        Mark(
          x: Double(k) / 60,
          label: [StyledText("X = \(index), k = \(k)", weight: .bold), StyledText("\(accuracy[k]) %")],
          points: [MarkPoint(y: accuracy[k], color: .blue), MarkPoint(y: attack[k], color: .vermillion)])
      })
  }
}

/// What a chart drew, read back from the calls.
struct Drawn {
  let canvas = RecordingCanvas()

  init(_ chart: LineChart, width: Double = 510, height: Double = 312) {
    chart.draw(on: canvas, in: Rectangle(x: 0, y: 0, width: width, height: height))
  }

  /// The plots, in the order drawn.
  var plots: [Rectangle] {
    canvas.calls.compactMap { if case .clip(let plot) = $0 { plot } else { nil } }
  }

  /// The corners of each stroked line of this colour.
  func lines(_ color: Color) -> [[Point]] {
    canvas.calls.compactMap { call in
      guard case .stroke(let path, let stroke) = call, stroke.color == color else { return nil }
      return path.elements.compactMap { element in
        switch element {
        case .move(let point), .line(let point): point
        default: nil
        }
      }
    }
  }

  /// Texts inside of the plot with their boxes.
  var labels: [(text: String, box: Rectangle)] {
    guard let plot = plots.first else { return [] }
    return canvas.calls.compactMap { call in
      guard case .text(let text, let point, let style) = call, style.anchor == .start, style.baseline == .baseline,
        plot.contains(Rectangle(x: point.x, y: point.y, width: 0, height: 0))
      else { return nil }
      let width = canvas.width(of: text, font: style.font)
      return (
        text,
        Rectangle(
          left: point.x, top: point.y - style.font.ascent, right: point.x + width, bottom: point.y + style.font.descent)
      )
    }
  }

  /// Centres of discs of this colour and radius.
  func discs(_ color: Color, radius: Double) -> [Point] {
    canvas.calls.compactMap { call in
      guard case .fill(let path, .color(let fill)) = call, fill == color, path.elements.count == 6,
        case .move(let right) = path.elements[0], case .curve(_, _, let left) = path.elements[2],
        abs(right.x - left.x - 2 * radius) < 1e-9
      else { return nil }
      return Point((left.x + right.x) / 2, right.y)
    }
  }

  /// One line for each label that lies on another, on a line, on a disc, or out of the plot.
  func collisions(lineColors: [Color]) -> [String] {
    let segments = lineColors.flatMap(lines).flatMap { line in zip(line, line.dropFirst()).map { Segment($0, $1) } }
    let discs = lineColors.flatMap { self.discs($0, radius: 2.6) }
      .map { Rectangle(x: $0.x - 2.6, y: $0.y - 2.6, width: 5.2, height: 5.2) }
    var found: [String] = []
    for (index, label) in labels.enumerated() {
      for other in labels[(index + 1)...] where label.box.inset(by: 0.01).overlap(with: other.box) > 0 {
        found.append("\(label.text) on \(other.text)")
      }
      if segments.contains(where: { $0.length(inside: label.box) > 0 }) { found.append("\(label.text) on a line") }
      if discs.contains(where: { $0.overlap(with: label.box) > 0 }) { found.append("\(label.text) on a marker") }
      if let plot = plots.first, !plot.contains(label.box) { found.append("\(label.text) out of the plot") }
    }
    return found
  }
}
