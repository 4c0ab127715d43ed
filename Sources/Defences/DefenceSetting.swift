import Files

/// A number that a defence takes: `u` of `u=3`.
public struct DefenceSetting: Equatable, Sendable {
  /// Its name in `--defence-options`.
  public let name: String
  /// The paper's value, where the paper names one.
  public let standard: Double
  /// What is allowed, both ends included.
  public let range: ClosedRange<Double>
  /// Whether it counts something.
  public let isWhole: Bool
  /// What it means, in a few words.
  public let meaning: String

  /// A number in `range`.
  static func number(
    _ name: String, _ standard: Double, _ range: ClosedRange<Double>, _ meaning: String
  ) -> DefenceSetting {
    DefenceSetting(name: name, standard: standard, range: range, isWhole: false, meaning: meaning)
  }

  /// A whole number in `range`.
  static func count(_ name: String, _ standard: Int, _ range: ClosedRange<Int>, _ meaning: String) -> DefenceSetting {
    DefenceSetting(
      name: name, standard: Double(standard), range: Double(range.lowerBound)...Double(range.upperBound), isWhole: true,
      meaning: meaning)
  }

  /// A factor of the gradient in a step, 0...100.
  static func rate(_ name: String, _ standard: Double, _ meaning: String) -> DefenceSetting {
    number(name, standard, 0...100, meaning)
  }

  /// Passes over images.
  static func epochs(_ name: String, _ meaning: String) -> DefenceSetting {
    count(name, 20, 1...100_000, meaning)
  }

  /// A share, a weight in a mean, or a mask: 0...1.
  static func share(_ name: String, _ standard: Double, _ meaning: String) -> DefenceSetting {
    number(name, standard, 0...1, meaning)
  }

  /// Images of which a step takes its gradient.
  static func batch(_ standard: Int) -> DefenceSetting { count("batch", standard, 1...65_536, "images a step") }

  /// What is accepted, in words.
  var expected: String {
    let (low, high) = (DefenceValues.text(range.lowerBound), DefenceValues.text(range.upperBound))
    return "\(isWhole ? "a whole number" : "a number") in \(low)...\(high)"
  }
}

/// The values of a defence's settings, all of them.
public struct DefenceValues: Equatable, Sendable {
  /// By name.
  public var values: [String: Double]

  /// The given values.
  public init(values: [String: Double]) { self.values = values }

  /// The value of a setting that the defence has.
  subscript(name: String) -> Double { values[name] ?? 0 }

  /// The value of one that counts something.
  func count(_ name: String) -> Int { Int(self[name]) }

  /// `u=3`, in the order of names; empty without settings.
  public var text: String {
    values.keys.sorted().map { "\($0)=\(Self.text(values[$0] ?? 0))" }.joined(separator: ",")
  }

  /// Without needless zeros: `3`, `0.01`.
  static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
