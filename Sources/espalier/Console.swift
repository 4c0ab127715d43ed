import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is said to the person at the terminal: results on standard output, all else on standard error.
enum Console {
  /// Results.
  /// - Throws: `SystemError` where standard output does not take them, as on a full disk.
  static func answer(_ text: String) throws {
    guard send(text, to: STDOUT_FILENO) else {
      throw SystemError("standard output", found: "cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// A line on standard error.
  static func standardError(_ line: String) { say(line + "\n") }

  /// Text on standard error as it is, in one piece.
  static func say(_ text: String) { _ = send(text, to: STDERR_FILENO) }

  /// Something that may be wrong, and does not stop the program.
  static func warn(_ text: String) { standardError("espalier: warning: \(text)") }

  /// A file that was written.
  static func wrote(_ path: String) { standardError("wrote \(path)") }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  private static func send(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }
}
