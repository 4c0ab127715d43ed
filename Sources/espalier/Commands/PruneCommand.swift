import ArgumentParser
import Backdoor
import Experiment

struct PruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Prune a given BadNet and record what happens.",
    discussion: """
      Writes run.json, curve.csv and a repaired network for each X into the output folder, and draws nothing. Channels are
      ranked and pruning is stopped on the clean validation faces alone; the other splits are only evaluated and may be left out.

      Example:
        espalier prune --model bd_weights.h5 --clean-valid valid.h5 --backdoored-test bd_test.h5 --output runs/lab
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var pruning: PruningOptions

  func run() throws {
    let study = try CompletedStudy(model, pruning)
    try study.write(to: pruning.output)
  }
}

/// A study that has run, with everything its folder holds.
struct CompletedStudy {
  let record: RunRecord
  private let study: PruningStudy
  private let environment: RunEnvironment

  init(_ model: ModelOptions, _ pruning: PruningOptions) throws {
    let sources = try model.sources()
    try OutputFile.requireWritable("\(pruning.output)/run.json")
    let badNet = try sources.badNet()
    let faces = try sources.faces()
    let options = StudyOptions(
      layer: pruning.layer, order: pruning.order, drops: pruning.drops, seed: pruning.seed,
      excludesTarget: model.excludeTarget, threads: model.work.threads)
    let bar = ProgressBar("pruning")
    study = try PruningStudy(of: badNet, on: faces, options: options) { progress in
      bar.update(progress.done, of: progress.total, progress.split.title)
    }
    let seconds = bar.finish()
    warnNearChance(study.predictions.cleanValid, scale: model.network.inputScale, split: .cleanValid)
    record = study.record(model: try sources.modelSource(of: badNet), data: try sources.dataSources(of: faces))
    environment = RunEnvironment(threads: model.work.threads, seconds: ["study": seconds])
  }

  func write(to folder: String) throws {
    let outputs = StagedOutputs()
    try RunFolder(folder).stage(record, networks: study.repairedNetworks(), environment: environment, outputs: outputs)
    try outputs.commit()
    Console.wrote("\(folder)/run.json, curve.csv and the repaired networks")
  }
}
