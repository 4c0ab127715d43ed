import ArgumentParser
import Experiment

/// What runs leave in their folders.
struct KeepOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What stays of a run: all, or its record, curve and environment; the rest comes back from the seed.",
      valueName: "files"))
  var keep = KeptFiles.all
}

extension KeptFiles: ExpressibleByArgument {}
