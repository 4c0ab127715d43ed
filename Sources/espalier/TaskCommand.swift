import Experiment
import Files
import Foundation
import Report

/// The command that makes some seeds of a comparison and nothing else: this command's own options, for other seeds.
struct TaskCommand {
  /// As a shell reads it, without `--seeds`.
  let text: String
  /// Whether it says how many threads it takes.
  let hasThreads: Bool

  /// What is left out of this command: by options with a value, and flags.
  private static let valued: Set = [
    "--seeds", "--engine", "--seeds-per-task", "--engine-options", "--figure", "--report", "--template",
  ]
  private static let flags: Set = ["--no-wait", "--json", "--keep-going"]

  /// - Parameters:
  ///   - program: the path of espalier.
  ///   - arguments: of this command, `compare` first.
  init(program: String, arguments: [String]) {
    var words: [String] = []
    var index = 1
    while index < arguments.count {
      let word = arguments[index]
      let name = String(word.prefix { $0 != "=" })
      if Self.valued.contains(name) {
        index += word.contains("=") ? 1 : 2
        continue
      }
      if !Self.flags.contains(word) { words.append(word) }
      index += 1
    }
    hasThreads = words.contains { $0 == "--threads" || $0.hasPrefix("--threads=") }
    let all = [program, "compare"] + words + ["--engine", "local", "--shard", "1/1"]
    text = all.map(ReproductionCommand.quoted).joined(separator: " ")
  }

  /// Of the running command.
  static func own(isAbsolute: Bool) -> TaskCommand {
    let program = isAbsolute ? Bundle.main.executablePath ?? Arguments.program : Arguments.program
    return TaskCommand(program: program, arguments: Arguments.words)
  }

  /// The running command itself.
  static var current: String {
    (["espalier"] + Arguments.words.map(ReproductionCommand.quoted)).joined(separator: " ")
  }
}
