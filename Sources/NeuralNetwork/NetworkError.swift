import Files

/// A shape as Keras and NumPy print it: `(3, 3, 40, 60)`.
package func tuple(_ shape: [Int]) -> String { "(\(shape.map(String.init).joined(separator: ", ")))" }

/// Why a network cannot be built or used: where, what was found, what was expected.
public struct NetworkError: AboutInput, Equatable, CustomStringConvertible {
  /// The layer, or the part of it.
  public let location: String
  /// What is there.
  public let found: String
  /// What would have been accepted.
  public let expected: String

  /// An error at `location`.
  public init(_ location: String, found: String, expected: String) {
    self.location = location
    self.found = found
    self.expected = expected
  }

  /// `location: found; expected expected`
  public var description: String { "\(location): \(found); expected \(expected)" }
}
