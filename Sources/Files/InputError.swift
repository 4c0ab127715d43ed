/// Something given to the program is not what it has to be.
///
/// The description is one line, `location: found`, or `location: found; expected expected`, as in
/// `face.png: not a PNG or JPEG image (first bytes 47 49 46 38)`.
public struct InputError: AboutInput, Equatable, CustomStringConvertible {
  /// Where: a file's path, an option's name, a place in a document.
  public let location: String
  /// What was found there, without a final full stop.
  public let found: String
  /// What would have been accepted, or nil where `found` says it already.
  public let expected: String?

  /// An error at `location`; in the three texts line breaks become spaces, control characters are escaped, and what comes
  /// behind 1000 characters is left out: the description is one line that a terminal shows.
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

  /// What hostile text could do to a terminal: further lines, control characters, megabytes.
  private static func oneLine(_ text: String) -> String {
    let characters = text.prefix(1000).map { character in
      character.isNewline ? " " : VisibleText.line(String(character))
    }
    return characters.joined() + (text.dropFirst(1000).isEmpty ? "" : "…")
  }
}
