import Backdoor
import Experiment

/// What is to be studied.
enum Subject {
  /// A network and faces in files.
  case given(StudySources, excludesTarget: Bool)
  /// A BadNet to be trained first.
  case trained(BadNetRecipe)
}

/// A study that has run, with everything its folder holds; nothing appears before `commit`.
struct CompletedStudy {
  let record: RunRecord
  /// The faces that were studied.
  let faces: Splits<FaceDataset>
  /// Whatever else belongs to the run is added here.
  let outputs = StagedOutputs()
  private let folder: RunFolder

  init(_ subject: Subject, _ pruning: PruningOptions, _ work: WorkOptions) throws {
    folder = RunFolder(pruning.output)
    try OutputFile.requireWritable("\(folder.path)/run.json")
    var options = StudyOptions(
      layer: pruning.layer, order: pruning.order, drops: pruning.drops, seed: pruning.seed, threads: work.threads)
    var seconds: [String: Double] = [:]
    switch subject {
    case .given(let sources, let excludesTarget):
      options.excludesTarget = excludesTarget
      let badNet = try sources.badNet()
      faces = try sources.faces()
      let study = try Self.study(badNet, faces, options, &seconds)
      warnNearChance(study.predictions.cleanValid, scale: sources.inputScale, split: .cleanValid)
      record = study.record(model: try sources.modelSource(of: badNet), data: try sources.dataSources(of: faces))
      try stage(study, threads: work.threads, seconds: seconds)
    case .trained(let recipe):
      let trained = try train(recipe, threads: work.threads, seconds: &seconds)
      faces = trained.faces
      let study = try Self.study(trained.badNet, faces, options, &seconds)
      let sources = try trained.stage(in: folder, outputs: outputs)
      record = study.record(model: sources.model, data: sources.data, training: TrainingRecord(trained))
      try stage(study, threads: work.threads, seconds: seconds)
    }
  }

  /// Puts every file in its place.
  func commit() throws {
    try outputs.commit()
    try folder.removeLeftovers(of: record)
    Console.wrote("\(folder.path)/run.json, curve.csv and the networks")
  }

  private func stage(_ study: PruningStudy, threads: Int, seconds: [String: Double]) throws {
    try folder.stage(
      record, networks: study.repairedNetworks(), environment: RunEnvironment(threads: threads, seconds: seconds),
      outputs: outputs)
  }

  private static func study(
    _ badNet: BadNet, _ faces: Splits<FaceDataset>, _ options: StudyOptions, _ seconds: inout [String: Double]
  ) throws -> PruningStudy {
    let bar = ProgressBar("pruning")
    defer { bar.clear() }
    let study = try PruningStudy(of: badNet, on: faces, options: options) { progress in
      bar.update(progress.done, of: progress.total, progress.split.title)
    }
    seconds["pruning"] = bar.seconds
    return study
  }
}

/// Draws faces, poisons them and trains, with a progress bar; notes how long it took.
func train(_ recipe: BadNetRecipe, threads: Int, seconds: inout [String: Double]) throws -> TrainedBadNet {
  let bar = ProgressBar("training")
  defer { bar.clear() }
  let trained = try TrainedBadNet(recipe, threads: threads) { progress in
    var detail = "epoch \(progress.epoch) of \(progress.epochs)"
    if let last = progress.last {
      detail += ", loss \(rounded(last.loss, 1000)), validation \(rounded(100 * last.validationAccuracy, 10)) %"
      if let attack = last.attackSuccess { detail += ", attack \(rounded(100 * attack, 10)) %" }
    }
    bar.update(progress.step, of: progress.steps, detail)
  }
  seconds["training"] = bar.seconds
  return trained
}

private func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
