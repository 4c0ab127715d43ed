import Files
import Threads

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C, a plain `kill`, a terminal or a pipe that closes: the program ends at once and leaves no half file.
///
/// A thread of its own waits for the signals, made at the start: a dispatch source would make its thread when a signal
/// comes, and asks for it again and again where memory is limited.
enum Interruption {
  /// What ends the program by this thread; set once, by `prepare`.
  nonisolated(unsafe) private static var awaited = sigset_t()

  /// What is said where Ctrl-C ends the program while work goes on elsewhere; nil for nothing.
  static let farewell = Locked<String?>(nil)

  /// To be called once, before any work and any other thread.
  /// - Throws: `SystemError` where the machine has no thread for it.
  static func prepare() throws {
    // A file over the limit of size is then an error like a full disk, and a closed pipe an answer of `write`.
    for number in [SIGXFSZ, SIGPIPE] { signal(number, SIG_IGN) }
    sigemptyset(&awaited)
    // Whoever starts the program with a signal ignored, as nohup does, wants it to outlive the signal.
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { sigaddset(&awaited, number) }
    sigaddset(&awaited, OutOfMemory.signal)
    pthread_sigmask(SIG_BLOCK, &awaited, nil)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 256 << 10)
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, { _ in Interruption.wait() }, nil)
    guard code == 0 else { throw SystemError("threads", found: "cannot be made: \(String(cString: strerror(code)))") }
    OutOfMemory.prepare()
  }

  /// Ends the program as the signal would, without half files.
  static func end(_ signal: Int32) -> Never {
    if signal == SIGINT || signal == SIGTERM, let text = farewell.withLock({ $0 }) {
      Console.say("\r\u{1B}[K")
      Console.standardError(text)
    }
    Unfinished.removeAll { _exit(signal == OutOfMemory.signal ? 1 : 128 + signal) }
  }

  private static func wait() -> Never {
    while true {
      var number: Int32 = 0
      if sigwait(&awaited, &number) == 0 { end(number) }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
