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

  /// Records the call.
  public func save() { calls.append(.save) }
  /// Records the call.
  public func restore() { calls.append(.restore) }
  /// Records the call.
  public func translate(x: Double, y: Double) { calls.append(.translate(x: x, y: y)) }
  /// Records the call.
  public func scale(x: Double, y: Double) { calls.append(.scale(x: x, y: y)) }
  /// Records the call.
  public func rotate(degrees: Double) { calls.append(.rotate(degrees: degrees)) }
  /// Records the call.
  public func clip(to rectangle: Rectangle) { calls.append(.clip(rectangle)) }
  /// Records the call.
  public func fill(_ path: Path, with paint: Paint) { calls.append(.fill(path, paint)) }
  /// Records the call.
  public func stroke(_ path: Path, with stroke: Stroke) { calls.append(.stroke(path, stroke)) }
  /// Records the call.
  public func text(_ text: String, at point: Point, style: TextStyle) { calls.append(.text(text, point, style)) }
  /// Text width: 0.6 em a character.
  public func width(of text: String, font: Font) -> Double { 0.6 * font.size * Double(text.count) }
  /// Records the call.
  public func image(_ raster: Raster, in rectangle: Rectangle, filter: RasterFilter) {
    calls.append(.image(raster, rectangle, filter))
  }
}
