import ArgumentParser
import Experiment

/// The command `espalier` and its subcommands, one file each.
@main
struct Espalier: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "espalier",
    abstract: "Prune a backdoored neural network, and see whether the backdoor goes.",
    discussion: """
      Takes a BadNet, silences the channels of one layer one at a time, draws clean accuracy against attack success, and
      writes the report.

      Example, with the lab's network and faces:
        espalier run --model bd_weights.h5 --input-scale 1 --clean-valid valid.h5 --clean-test test.h5 \\
                     --backdoored-valid bd_valid.h5 --backdoored-test bd_test.h5 --output runs/lab

      Exit status: 0 done, 2 usage or bad input, 1 anything else.
      """,
    version: RunEnvironment.version,
    subcommands: [
      RunCommand.self, TrainCommand.self, FacesCommand.self, PruneCommand.self, PlotCommand.self, ReportCommand.self, EvaluateCommand.self,
      ClassifyCommand.self, InspectCommand.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot(ConfigurationFile.expand(Array(CommandLine.arguments.dropFirst())))
      try command.run()
    } catch {
      Failure(error).exit()
    }
  }
}
