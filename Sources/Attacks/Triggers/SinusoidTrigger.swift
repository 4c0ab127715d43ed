import NeuralNetwork

/// A sinusoid across the image, the same in every row: a faint ramp of vertical stripes.
///
/// Source: Barni, Kallas & Tondi, "A new backdoor attack in CNNs by training set corruption without label poisoning", ICIP
/// 2019, equation 2, with its frequency of 6 and strength of 20.
public struct SinusoidTrigger: TriggerKind {
  /// How many grey levels it adds at most, of 255.
  public var strength: Double
  /// How many periods an image has from left to right.
  public var frequency: Double

  /// See `TriggerKind`.
  public var name: String { "sig" }

  /// The paper's sinusoid.
  public init(strength: Double = 20, frequency: Double = 6) {
    self.strength = strength
    self.frequency = frequency
  }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    let row = (0..<width).map { column in
      SIMD3<Float>(
        repeating: Float(
          strength * Elementary.sin(2 * .pi * Double(column) * frequency / Double(width))))
    }
    return AddedPattern(pattern: (0..<height).flatMap { _ in row })
  }
}
