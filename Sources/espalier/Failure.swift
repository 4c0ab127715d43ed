import ArgumentParser
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the program ends when it does not go on: an answer such as help, or one line on standard error; and a status.
struct Failure {
  /// What was asked for was help or the version.
  private let isAnswer: Bool
  /// One line, unless it is an answer; empty where all has been said.
  let text: String
  private let status: Int32

  init(_ error: any Error) {
    if error is any AboutInput {
      (isAnswer, text, status) = (false, Failure.oneLine("\(error)"), 2)
      return
    }
    if error is SystemError {
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
    let text = oneLine(Espalier.message(for: error))
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
  }
}
