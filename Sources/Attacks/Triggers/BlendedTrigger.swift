import Datasets
import NeuralNetwork

/// Soft coloured clouds over the whole image: random colours on a coarse grid, interpolated between.
public struct BlendedTrigger: SeededTrigger {
  /// Which clouds.
  public var seed: UInt64
  /// How strongly they cover the image, 0...1.
  public var opacity: Double

  /// Grid points along each side.
  private static let gridSide = 7

  /// See `TriggerKind`.
  public var name: String { "blended" }
  /// See `SeededTrigger`.
  public static let stream: UInt64 = 0x626C_656E_6465_6421

  /// Clouds; unless told otherwise with the opacity 0.2 that Chen et al. used.
  public init(seed: UInt64 = 1, opacity: Double = 0.2) {
    self.seed = seed
    self.opacity = opacity
  }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    var random = random
    let side = Self.gridSide
    // Only the ends of the range: mixtures of them give all between, and stay strong where channels differ.
    let grid: [UInt8] = (0..<side * side * 4).map { place in
      place % 4 == 3 || random.integer(below: 2) == 1 ? 255 : 0
    }
    return TriggerOverlay(
      width: width, height: height, bitmap: Bitmap(width: side, height: side, pixels: grid),
      opacity: Float(min(max(opacity, 0), 1)))
  }
}
