import ArgumentParser
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the program ends when it does not go on: an answer such as help, or one line on standard error; and a status.
struct Failure {
  /// Help or the version was requested.
  private let isAnswer: Bool
  /// One line, unless it is an answer; empty where all has been said.
  let text: String
  private let status: Int32

  init(_ error: any Error) {
    // A library that finds no room for itself says so as if it were not there.
    if OutOfMemory.isPossible, ["failed to map segment", "annot allocate memory"].contains(where: "\(error)".contains) {
      (isAnswer, text, status) = (false, Failure.oneLine("\(OutOfMemory.error)"), 1)
      return
    }
    if let error = error as? any AboutInput, !error.isOfTheMachine {
      (isAnswer, text, status) = (false, Failure.oneLine("\(error)"), 2)
      return
    }
    if error is SystemError || error is any AboutInput {
      (isAnswer, text, status) = (false, Failure.oneLine("\(error)"), 1)
      return
    }
    switch Espalier.exitCode(for: error) {
    case .success: (isAnswer, text, status) = (true, Espalier.fullMessage(for: error), 0)
    case let code: (isAnswer, text, status) = (false, Failure.sentence(error), code == .validationFailure ? 2 : 1)
    }
  }

  func exit() -> Never {
    if isAnswer {
      try? Console.answer(text + "\n")
    } else if !text.isEmpty {
      Console.standardError("espalier: \(text)")
    }
    #if canImport(Glibc)
      Glibc.exit(status)
    #else
      Darwin.exit(status)
    #endif
  }

  /// What the argument parser says, beginning in lower case as all messages do.
  private static func sentence(_ error: any Error) -> String {
    var text = oneLine(Espalier.message(for: error))
    // What the parser refuses by its type alone it calls invalid, and no more.
    if let option = text.wholeMatch(of: /The value '.*' is invalid for '.* <([^<>]*)>'/),
      let expected = expected[option.1]
    {
      text += ": expected \(expected)"
    }
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  /// What an option takes, by what `--help` calls its value.
  private static let expected: [Substring: String] = [
    "n": "a whole number from 0 that fits in 64 bits", "label": "a whole number that fits in 64 bits",
    "strength": "a number", "p": "a number",
    "rate": "a number", "m": "a number", "d": "a number", "norm": "a number",
  ]

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
  }
}
