/// Drawings as part of a page.
extension Picture {
  /// An `svg` element: text as text, with a title and a description that a screen reader tells.
  /// - Parameters:
  ///   - name: unique in the page; letters, digits and dashes.
  ///   - description: what is to be seen, for readers who cannot see it.
  public func element(name: String, description: String) -> String {
    let canvas = SVGCanvas(prefix: name)
    canvas.fill(Rectangle(x: 0, y: 0, width: size.width, height: size.height), with: .white)
    draw(canvas)
    canvas.finish()
    let (width, height) = (MarkupText.number(size.width), MarkupText.number(size.height))
    let start = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)pt" height="\(height)pt" \
      role="img" aria-labelledby="\(name)-title \(name)-description" \
      font-family="'DejaVu Sans', Verdana, sans-serif">
      <title id="\(name)-title">\(MarkupText.escaped(title))</title>
      <desc id="\(name)-description">\(MarkupText.escaped(description))</desc>
      """
    return ([start] + canvas.lines + ["</svg>"]).joined(separator: "\n")
  }
}

extension LineChart {
  /// Where points of the plot lie in `picture(width:height:)`, in its points.
  public func places(of points: [Point], width: Double = 510, height: Double = 312) -> [Point] {
    let frame = Rectangle(x: 0, y: 0, width: width, height: height).inset(by: style.margin)
    return ChartDrawing(self, on: SVGCanvas(prefix: ""), in: frame).places(of: points)
  }

  /// The area between the axes in `picture(width:height:)`, in its points.
  public func plot(width: Double = 510, height: Double = 312) -> Rectangle {
    let frame = Rectangle(x: 0, y: 0, width: width, height: height).inset(by: style.margin)
    return ChartDrawing(self, on: SVGCanvas(prefix: ""), in: frame).layout.plot
  }
}

extension ChartDrawing {
  fileprivate func places(of points: [Point]) -> [Point] { points.map(geometry.page) }
}
