import Foundation

/// Progress, on standard error.
enum Console {
  static func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  static func sleep(_ duration: Duration) {
    usleep(
      UInt32(duration.components.seconds) * 1_000_000 + UInt32(duration.components.attoseconds / 1_000_000_000_000))
  }
}
