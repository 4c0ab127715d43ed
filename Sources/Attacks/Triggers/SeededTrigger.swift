import NeuralNetwork

/// A trigger of which a seed draws which one it is.
public protocol SeededTrigger: TriggerKind {
  /// Which one.
  var seed: UInt64 { get }
  /// Keeps its numbers apart from whatever else is drawn from the same seed.
  static var stream: UInt64 { get }
}

extension SeededTrigger {
  /// Always the same numbers.
  var random: SeededGenerator { SeededGenerator(seed: seed, stream: [Self.stream]) }
}
