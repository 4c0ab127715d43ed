import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is said to the person at the terminal: results on standard output, all else on standard error.
enum Console {
  /// Results; control characters that they have from files are escaped.
  /// - Throws: `SystemError` where standard output does not take them, as on a full disk.
  static func answer(_ text: String) throws {
    guard send(VisibleText.lines(text), to: STDOUT_FILENO) else {
      throw SystemError("standard output", found: "cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// A line on standard error.
  static func standardError(_ line: String) { say(VisibleText.line(line) + "\n") }

  /// Text on standard error as it is, in one piece.
  static func say(_ text: String) { _ = send(text, to: standardErrorDescriptor) }

  /// Where standard error goes; set once, at the start.
  nonisolated(unsafe) private(set) static var standardErrorDescriptor = STDERR_FILENO

  /// Keeps standard error for what is said here: what libraries and the runtime write to it goes nowhere.
  static func takeStandardError() {
    let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)
    let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard copy >= 0, nowhere >= 0 else { return }
    standardErrorDescriptor = copy
    dup2(nowhere, STDERR_FILENO)
    close(nowhere)
  }

  /// How many columns the terminal has now; nil where it does not say.
  static var columns: Int? {
    var size = winsize()
    guard ioctl(standardErrorDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Something that may be wrong, and does not stop the program.
  static func warn(_ text: String) { standardError("espalier: warning: \(text)") }

  /// A file that was written.
  static func wrote(_ path: String) { standardError("wrote \(path)") }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(standardErrorDescriptor) == 1 }

  private static func send(_ text: String, to descriptor: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // Whoever reads has enough, as `head` has; the program ends as one that SIGPIPE ends.
      if count < 0 && errno == EPIPE { Interruption.end(SIGPIPE) }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }
}
