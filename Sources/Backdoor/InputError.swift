/// Something given to the program is not what it has to be.
///
/// The description is one line, `location: found`, or `location: found; expected expected`, as in
/// `face.png: not a PNG or JPEG image (first bytes 47 49 46 38)`.
public struct InputError: Error, Equatable, CustomStringConvertible {
  /// Where: a file's path, an option's name, a place in a document.
  public let location: String
  /// What was found there, without a final full stop.
  public let found: String
  /// What would have been accepted, or nil where `found` says it already.
  public let expected: String?

  /// An error at `location`; line breaks in the three texts become spaces, so that the description stays one line.
  public init(_ location: String, found: String, expected: String? = nil) {
    self.location = Self.oneLine(location)
    self.found = Self.oneLine(found)
    self.expected = expected.map(Self.oneLine)
  }

  /// `location: found` or `location: found; expected expected`.
  public var description: String {
    guard let expected else { return "\(location): \(found)" }
    return "\(location): \(found); expected \(expected)"
  }

  private static func oneLine(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 })
  }
}
