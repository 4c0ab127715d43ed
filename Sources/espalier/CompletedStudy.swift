import Backdoor
import Experiment

/// What is to be studied.
enum Subject {
  /// A network and faces in files.
  case given(StudySources, excludesTarget: Bool)
  /// A BadNet to be trained first.
  case trained(BadNetRecipe)
}

/// What progress calls a run.
struct RunName {
  /// Before what is done; empty where there is one run only.
  var prefix = ""
  /// Whether no other run is at work beside it.
  var isAlone = true

  func bar(_ title: String) -> ProgressBar { ProgressBar("\(prefix)\(title)", isAlone: isAlone) }
}

/// A study that has run, with everything its folder holds; nothing appears before `commit`.
struct CompletedStudy {
  let record: RunRecord
  /// The faces that were studied.
  let faces: Splits<FaceDataset>
  /// Whatever else belongs to the run is added here.
  let outputs = StagedOutputs()
  private let folder: RunFolder

  /// - Parameters:
  ///   - folder: the run's.
  ///   - name: what progress calls the run.
  init(_ subject: Subject, _ options: StudyOptions, folder path: String, name: RunName = RunName()) throws {
    folder = RunFolder(path)
    try OutputFile.requireWritable("\(folder.path)/run.json")
    var options = options
    var seconds: [String: Double] = [:]
    switch subject {
    case .given(let sources, let excludesTarget):
      options.excludesTarget = excludesTarget
      let badNet = try sources.badNet()
      faces = try sources.faces()
      let study = try Self.study(badNet, faces, options, name, &seconds)
      warnNearChance(study.predictions.cleanValid, scale: sources.inputScale, split: .cleanValid)
      let digests = try sources.digests()
      record = study.record(
        model: sources.modelSource(of: badNet, digests), data: sources.dataSources(of: faces, digests))
      try stage(study, seconds: seconds)
    case .trained(let recipe):
      let trained = try train(
        recipe, for: folder.path, checkpoint: folder.checkpoint, threads: options.threads, name: name,
        seconds: &seconds)
      faces = trained.faces
      let study = try Self.study(trained.badNet, faces, options, name, &seconds)
      let sources = try trained.stage(in: folder, outputs: outputs)
      record = study.record(model: sources.model, data: sources.data, training: TrainingRecord(trained))
      try stage(study, seconds: seconds)
    }
  }

  /// A study of a given network that has run beside others.
  init(
    _ study: PruningStudy, of model: RunRecord.ModelSource, on faces: Splits<FaceDataset>,
    data: Splits<RunRecord.DataSource>, seconds: [String: Double], folder path: String
  ) throws {
    folder = RunFolder(path)
    try OutputFile.requireWritable("\(folder.path)/run.json")
    self.faces = faces
    record = study.record(model: model, data: data)
    try stage(study, seconds: seconds)
  }

  /// Puts every file in its place.
  func commit() throws {
    try outputs.commit(record: "\(folder.path)/run.json")
    try folder.removeLeftovers(of: record)
    Console.wrote("\(folder.path)/run.json, curve.csv and the networks")
  }

  private func stage(_ study: PruningStudy, seconds: [String: Double]) throws {
    try folder.stage(
      record, networks: study.repairedNetworks(),
      environment: RunEnvironment(threads: study.options.threads, seconds: seconds), outputs: outputs)
  }

  private static func study(
    _ badNet: BadNet, _ faces: Splits<FaceDataset>, _ options: StudyOptions, _ name: RunName,
    _ seconds: inout [String: Double]
  ) throws -> PruningStudy {
    let bar = name.bar("pruning")
    defer { bar.clear() }
    let study = try PruningStudy(of: badNet, on: faces, options: options) { progress in
      bar.update(progress.done, of: progress.total, progress.split.title)
    }
    seconds["pruning"] = bar.seconds
    return study
  }
}

/// Draws faces, poisons them and trains, with a progress bar; goes on where an earlier command was interrupted. Notes how
/// long it took.
/// - Parameters:
///   - output: what messages call the training.
///   - path: where its state is kept; the caller removes it when the network is in its place.
func train(
  _ recipe: BadNetRecipe, for output: String, checkpoint path: String, threads: Int, name: RunName = RunName(),
  seconds: inout [String: Double]
) throws -> TrainedBadNet {
  let bar = name.bar("training")
  defer { bar.clear() }
  let checkpoint = CheckpointFile(path, version: RunEnvironment.version) { notice in
    switch notice {
    case .takenUp(let epoch, let epochs):
      bar.skip(Double(epoch) / Double(epochs))
      Console.standardError("\(output): taken up after epoch \(epoch) of \(epochs)")
    case .ignored(let error): Console.warn("\(error); training begins anew")
    }
  }
  let trained = try train(recipe, checkpoint: checkpoint, threads: threads, bar: bar)
  seconds["training"] = bar.seconds
  return trained
}

/// Draws faces, poisons them and trains.
func train(
  _ recipe: BadNetRecipe, checkpoint: CheckpointFile?, threads: Int, bar: ProgressBar
) throws -> TrainedBadNet {
  try TrainedBadNet(recipe, threads: threads, checkpoint: checkpoint) { progress in
    var detail = "epoch \(progress.epoch) of \(progress.epochs)"
    if let last = progress.last {
      detail += ", loss \(rounded(last.loss, 1000)), validation \(rounded(100 * last.validationAccuracy, 10)) %"
      if let attack = last.attackSuccess { detail += ", attack \(rounded(100 * attack, 10)) %" }
    }
    bar.update(progress.step, of: progress.steps, detail)
  }
}

private func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
