/// An error that speaks of what was given to the program, and not of the program or the machine.
public protocol AboutInput: Error {
  /// Whether it is of the machine all the same, as where its memory is full; false unless told.
  var isOfTheMachine: Bool { get }
}

extension AboutInput {
  /// False.
  public var isOfTheMachine: Bool { false }
}

/// An error that names the file it was met in.
public protocol FileError: Error {
  /// The path, followed by `: ` and a place inside the file where there is one.
  var location: String { get }

  /// The same error of the file that a temporary file becomes.
  func of(_ path: String, insteadOf temporary: String) -> any Error
}
