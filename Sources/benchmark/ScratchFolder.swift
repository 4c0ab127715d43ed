import Dispatch
import Files
import Foundation

/// A temporary folder that goes when the work is done, and when somebody interrupts it.
struct ScratchFolder {
  let path: String
  private let interruptions: [any DispatchSourceSignal]

  /// A new folder where the system keeps temporary files (`TMPDIR`).
  init() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-benchmark-\(UUID().uuidString)")
      .path
    try OutputFile.makeFolder(path)
    self.path = path
    interruptions = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        try? FileManager.default.removeItem(atPath: path)
        exit(128 + number)
      }
      source.resume()
      return source
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}
