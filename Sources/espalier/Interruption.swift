import Backdoor
import Dispatch

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C and a plain `kill`: the program ends at once and leaves no half file.
enum Interruption {
  // Made and resumed once, by `prepare`; dispatch sources may be used from any thread.
  nonisolated(unsafe) private static let signals = [SIGINT, SIGTERM].map { number in
    let source = DispatchSource.makeSignalSource(signal: number, queue: DispatchQueue(label: "espalier.interruption"))
    source.setEventHandler {
      StagedOutputs.removeUnfinished()
      Glibc._exit(128 + number)
    }
    return source
  }

  /// To be called once, before any work.
  static func prepare() {
    for source in signals {
      signal(Int32(source.handle), SIG_IGN)
      source.resume()
    }
  }
}
