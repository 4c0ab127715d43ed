/// A colour in sRGB with opacity; every component is 0...1.
public struct Color: Equatable, Hashable, Sendable {
  /// Red, 0...1.
  public var red: Double
  /// Green, 0...1.
  public var green: Double
  /// Blue, 0...1.
  public var blue: Double
  /// Opacity, 0 (invisible) ... 1 (opaque).
  public var alpha: Double

  /// A colour from its components, each 0...1.
  public init(red: Double, green: Double, blue: Double, alpha: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.alpha = alpha
  }

  /// A grey, 0 (black) ... 1 (white).
  public init(gray: Double, alpha: Double = 1) {
    self.init(red: gray, green: gray, blue: gray, alpha: alpha)
  }

  /// A colour as written in style sheets: `Color(hex: 0x0072B2)`.
  public init(hex: UInt32, alpha: Double = 1) {
    func component(_ shift: UInt32) -> Double { Double((hex >> shift) & 0xFF) / 255 }
    self.init(red: component(16), green: component(8), blue: component(0), alpha: alpha)
  }

  /// The same hue with another opacity.
  public func withAlpha(_ alpha: Double) -> Color {
    Color(red: red, green: green, blue: blue, alpha: alpha)
  }
}

/// Named colours; the hues are the palette of Okabe & Ito, "Color Universal Design" (2008), which people with any
/// kind of colour blindness can tell apart.
extension Color {
  /// #000000.
  public static let black = Color(gray: 0)
  /// #FFFFFF.
  public static let white = Color(gray: 1)
  /// #0072B2.
  public static let blue = Color(hex: 0x0072B2)
  /// #D55E00.
  public static let vermillion = Color(hex: 0xD55E00)
  /// #009E73.
  public static let green = Color(hex: 0x009E73)
  /// #E69F00.
  public static let orange = Color(hex: 0xE69F00)
  /// #56B4E9.
  public static let skyBlue = Color(hex: 0x56B4E9)
  /// #CC79A7.
  public static let purple = Color(hex: 0xCC79A7)
  /// #F0E442; too light for thin lines on white.
  public static let yellow = Color(hex: 0xF0E442)
}
