#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is said to the person at the terminal, apart from results.
enum Console {
  /// A line on standard error.
  static func standardError(_ line: String) { write(line + "\n") }

  /// Text on standard error as it is; written at once, in one piece.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Something that may be wrong, and does not stop the program.
  static func warn(_ text: String) { standardError("espalier: warning: \(text)") }

  /// A file that was written.
  static func wrote(_ path: String) { standardError("wrote \(path)") }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
