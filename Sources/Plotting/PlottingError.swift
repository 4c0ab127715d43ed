import Files

/// What can go wrong while drawing; `description` is one line.
public enum PlottingError: AboutInput, Equatable, CustomStringConvertible {
  /// A picture's size cannot be drawn; in points, or in pixels after scaling.
  case pictureSize(width: Double, height: Double, unit: String)
  /// A raster's bytes are not width x height x 3.
  case pixelCount(width: Int, height: Int, found: Int)
  /// An axis has no extent: the ends are not finite or not in ascending order.
  case axisDomain(label: String, lower: Double, upper: Double)
  /// Cairo refused; its own words.
  case cairo(doing: String, message: String)
  /// There is no memory to compress this many bytes of a PNG.
  case compression(bytes: Int)

  /// The largest width or height, in pixels or points; cairo's own limit for image surfaces.
  static let largestSide = 32767.0

  /// Where, what was found, what was expected.
  public var description: String {
    switch self {
    case .pictureSize(let width, let height, let unit):
      "picture is \(number(width)) x \(number(height)) \(unit); expected 1...32767 each way"
    case .pixelCount(let width, let height, let found):
      "raster of \(width) x \(height) pixels has \(found) bytes; expected width x height x 3, all positive"
    case .axisDomain(let label, let lower, let upper):
      "axis \"\(label)\" goes from \(number(lower)) to \(number(upper)); expected two finite numbers, ascending"
    case .cairo(let doing, let message):
      "cairo, \(doing): \(message)"
    case .compression(let bytes):
      "PNG of \(bytes) bytes of pixels: out of memory; expected room to compress them"
    }
  }

  /// Of the machine are the refusals of cairo and of the compressor, which want memory.
  public var isOfTheMachine: Bool {
    switch self {
    case .cairo, .compression: true
    case .pictureSize, .pixelCount, .axisDomain: false
    }
  }

  private func number(_ value: Double) -> String {
    value.rounded() == value && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
