import Files
import Foundation

/// Another framework in a process of its own, which does what a line on its standard input says and answers with
/// seconds, so that its runs and ours can take turns.
final class Peer {
  /// Which one it is and its version, as it says itself.
  let version: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let log: String
  private var received: [UInt8] = []

  /// Starts a framework.
  /// - Parameters:
  ///   - name: as Tests/Tools/peers calls it.
  ///   - folder: where the workload lies, and the place for what the framework says.
  /// - Throws: `InputError` with the framework's last word where it does not start.
  init(_ name: String, python: PythonPeers, folder: String, threads: Int) throws {
    log = "\(folder)/\(name).log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.executableURL = URL(fileURLWithPath: python.interpreter)
    process.arguments = [python.script, name, folder, "\(threads)"]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: log)
    try process.run()
    let greeting = try Self.line(of: output, &received) ?? ""
    guard greeting.hasPrefix("ready ") else { throw InputError(name, found: Self.lastLine(of: log)) }
    version = String(greeting.dropFirst(6))
  }

  /// Does something and answers what it gave: seconds first.
  /// - Throws: `InputError` where the framework ends instead.
  func ask(_ command: String) throws -> [Double] {
    try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
    guard let line = try Self.line(of: output, &received) else {
      throw InputError("\(version): \(command)", found: Self.lastLine(of: log))
    }
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    guard !numbers.isEmpty else { throw InputError("\(version): \(command)", found: line, expected: "seconds") }
    return numbers
  }

  /// Ends the process.
  func close() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private static func line(of pipe: Pipe, _ received: inout [UInt8]) throws -> String? {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        defer { received.removeSubrange(...end) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      let bytes = pipe.fileHandleForReading.availableData
      guard !bytes.isEmpty else { return nil }
      received += bytes
    }
  }

  private static func lastLine(of log: String) -> String {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    return text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "no answer"
  }
}

/// Where the frameworks are.
struct PythonPeers {
  /// A Python that has them.
  let interpreter: String
  /// Tests/Tools/peers.
  let script: String
}

/// The frameworks that started.
struct Peers {
  var onnxRuntime: Peer?
  var pyTorch: Peer?
  var keras: Peer?
  /// A line for each that did not.
  private(set) var missing: [String] = []

  /// Starts those that can be started, unless there is no Python.
  init(_ python: PythonPeers?, folder: String, threads: Int) {
    guard let python else {
      missing = ["No other framework was measured in this run."]
      return
    }
    onnxRuntime = start("onnxruntime", python, folder, threads)
    pyTorch = start("pytorch", python, folder, threads)
    keras = start("keras", python, folder, threads)
  }

  var all: [Peer] { [onnxRuntime, pyTorch, keras].compactMap { $0 } }

  private mutating func start(_ name: String, _ python: PythonPeers, _ folder: String, _ threads: Int) -> Peer? {
    do {
      let peer = try Peer(name, python: python, folder: folder, threads: threads)
      Console.say("measuring against \(peer.version)")
      return peer
    } catch {
      missing.append("\(name) could not be started and is left out (\(error)).")
      Console.say("\(name) is left out: \(error)")
      return nil
    }
  }
}
