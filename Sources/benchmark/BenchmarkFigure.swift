import Foundation
import Plotting
import Report

/// Every ratio as a dot on a logarithmic axis, with its range and the aim.
struct BenchmarkFigure {
  private let comparisons: [Comparison]
  private let subtitle: String
  private let scale: LinearScale

  /// Lengths in points.
  private static let width = 510.0
  private static let margin = 8.0
  private static let rowHeight = 22.0
  private static let top = 46.0
  private static let plotLeft = 232.0, plotRight = 458.0

  /// - Throws: `PlottingError` where no axis can hold the ratios.
  init(_ results: Results) throws {
    comparisons = results.comparisons
    // From below the smallest ratio to above the largest, 1 always among them.
    let low = min(0.8, comparisons.map(\.lowest).min() ?? 1)
    let high = max(2, comparisons.map { max($0.highest, $0.aim ?? 1) }.max() ?? 1)
    scale = try Axis("", from: log10(low * 0.8), to: log10(high * 1.3)).scale(from: Self.plotLeft, to: Self.plotRight)
    let machine = results.machine
    subtitle = """
      \(machine.processor), \(machine.instructionSet), \(Format.count(results.threads, "thread")) on both sides; \
      median and range of \(Format.count(results.repeats, "pair")) of runs
      """
  }

  func picture() -> Picture {
    let height = Self.top + Self.rowHeight * Double(comparisons.count) + 34
    return Picture(width: Self.width, height: height, title: "Speed of Espalier") { draw(on: $0) }
  }

  private func draw(on canvas: any Canvas) {
    func position(_ ratio: Double) -> Double { scale.position(of: log10(ratio)) }
    let bottom = Self.top + Self.rowHeight * Double(comparisons.count)
    let text = Color(gray: 0.15), faint = Color(gray: 0.4)
    canvas.text(
      "How many times as fast Espalier is", at: Point(Self.margin, 18),
      style: TextStyle(Font(size: 10, weight: .bold), color: text))
    canvas.text(subtitle, at: Point(Self.margin, 31), style: TextStyle(Font(size: 7.5), color: faint))

    for tick in ticks {
      let x = position(tick)
      let isOne = tick == 1
      canvas.line(
        from: Point(x, Self.top), to: Point(x, bottom),
        with: Stroke(Color(gray: isOne ? 0.45 : 0.88), width: isOne ? 0.9 : 0.5))
      canvas.text(
        Format.fixed(tick, tick < 1 ? 1 : 0), at: Point(x, bottom + 5),
        style: TextStyle(Font(size: 7), color: text, anchor: .middle, baseline: .top))
    }
    canvas.text(
      "other's time / Espalier's time (logarithmic; right of 1 Espalier is faster)",
      at: Point((Self.plotLeft + Self.plotRight) / 2, bottom + 17),
      style: TextStyle(Font(size: 7), color: faint, anchor: .middle, baseline: .top))

    for (row, comparison) in comparisons.enumerated() {
      let middle = Self.top + Self.rowHeight * (Double(row) + 0.5)
      if row > 0, comparison.title != comparisons[row - 1].title {
        canvas.line(
          from: Point(Self.margin, middle - Self.rowHeight / 2),
          to: Point(Self.width - Self.margin, middle - Self.rowHeight / 2), with: Stroke(Color(gray: 0.8), width: 0.5))
      }
      canvas.text(
        comparison.title, at: Point(Self.margin, middle - 1.5), style: TextStyle(Font(size: 7.5), color: text))
      canvas.text(
        comparison.other.name, at: Point(Self.margin, middle + 7),
        style: TextStyle(Font(size: 6.5), color: faint))
      let color = comparison.ratio >= 1 ? Color.blue : Color.vermillion
      canvas.line(
        from: Point(position(comparison.lowest), middle), to: Point(position(comparison.highest), middle),
        with: Stroke(color, width: 2, cap: .round))
      if let aim = comparison.aim {
        canvas.line(
          from: Point(position(aim), middle - 7), to: Point(position(aim), middle + 7), with: Stroke(text, width: 1.4))
      }
      canvas.disc(at: Point(position(comparison.ratio), middle), radius: 2.8, with: color)
      canvas.text(
        BenchmarkReport.ratio(comparison.ratio) + " ×", at: Point(Self.width - Self.margin, middle),
        style: TextStyle(Font(size: 7.5, weight: .bold), color: color, anchor: .end, baseline: .middle))
    }
  }

  /// 1, 2 and 5 times powers of ten; of more than two decades the powers alone.
  private var ticks: [Double] {
    let multiples: [Double] = scale.upper - scale.lower > 2 ? [1] : [1, 2, 5]
    return (Int(floor(scale.lower))...Int(ceil(scale.upper)))
      .flatMap { exponent in multiples.map { $0 * pow(10, Double(exponent)) } }
      .filter { (scale.lower...scale.upper).contains(log10($0)) }
  }
}
