import ArgumentParser
import Experiment
import Files

struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Prune a given BadNet and record what happens.",
    usage: "espalier prune --model <file> --clean-valid <file> [<options>]",
    discussion: """
      Writes run.json, curve.csv and a repaired network for each X into the output folder, and draws nothing. Channels \
      are ranked and pruning is stopped on the clean validation faces alone; the other splits are only evaluated and \
      may be left out.

      Example:
        espalier prune --model bd_weights.h5 --clean-valid valid.h5 \\
          --backdoored-test bd_test.h5 --output runs/lab
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Image options") var triggers: TriggerOptions
  @OptionGroup(title: "Pruning options") var pruning: PruningOptions
  @OptionGroup var forcing: ForceOption
  @OptionGroup var work: WorkOptions

  func run() throws {
    let options = try pruning.choice.study(seed: pruning.seed, threads: work.threads)
    var check = OutputCheck(forcing)
    check.reads(work.config, "--config")
    check.reads(model)
    check.reads(triggers)
    check.writes(run: pruning.output, drops: pruning.choice.drops)
    try check.check()
    let subject = Subject.given(try model.sources(triggers), excludesTarget: model.faces.excludeTarget)
    try model.probe()
    try OutputLock.hold(folder: pruning.output) {
      let study = try CompletedStudy(subject, options, folder: pruning.output, keep: pruning.keeping.keep)
      study.warn()
      try study.commit()
      CompletedStudy.announce(pruning.output, keep: pruning.keeping.keep)
    }
  }
}
