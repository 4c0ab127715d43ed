import Backdoor
import Experiment

/// A study that has run, with everything its folder holds.
struct CompletedStudy {
  let record: RunRecord
  private let study: PruningStudy
  private let environment: RunEnvironment

  init(_ model: ModelOptions, _ pruning: PruningOptions, _ work: WorkOptions) throws {
    let sources = try model.sources()
    try OutputFile.requireWritable("\(pruning.output)/run.json")
    let badNet = try sources.badNet()
    let faces = try sources.faces()
    let options = StudyOptions(
      layer: pruning.layer, order: pruning.order, drops: pruning.drops, seed: pruning.seed,
      excludesTarget: model.faces.excludeTarget, threads: work.threads)
    let bar = ProgressBar("pruning")
    defer { bar.clear() }
    study = try PruningStudy(of: badNet, on: faces, options: options) { progress in
      bar.update(progress.done, of: progress.total, progress.split.title)
    }
    environment = RunEnvironment(threads: work.threads, seconds: ["study": bar.seconds])
    bar.clear()
    warnNearChance(study.predictions.cleanValid, scale: sources.inputScale, split: .cleanValid)
    record = study.record(model: try sources.modelSource(of: badNet), data: try sources.dataSources(of: faces))
  }

  func write(to folder: String) throws {
    try RunFolder(folder).write(record, networks: study.repairedNetworks(), environment: environment)
    Console.wrote("\(folder)/run.json, curve.csv and the repaired networks")
  }
}
