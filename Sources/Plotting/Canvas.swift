/// A surface to draw on. Lengths are in points (1/72 inch), the origin is the top-left corner, y grows downwards.
///
/// Calls do not throw: whoever made the canvas reports failures when the picture is finished.
public protocol Canvas: AnyObject {
  /// Remembers the transform and the clip until the matching `restore`.
  func save()
  /// Returns to the transform and the clip of the matching `save`; without one it does nothing.
  func restore()
  /// Moves the origin.
  func translate(x: Double, y: Double)
  /// Scales what follows; a factor of 0 is ignored.
  func scale(x: Double, y: Double)
  /// Turns what follows about the origin, clockwise on the page.
  func rotate(degrees: Double)
  /// Draws nothing outside of `rectangle` (and of earlier clips) until `restore`.
  func clip(to rectangle: Rectangle)
  /// Fills the inside of a path (non-zero winding).
  func fill(_ path: Path, with paint: Paint)
  /// Draws along a path.
  func stroke(_ path: Path, with stroke: Stroke)
  /// Draws one line of text.
  func text(_ text: String, at point: Point, style: TextStyle)
  /// The advance width of a line of text, in points; independent of the transform and of the kind of surface.
  func width(of text: String, font: Font) -> Double
  /// Draws pixels stretched over `rectangle`.
  func image(_ raster: Raster, in rectangle: Rectangle, filter: RasterFilter)
}

/// What follows from the primitives.
extension Canvas {
  /// Draws in a transform and clip that end with the closure.
  public func saved(_ draw: () -> Void) {
    save()
    draw()
    restore()
  }

  /// Fills a path with one colour.
  public func fill(_ path: Path, with color: Color) { fill(path, with: .color(color)) }

  /// Fills a rectangle with one colour.
  public func fill(_ rectangle: Rectangle, with color: Color) { fill(Path(rectangle), with: .color(color)) }

  /// Draws straight lines through points.
  public func polyline(_ points: [Point], with stroke: Stroke) {
    if points.count > 1 { self.stroke(Path(polyline: points), with: stroke) }
  }

  /// Draws one straight line.
  public func line(from start: Point, to end: Point, with stroke: Stroke) { polyline([start, end], with: stroke) }

  /// Draws a filled circle.
  public func disc(at center: Point, radius: Double, with color: Color) {
    fill(Path(circleAt: center, radius: radius), with: .color(color))
  }
}
