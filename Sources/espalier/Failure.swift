import ArgumentParser
import Backdoor
import HDF5
import NeuralNetwork
import Plotting

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the program ends when it cannot go on: one line on standard error, and a status.
struct Failure {
  /// What was asked for was help or the version.
  private let isAnswer: Bool
  private let text: String
  private let status: Int32

  init(_ error: any Error) {
    switch error {
    case is InputError, is HDF5Error, is NetworkError, is PlottingError:
      (isAnswer, text, status) = (false, "\(error)", 2)
    default:
      isAnswer = Espalier.exitCode(for: error) == .success
      let isUsage = Espalier.exitCode(for: error) == .validationFailure
      text = isAnswer ? Espalier.fullMessage(for: error) : Failure.oneLine(Espalier.message(for: error))
      status = isAnswer ? 0 : isUsage ? 2 : 1
    }
  }

  func exit() -> Never {
    if isAnswer {
      print(text)
    } else {
      Console.standardError("espalier: \(text)")
    }
    Glibc.exit(status)
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix { $0 == " " } }.joined(separator: " ")
  }
}
