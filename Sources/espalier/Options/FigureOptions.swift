import ArgumentParser
import Files
import Report

/// The size and the look of a figure.
struct FigureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The figure's width, as 84mm, 3.3in or 240pt. (default: 180mm)", valueName: "length"),
    transform: Length.points(from:))
  var width: Double?

  @Option(
    help: ArgumentHelp("Its height; follows from the width unless given.", valueName: "length"),
    transform: Length.points(from:))
  var height: Double?

  @Option(
    help: ArgumentHelp("The size of its letters in points. (default: 7.5)", valueName: "points"),
    transform: Length.fontSize(from:))
  var fontSize: Double?

  @Option(help: ArgumentHelp("A YAML file of sizes, lines and colours; see docs/figures.md.", valueName: "file"))
  var style: String?

  /// The file's style, with the command line's sizes in place of its own.
  func figureStyle() throws -> FigureStyle {
    var figure = try style.map { try StyleFile($0).style } ?? FigureStyle()
    if let width { figure.width = width }
    if let height { figure.height = height }
    if let fontSize { figure.fontSize = fontSize }
    return figure
  }
}

/// Lengths on paper.
enum Length {
  /// How long a side may be, in points: 20 mm to 1 m.
  static let sides = 20 * FigureStyle.pointsPerMillimetre...1000 * FigureStyle.pointsPerMillimetre
  /// How large letters may be, in points.
  static let letters = 3.0...40.0

  /// `84mm`, `8.4cm`, `3.3in`, `240pt` or `240` in points; nil for anything else.
  static func points(_ text: String) -> Double? {
    guard let parts = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?) ?(mm|cm|in|pt)?/), let number = Double(parts.output.1)
    else { return nil }
    let unit =
      switch parts.output.2 {
      case "mm": FigureStyle.pointsPerMillimetre
      case "cm": 10 * FigureStyle.pointsPerMillimetre
      case "in": 72.0
      default: 1.0
      }
    return sides.contains(number * unit) ? number * unit : nil
  }

  @Sendable static func points(from text: String) throws -> Double {
    guard let points = points(text) else { throw ValidationError("expected 20mm to 1000mm, as 84mm, 3.3in or 240pt") }
    return points
  }

  @Sendable static func fontSize(from text: String) throws -> Double {
    guard let size = Double(text), letters.contains(size) else { throw ValidationError("expected 3 to 40 points") }
    return size
  }
}
