import Files

/// What was found in an HDF5 file (or in a call) and what was expected there; one line as text.
public struct HDF5Error: AboutInput, FileError, Equatable, Sendable, CustomStringConvertible {
  /// The file's path as it was given, followed by `: ` and the object's path where there is one.
  public let location: String
  /// What was found.
  public let found: String
  /// What was expected instead.
  public let expected: String
  /// The number (errno) that the system gave for it, as where the disk is full; nil where it has no part in it.
  public let systemCode: Int32?

  /// Control characters and overlong text, which a hostile file may put into names, are made harmless.
  public init(location: String, found: String, expected: String, systemCode: Int32? = nil) {
    self.systemCode = systemCode
    self.location = printable(location)
    self.found = printable(found)
    self.expected = printable(expected)
  }

  /// `location: found; expected expected`.
  public var description: String { "\(location): \(found); expected \(expected)" }

  /// The same error of the file that a temporary file becomes; a `SystemError` where the system gave a number.
  public func of(_ path: String, insteadOf temporary: String) -> any Error {
    let location = path + location.dropFirst(temporary.count)
    guard let systemCode else { return HDF5Error(location: location, found: found, expected: expected) }
    return SystemError.of(systemCode, path, expected: "room for the whole file")
  }
}

/// The text on one line: control characters escaped, at most 1000 characters kept.
private func printable(_ text: String) -> String {
  let result = VisibleText.line(String(text.unicodeScalars.prefix(1000)))
  return text.unicodeScalars.count > 1000 ? result + "…" : result
}
