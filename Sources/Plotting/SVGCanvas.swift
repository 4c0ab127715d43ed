import Files

/// A canvas that writes SVG to be part of a page: text is text, and nothing has a style of its own, so that a content policy
/// without inline styles shows it as it is. Text keeps the widths of the installed font, whatever font the reader has.
final class SVGCanvas: Canvas {
  /// One element a line.
  private(set) var lines: [String] = []
  private var definitions = 0
  private let prefix: String
  /// How many groups are open at each level of `save`.
  private var groups = [0]
  private var fonts: [Font.Weight: FontChoice] = [:]

  /// - Parameter prefix: begins the names of the drawing's parts, which are unique in a page.
  init(prefix: String) { self.prefix = prefix }

  /// Ends every group.
  func finish() {
    while groups.count > 1 { restore() }
    close()
  }

  func save() { groups.append(0) }

  func restore() {
    guard groups.count > 1 else { return }
    close()
    groups.removeLast()
  }

  private func close() {
    for _ in 0..<groups[groups.count - 1] { lines.append("</g>") }
    groups[groups.count - 1] = 0
  }

  private func open(_ attribute: String) {
    lines.append("<g \(attribute)>")
    groups[groups.count - 1] += 1
  }

  func translate(x: Double, y: Double) { open("transform=\"translate(\(number(x)) \(number(y)))\"") }

  func scale(x: Double, y: Double) {
    if x != 0, y != 0 { open("transform=\"scale(\(number(x)) \(number(y)))\"") }
  }

  func rotate(degrees: Double) { open("transform=\"rotate(\(number(degrees)))\"") }

  func clip(to rectangle: Rectangle) {
    let name = define { "<clipPath id=\"\($0)\"><rect \(self.box(rectangle))/></clipPath>" }
    open("clip-path=\"url(#\(name))\"")
  }

  func fill(_ path: Path, with paint: Paint) {
    guard let data = data(of: path) else { return }
    lines.append("<path d=\"\(data)\" \(source(paint, "fill"))/>")
  }

  func stroke(_ path: Path, with stroke: Stroke) {
    guard let data = data(of: path) else { return }
    var attributes = "fill=\"none\" \(source(.color(stroke.color), "stroke")) stroke-width=\"\(number(stroke.width))\""
    if !stroke.dash.isEmpty { attributes += " stroke-dasharray=\"\(stroke.dash.map(number).joined(separator: " "))\"" }
    if stroke.cap != .butt { attributes += " stroke-linecap=\"\(stroke.cap == .round ? "round" : "square")\"" }
    lines.append("<path d=\"\(data)\" \(attributes) stroke-linejoin=\"round\"/>")
  }

  func text(_ text: String, at point: Point, style: TextStyle) {
    // Spaces at the ends would not be drawn, and so must not be stretched over.
    let start = text.prefix { $0 == " " }
    let text = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    guard !text.isEmpty else { return }
    let left = style.anchor == .start ? width(of: String(start), font: style.font) : 0
    let dy =
      switch style.baseline {
      case .baseline: 0.0
      case .middle: style.font.capHeight / 2
      case .top: style.font.ascent
      }
    var attributes =
      "x=\"\(number(point.x + left))\" y=\"\(number(point.y + dy))\" font-size=\"\(number(style.font.size))\""
    if style.font.weight == .bold { attributes += " font-weight=\"bold\"" }
    switch style.anchor {
    case .start: break
    case .middle: attributes += " text-anchor=\"middle\""
    case .end: attributes += " text-anchor=\"end\""
    }
    if style.rotation != 0 {
      attributes += " transform=\"rotate(\(number(style.rotation)) \(number(point.x)) \(number(point.y)))\""
    }
    attributes += " textLength=\"\(number(width(of: text, font: style.font)))\" lengthAdjust=\"spacingAndGlyphs\""
    lines.append("<text \(attributes) \(source(.color(style.color), "fill"))>\(MarkupText.escaped(text))</text>")
  }

  func width(of text: String, font: Font) -> Double {
    let choice = fonts[font.weight] ?? FontChoice(font.weight)
    fonts[font.weight] = choice
    return choice.widthInEms(of: text) * font.size
  }

  func image(_ raster: Raster, in rectangle: Rectangle, filter: RasterFilter) {
    guard let png = try? raster.png() else { return }
    let rendering = filter == .nearest ? " image-rendering=\"pixelated\"" : ""
    lines.append(
      "<image \(box(rectangle)) preserveAspectRatio=\"none\"\(rendering) href=\"data:image/png;base64,\(Base64.text(png))\"/>"
    )
  }

  private func box(_ rectangle: Rectangle) -> String {
    """
    x="\(number(rectangle.x))" y="\(number(rectangle.y))" width="\(number(rectangle.width))" \
    height="\(number(rectangle.height))"
    """
  }

  private func define(_ element: (String) -> String) -> String {
    definitions += 1
    let name = "\(prefix)-\(definitions)"
    lines.append("<defs>\(element(name))</defs>")
    return name
  }

  private func source(_ paint: Paint, _ attribute: String) -> String {
    switch paint {
    case .color(let color):
      let opacity = color.alpha < 1 ? " \(attribute)-opacity=\"\(number(color.alpha))\"" : ""
      return "\(attribute)=\"\(color.hexadecimal)\"\(opacity)"
    case .linearGradient(let from, let to, let stops):
      let place = "x1=\"\(number(from.x))\" y1=\"\(number(from.y))\" x2=\"\(number(to.x))\" y2=\"\(number(to.y))\""
      return gradient("linearGradient", place, stops, attribute)
    case .radialGradient(let center, let radius, let stops):
      let place = "cx=\"\(number(center.x))\" cy=\"\(number(center.y))\" r=\"\(number(radius))\""
      return gradient("radialGradient", place, stops, attribute)
    }
  }

  private func gradient(_ kind: String, _ place: String, _ stops: [GradientStop], _ attribute: String) -> String {
    let inner = stops.map {
      "<stop offset=\"\(number($0.offset))\" stop-color=\"\($0.color.hexadecimal)\" stop-opacity=\"\(number($0.color.alpha))\"/>"
    }.joined()
    let name = define { "<\(kind) id=\"\($0)\" gradientUnits=\"userSpaceOnUse\" \(place)>\(inner)</\(kind)>" }
    return "\(attribute)=\"url(#\(name))\""
  }

  /// nil for a path with nothing in it, or with a place that is not finite.
  private func data(of path: Path) -> String? {
    var places: [Point] = []
    let words = path.elements.map { element -> String in
      switch element {
      case .move(let point):
        places.append(point)
        return "M\(pair(point))"
      case .line(let point):
        places.append(point)
        return "L\(pair(point))"
      case .curve(let a, let b, let end):
        places += [a, b, end]
        return "C\(pair(a)) \(pair(b)) \(pair(end))"
      case .close: return "Z"
      }
    }
    guard !places.isEmpty, places.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return nil }
    return words.joined()
  }

  private func pair(_ point: Point) -> String { "\(number(point.x)) \(number(point.y))" }

  private func number(_ value: Double) -> String { MarkupText.number(value) }
}

/// Text and numbers of SVG and HTML.
package enum MarkupText {
  /// Text with `&`, `<`, `>` and `"` as entities, and control characters but for line breaks and tabs replaced.
  package static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n", "\t": escaped.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A number to a hundredth, as short as it goes; 0 where it is not finite or cannot be drawn.
  package static func number(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    guard hundredths.isFinite, abs(hundredths) < 1e12 else { return "0" }
    let whole = Int(hundredths)
    let (units, rest) = abs(whole).quotientAndRemainder(dividingBy: 100)
    let sign = whole < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(units)" }
    return rest % 10 == 0 ? "\(sign)\(units).\(rest / 10)" : "\(sign)\(units).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension Color {
  /// `#0072b2`; without the alpha.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef")
    return [red, green, blue].reduce(into: "#") { text, part in
      let byte = Int((min(max(part, 0), 1) * 255).rounded())
      text.append(digits[byte >> 4])
      text.append(digits[byte & 15])
    }
  }
}

extension Raster {
  /// The pixels as a PNG file.
  func png() throws(PlottingError) -> [UInt8] {
    var words = (0..<width * height).map { pixel -> UInt32 in
      let (red, green, blue) = (UInt32(pixels[3 * pixel]), UInt32(pixels[3 * pixel + 1]), UInt32(pixels[3 * pixel + 2]))
      return red << 16 | green << 8 | blue
    }
    let encoder = PNGEncoder(width: width, height: height, dotsPerInch: 72)
    return try encoder.encode(&words, wordsPerRow: width)
  }
}
