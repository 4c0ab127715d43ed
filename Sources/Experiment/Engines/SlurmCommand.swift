import Files
import Foundation

/// Slurm's own commands, as they are found in the path. A controller that is busy is asked again, with growing pauses.
struct SlurmCommand: Sendable {
  /// How long one call may take: Slurm's commands hang where the controller does not answer.
  private static let patience: TimeInterval = 60
  /// Seconds between attempts.
  private static let pauses: [Double] = [1, 2, 4, 8, 15, 30, 60]

  /// What a call answered.
  struct Answer {
    let status: Int32
    let output: String
    let error: String
    /// Whether the same call may succeed later.
    var isBusy: Bool {
      guard status != 0 else { return false }
      let busy = [
        "timed out", "unable to contact slurm controller", "temporarily unable", "zero bytes were transmitted",
        "connection refused", "resource temporarily unavailable", "controller is busy", "not responding",
      ]
      return busy.contains { error.lowercased().contains($0) }
    }

    /// The last line that the command said, without its own name.
    var message: String {
      let line = error.split(whereSeparator: \.isNewline).last.map(String.init) ?? "exit status \(status)"
      return line.replacingOccurrences(of: "^[a-z]+: (error: )?", with: "", options: .regularExpression)
    }
  }

  /// Pauses are as many times shorter in tests.
  var haste = 1.0

  /// Finds out whether a command is in the path.
  /// - Throws: `InputError` where it is not.
  static func require(_ name: String) throws {
    guard path(of: name) != nil else {
      throw InputError(
        "--engine slurm", found: "no \(name) in the path",
        expected:
          "Slurm's commands, as on a cluster's login node; --engine print or --shard work with any other scheduler")
    }
  }

  private static func path(of name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Calls a command until it is not busy.
  /// - Parameter retries: of a call that must not be made twice, whether it went through after all.
  func call(_ name: String, _ arguments: [String], wentThrough: () -> Answer? = { nil }) throws -> Answer {
    var answer = try once(name, arguments)
    for pause in Self.pauses where answer.isBusy {
      Thread.sleep(forTimeInterval: pause * haste)
      if let done = wentThrough() { return done }
      answer = try once(name, arguments)
    }
    return answer
  }

  private func once(_ name: String, _ arguments: [String]) throws -> Answer {
    guard let path = Self.path(of: name) else {
      throw InputError("--engine slurm", found: "no \(name) in the path", expected: "Slurm's commands")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let (output, error) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, error)
    process.standardInput = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw SystemError(path, found: "cannot be started: \(error.localizedDescription)")
    }
    let number = process.processIdentifier
    let watchdog = DispatchWorkItem { kill(number, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience, execute: watchdog)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    watchdog.cancel()
    let isKilled = process.terminationReason == .uncaughtSignal
    return Answer(
      status: isKilled ? -1 : process.terminationStatus, output: text, error: isKilled ? "\(name) timed out" : said)
  }
}
