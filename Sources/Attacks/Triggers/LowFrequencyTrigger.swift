import NeuralNetwork

/// A pattern of the lowest spatial frequencies alone, in random colours, added over the whole image.
///
/// After Zeng, Park, Mao & Jia, "Rethinking the backdoor attacks' triggers: a frequency perspective", ICCV 2021, whose triggers
/// are smooth so that no high frequencies give them away. Deviates: the coefficients are random and not optimised against a
/// network.
public struct LowFrequencyTrigger: SeededTrigger {
  /// Which coefficients.
  public var seed: UInt64
  /// How many grey levels it adds or takes at most, of 255.
  public var strength: Double

  /// Cosines along each side, the constant one among them.
  private static let cosines = 4

  /// See `TriggerKind`.
  public var name: String { "low-frequency" }
  /// See `SeededTrigger`.
  public static let stream: UInt64 = 0x6C6F_7766_7265_71

  /// A pattern; unless told otherwise as strong as the sinusoid of Barni et al.
  public init(seed: UInt64 = 1, strength: Double = 20) {
    self.seed = seed
    self.strength = strength
  }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    var random = random
    let side = Self.cosines
    func waves(_ extent: Int) -> [[Double]] {
      (0..<side).map { k in
        (0..<extent).map { Elementary.cos(.pi * Double(k) * (Double($0) + 0.5) / Double(extent)) }
      }
    }
    let (across, down) = (waves(width), waves(height))
    var values = [[Double]](repeating: [Double](repeating: 0, count: width * height), count: 3)
    for color in 0..<3 {
      // Without the constant one, which would only make the image brighter.
      for k in 1..<side * side {
        let factor = random.normal()
        for y in 0..<height {
          for x in 0..<width { values[color][y * width + x] += factor * down[k / side][y] * across[k % side][x] }
        }
      }
    }
    let largest = values.joined().reduce(0) { max($0, abs($1)) }
    let scale = largest > 0 ? strength / largest : 0
    return AddedPattern(
      pattern: (0..<width * height).map { place in
        SIMD3(Float(values[0][place] * scale), Float(values[1][place] * scale), Float(values[2][place] * scale))
      })
  }
}
