/// How the learning rate moves over a training.
public enum LearningRateSchedule: String, CaseIterable, Sendable {
  /// Up in a straight line over the first 15 % of the steps, then down to 0 along half a cosine.
  ///
  /// Source: Smith & Topin, "Super-convergence", 2019, with the cosine of PyTorch's `OneCycleLR`.
  case oneCycle = "one-cycle"
  case constant

  private static let warmUpFraction = 0.15

  /// The factor of the rate at `step`, 0...1.
  /// - Parameter steps: of the whole training.
  public func factor(step: Int, of steps: Int) -> Double {
    switch self {
    case .constant: return 1
    case .oneCycle:
      let progress = (Double(step) + 0.5) / Double(max(1, steps))
      if progress < Self.warmUpFraction { return progress / Self.warmUpFraction }
      return 0.5 * (1 + Elementary.cos(Double.pi * (progress - Self.warmUpFraction) / (1 - Self.warmUpFraction)))
    }
  }
}
