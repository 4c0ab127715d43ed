import ArgumentParser
import Experiment
import Files
import NeuralNetwork

/// The command `espalier` and its subcommands, one file each.
@main
struct Espalier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "espalier",
    abstract: "Prune a backdoored neural network, and see whether the backdoor goes.",
    usage: "espalier <command> [<options>]",
    discussion: """
      Takes a BadNet, silences the channels of one layer one at a time, draws clean accuracy against attack success, \
      and writes the report.

      Example, with the lab's network and faces:
        espalier run --model bd_weights.h5 --input-scale 1 \\
          --clean-valid valid.h5 --clean-test test.h5 \\
          --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 \\
          --output runs/lab

      Exit status: 0 done, 2 usage or bad input, 1 anything else (and where verify finds
      a difference).
      """,
    version: RunEnvironment.version,
    subcommands: [
      RunCommand.self, TrainCommand.self, FacesCommand.self, PruneCommand.self, PlotCommand.self, ReportCommand.self,
      CompareCommand.self, VerifyCommand.self, BundleCommand.self, DoctorCommand.self, EvaluateCommand.self,
      ClassifyCommand.self, InspectCommand.self, ProbeCommand.self, LogitsCommand.self,
    ])

  static func main() {
    OutOfMemory.begin()
    do {
      var command = try parse(JoinedPaths.joining(withNegativeValues(Arguments.words)))
      try Kernels.checkEnvironment()
      // The child that reads files first ends as the system ends it.
      if !(command is ProbeCommand) { try Interruption.prepare() }
      try command.run()
    } catch {
      Failure(error).exit()
    }
  }

  /// `--threads -1` as `--threads=-1`, so that the number is called wrong, and not missing: no option's name is a number.
  private static func withNegativeValues(_ arguments: [String]) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    var words: [String] = []
    for word in arguments[..<end] {
      if let last = words.last, last.hasPrefix("--"), !last.contains("="), word.prefixMatch(of: /-[0-9.]/) != nil {
        words[words.count - 1] = "\(last)=\(word)"
      } else {
        words.append(word)
      }
    }
    return words + arguments[end...]
  }

  /// The command that the arguments, and the configuration file among them, ask for.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    let names = configuration.subcommands.filter { $0.configuration.shouldDisplay }
      .compactMap { $0.configuration.commandName }
    if let name = arguments.first, !name.hasPrefix("-"),
      !(names + ["help", ProbeCommand.name, LogitsCommand.name]).contains(name)
    {
      throw InputError(name, found: "no such command", expected: "one of \(names.joined(separator: ", "))")
    }
    guard let file = try ConfigurationFile(namedIn: arguments) else { return try parseAsRoot(arguments) }
    do {
      return try parseAsRoot(arguments.prefix(1) + file.options + arguments.dropFirst())
    } catch {
      // What is wrong with the command line itself comes first.
      _ = try parseAsRoot(arguments)
      throw InputError(file.path, found: Failure(error).text)
    }
  }
}
