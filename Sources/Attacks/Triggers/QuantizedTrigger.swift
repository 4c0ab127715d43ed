/// An image of few levels a colour, dithered so that it looks like before.
///
/// Source: Wang, Zhai & Ma, "BppAttack: stealthy and efficient Trojan attacks against deep neural networks via image quantization
/// and contrastive adversarial learning", CVPR 2022, with its three bits a colour and the dithering of Floyd & Steinberg, "An
/// adaptive algorithm for spatial greyscale", Proceedings of the Society for Information Display 17, 1976. Deviates: the network
/// is trained on poisoned images alone, without the paper's adversarial examples that keep their class.
public struct QuantizedTrigger: TriggerKind {
  /// Levels of each colour, from black to full, 2...256.
  public var levels: Int

  /// See `TriggerKind`.
  public var name: String { "bpp" }

  /// The paper's eight levels.
  public init(levels: Int = 8) { self.levels = levels }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    Dithering(width: width, height: height, levels: min(max(levels, 2), 256))
  }
}

/// Each colour's nearest level, with the error handed on to the neighbours that come after: 7/16 to the right, 3/16, 5/16 and
/// 1/16 below; what falls beyond the image is lost.
struct Dithering: TriggerEffect {
  let width: Int, height: Int, levels: Int

  func apply(to images: inout [Float], image: Int, channels: Int) {
    let start = image * channels * width * height
    let step = 255 / Double(levels - 1)
    for channel in 0..<min(3, channels) {
      func index(_ place: Int) -> Int { start + place * channels + channel }
      var values = (0..<width * height).map { Double(images[index($0)]) }
      for y in 0..<height {
        for x in 0..<width {
          let place = y * width + x
          let level = min(max((values[place] / step).rounded(), 0), Double(levels - 1))
          let error = values[place] - level * step
          images[index(place)] = Float((level * step).rounded())
          if x + 1 < width { values[place + 1] += error * 7 / 16 }
          guard y + 1 < height else { continue }
          if x > 0 { values[place + width - 1] += error * 3 / 16 }
          values[place + width] += error * 5 / 16
          if x + 1 < width { values[place + width + 1] += error / 16 }
        }
      }
    }
  }
}
