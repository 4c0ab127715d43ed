/// The letters of a text: DejaVu Sans where it is installed, else the system's sans serif.
public struct Font: Equatable, Hashable, Sendable {
  /// How heavy the letters are.
  public enum Weight: Equatable, Hashable, Sendable {
    /// Upright book weight.
    case regular
    /// Bold.
    case bold
  }

  /// The em size, in points.
  public var size: Double
  /// How heavy the letters are.
  public var weight: Weight

  /// A font of a size in points.
  public init(size: Double, weight: Weight = .regular) {
    self.size = size
    self.weight = weight
  }

  /// Height of letters with ascenders above the baseline, in points (0.76 em, as in DejaVu Sans).
  public var ascent: Double { 0.76 * size }
  /// Depth of letters with descenders below the baseline, in points (0.24 em).
  public var descent: Double { 0.24 * size }
  /// Height of capitals and digits, in points (0.73 em).
  public var capHeight: Double { 0.73 * size }
  /// The usual distance between baselines, in points (1.25 em).
  public var lineHeight: Double { 1.25 * size }
}

/// How a text is drawn and where it hangs on its point.
public struct TextStyle: Equatable, Sendable {
  /// Which end of the text is at the point.
  public enum Anchor: Equatable, Sendable {
    /// The text begins at the point.
    case start
    /// The text is centred on the point.
    case middle
    /// The text ends at the point.
    case end
  }

  /// Which height of the text is at the point.
  public enum Baseline: Equatable, Sendable {
    /// The line that letters stand on.
    case baseline
    /// Half the height of the capitals.
    case middle
    /// The top of letters with ascenders.
    case top
  }

  /// The letters.
  public var font: Font
  /// Their colour.
  public var color: Color
  /// Which end of the text is at the point.
  public var anchor: Anchor
  /// Which height of the text is at the point.
  public var baseline: Baseline
  /// Turn about the point, in degrees, clockwise on the page; -90 reads upwards.
  public var rotation: Double

  /// A style; black, from the start, on the baseline, upright unless told.
  public init(
    _ font: Font, color: Color = .black, anchor: Anchor = .start, baseline: Baseline = .baseline, rotation: Double = 0
  ) {
    self.font = font
    self.color = color
    self.anchor = anchor
    self.baseline = baseline
    self.rotation = rotation
  }
}
