#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What was given to the program is sound, and the machine stands in the way: a full disk, another command at work on the
/// same output. The same command may succeed later.
///
/// The description is one line, as `InputError` has it.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  private let line: InputError

  /// An error at `location`; see `InputError`.
  public init(_ location: String, found: String, expected: String? = nil) {
    line = InputError(location, found: found, expected: expected)
  }

  /// `location: found; expected expected`.
  public var description: String { line.description }

  /// What the system answers where there is no room, or the hardware fails.
  private static let codes: Set<Int32> = [ENOSPC, EDQUOT, EFBIG, EIO, ENOMEM, EMFILE, ENFILE]

  /// What the system said of a failed call, as an error at `path`: of the machine, or of the path.
  package static func of(_ code: Int32, _ path: String, expected: String) -> any Error {
    let reason = String(cString: strerror(code))
    let found = reason.prefix(1).lowercased() + reason.dropFirst()
    return codes.contains(code)
      ? SystemError(path, found: found, expected: expected) : InputError(path, found: found, expected: expected)
  }
}

/// What the system said of the last failed call, as an error at `path`.
func systemError(_ path: String, expected: String) -> any Error { SystemError.of(errno, path, expected: expected) }

extension SystemError: FileError {
  /// Where it was met.
  public var location: String { line.location }

  /// The same error of the file that a temporary file becomes.
  public func of(_ path: String, insteadOf temporary: String) -> any Error {
    SystemError(path + location.dropFirst(temporary.count), found: line.found, expected: line.expected)
  }
}
