import Dispatch
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C, a plain `kill`, a terminal or a pipe that closes: the program ends at once and leaves no half file.
enum Interruption {
  // Made and resumed once, by `prepare`; dispatch sources may be used from any thread.
  nonisolated(unsafe) private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGPIPE].map { number in
    let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "espalier.interruption"))
    source.setEventHandler {
      Unfinished.removeAll { Glibc._exit(128 + number) }
    }
    return source
  }

  /// To be called once, before any work.
  static func prepare() {
    // A file over the limit of size is then an error like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    for source in signals {
      let number = Int32(source.handle)
      // Whoever starts the program with nohup wants it to outlive the terminal.
      if number == SIGHUP, isIgnored(number) { continue }
      signal(number, SIG_IGN)
      source.resume()
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
