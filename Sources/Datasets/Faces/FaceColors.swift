import NeuralNetwork
import Plotting

/// The palettes faces are coloured from.
enum FaceColors {
  private static let skins: [UInt32] = [0xF4D6C4, 0xEBC3A5, 0xDCA983, 0xC48F65, 0xA0704C, 0x7A5036, 0x553726]
  private static let darkHairs: [UInt32] = [0x191513, 0x2B1F19, 0x3B2A20, 0x6E6C6B]
  private static let lightHairs: [UInt32] = [
    0x211A17, 0x46301F, 0x6A4A30, 0x8F6A42, 0xC9A468, 0xE2CC98, 0x8A3F1F, 0x8C8A88, 0xD6D3CE,
  ]
  private static let irises: [UInt32] = [0x5B7FA6, 0x6B8F6A, 0x8A9AA0, 0x7A5A34, 0x4A3020]

  /// Skin from light (tone 0) to dark (1), a little redder or yellower.
  static func skin(tone: Double, using random: inout SeededGenerator) -> Color {
    let place = tone * Double(skins.count - 1)
    let index = min(Int(place), skins.count - 2)
    let color = Color(hex: skins[index]).mixed(with: Color(hex: skins[index + 1]), place - Double(index))
    let hue = random.uniform(in: -0.025..<0.025)
    return Color(red: color.red + hue, green: color.green, blue: color.blue - hue)
  }

  /// Any hair for light skin, mostly black for dark skin.
  static func hair(skinTone: Double, using random: inout SeededGenerator) -> Color {
    let color = Color(hex: random.element(of: skinTone > 0.5 ? darkHairs : lightHairs))
    return color.lightened(by: random.uniform(in: 0.85..<1.15))
  }

  static func iris(skinTone: Double, using random: inout SeededGenerator) -> Color {
    Color(hex: random.element(of: skinTone > 0.5 ? Array(irises.suffix(2)) : irises))
  }

  /// Any hue, from dark to light and from grey to colourful.
  static func fabric(using random: inout SeededGenerator) -> Color {
    color(
      hue: random.uniform(), saturation: random.uniform(in: 0.05..<0.75), brightness: random.uniform(in: 0.15..<0.9))
  }

  /// Two muted colours, the second near the first.
  static func background(using random: inout SeededGenerator) -> [Color] {
    let top = color(
      hue: random.uniform(), saturation: random.uniform(in: 0..<0.45), brightness: random.uniform(in: 0.15..<0.95))
    return [top, top.lightened(by: random.uniform(in: 0.6..<1.3))]
  }

  /// A colour from hue, saturation and brightness, each 0...1.
  private static func color(hue: Double, saturation: Double, brightness: Double) -> Color {
    func component(_ offset: Double) -> Double {
      let place = (offset + hue * 6).truncatingRemainder(dividingBy: 6)
      return brightness * (1 - saturation * max(0, min(place, 4 - place, 1)))
    }
    return Color(red: component(5), green: component(3), blue: component(1))
  }
}

extension Color {
  /// The colour `fraction` (0...1) of the way to another.
  func mixed(with other: Color, _ fraction: Double) -> Color {
    Color(
      red: red + (other.red - red) * fraction, green: green + (other.green - green) * fraction,
      blue: blue + (other.blue - blue) * fraction, alpha: alpha + (other.alpha - alpha) * fraction)
  }

  /// Brighter (factor above 1) or darker, within what can be shown.
  func lightened(by factor: Double) -> Color {
    Color(red: min(red * factor, 1), green: min(green * factor, 1), blue: min(blue * factor, 1), alpha: alpha)
  }
}
