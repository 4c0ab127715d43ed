import Files
import Plotting

/// A figure of a page: a drawing or pixels, and what moving along it reads off.
struct PageFigure {
  /// The numbers along a chart.
  struct Reading {
    /// What the slider below the figure is called.
    let label: String
    /// The colour of each line's disc.
    let colors: [Color]
    /// For each place: where it is in the plot, what is said there, and the value of each line; nil where a line has none.
    let points: [(x: Double, text: String, values: [Double?])]
  }

  /// All of the element but its end, which comes after its caption.
  let start: String

  /// A drawing without numbers to read off.
  init(_ picture: Picture, name: String, description: String) {
    start = Self.element(picture, name, description, reading: "")
  }

  /// A chart at the size of its picture, with what is read off along it.
  init(_ chart: LineChart, height: Double = 312, name: String, description: String, reading: Reading) {
    let plot = chart.plot(height: height)
    let points = reading.points.map { point -> String in
      let places = chart.places(of: point.values.map { Point(point.x, $0 ?? .nan) }, height: height)
      let ys = places.map { $0.y.isFinite ? MarkupText.number($0.y) : "null" }
      let x = chart.places(of: [Point(point.x, 0)], height: height)[0].x
      return "[\(MarkupText.number(x)),\(JSONText.string(point.text)),[\(ys.joined(separator: ","))]]"
    }
    let colors = reading.colors.map { "\"\($0.hexadecimal)\"" }.joined(separator: ",")
    let json = """
      {"label":\(JSONText.string(reading.label)),"top":\(MarkupText.number(plot.y)),\
      "bottom":\(MarkupText.number(plot.bottom)),"colors":[\(colors)],
      "points":[\(points.joined(separator: ",\n"))]}
      """
    start = Self.element(
      chart.picture(height: height), name, description, reading: " data-reading=\"\(MarkupText.escaped(json))\"")
  }

  /// Pixels of a PNG file.
  init(png: [UInt8], name: String, description: String) {
    start = """
      <figure data-figure="\(name)">
      <img alt="\(MarkupText.escaped(description))" src="data:image/png;base64,\(Base64.text(png))">
      """
  }

  private static func element(_ picture: Picture, _ name: String, _ description: String, reading: String) -> String {
    let label = MarkdownBody.scrolling("Figure: \(picture.title)")
    return """
      <figure data-figure="\(name)"\(reading)>
      \(label)
      \(picture.element(name: name, description: description))
      </div>
      """
  }
}
