/// A canvas that remembers its calls, for tests without pixels. A text is as wide as its characters times 0.6 em.
public final class RecordingCanvas: Canvas {
  /// One drawing call, with what it was given.
  public enum Call: Equatable, Sendable {
    /// `save()`.
    case save
    /// `restore()`.
    case restore
    /// `translate(x:y:)`.
    case translate(x: Double, y: Double)
    /// `scale(x:y:)`.
    case scale(x: Double, y: Double)
    /// `rotate(degrees:)`.
    case rotate(degrees: Double)
    /// `clip(to:)`.
    case clip(Rectangle)
    /// `fill(_:with:)`.
    case fill(Path, Paint)
    /// `stroke(_:with:)`.
    case stroke(Path, Stroke)
    /// `text(_:at:style:)`.
    case text(String, Point, TextStyle)
    /// `image(_:in:filter:)`.
    case image(Raster, Rectangle, RasterFilter)
  }

  /// The calls so far, in order.
  public private(set) var calls: [Call] = []

  /// A canvas without calls.
  public init() {}

  /// The texts drawn so far, in order.
  public var texts: [String] {
    calls.compactMap { if case .text(let text, _, _) = $0 { text } else { nil } }
  }

  public func save() { calls.append(.save) }
  public func restore() { calls.append(.restore) }
  public func translate(x: Double, y: Double) { calls.append(.translate(x: x, y: y)) }
  public func scale(x: Double, y: Double) { calls.append(.scale(x: x, y: y)) }
  public func rotate(degrees: Double) { calls.append(.rotate(degrees: degrees)) }
  public func clip(to rectangle: Rectangle) { calls.append(.clip(rectangle)) }
  public func fill(_ path: Path, with paint: Paint) { calls.append(.fill(path, paint)) }
  public func stroke(_ path: Path, with stroke: Stroke) { calls.append(.stroke(path, stroke)) }
  public func text(_ text: String, at point: Point, style: TextStyle) { calls.append(.text(text, point, style)) }
  public func width(of text: String, font: Font) -> Double { 0.6 * font.size * Double(text.count) }
  public func image(_ raster: Raster, in rectangle: Rectangle, filter: RasterFilter) {
    calls.append(.image(raster, rectangle, filter))
  }
}
