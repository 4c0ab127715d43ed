import Files
import Foundation
import NeuralNetwork

/// The whole command on damaged models and faces in HDF5's newer format: status 0, or 2 with one line, and nothing else.
struct CommandTarget: Target {
  let name = "command"
  let fileExtension = "h5"
  let tokens = HDF5Words.all

  func seeds() throws -> [[UInt8]] { try Repository.corpus("model") + Repository.corpus("faces") }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    mutator.mutatedHDF5(using: &random)
  }

  func read(_ path: String, thorough: Bool) throws {
    let answer = try Self.inspect(path)
    if answer.status == 0 && answer.error.isEmpty { return }
    guard answer.isRefusal else { throw WrongAnswer(answer: answer) }
    throw InputError(path, found: answer.error.replacing("\n", with: ""))
  }

  private struct WrongAnswer: Error { let answer: Answer }

  struct Answer {
    let status: Int32
    let error: String

    /// One line that says what is wrong with the file.
    var isRefusal: Bool {
      status == 2 && error.hasPrefix("espalier: ") && error.hasSuffix("\n")
        && error.count(where: \.isNewline) == 1
    }
  }

  /// `espalier inspect` of a file, by the program that was built beside this one.
  static func inspect(_ path: String) throws -> Answer {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("espalier")
    process.arguments = ["inspect", path]
    process.standardOutput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardError = pipe
    try process.run()
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Answer(status: status, error: String(decoding: text, as: UTF8.self))
  }
}
