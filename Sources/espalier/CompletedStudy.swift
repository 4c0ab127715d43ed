import Attacks
import Datasets
import Experiment
import Files
import Plotting

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
  let outputs: StagedOutputs
  private let folder: RunFolder
  private let keep: KeptFiles

  /// Studies a subject.
  /// - Parameters:
  ///   - folder: the run's.
  ///   - keep: what stays in it.
  init(_ subject: Subject, _ options: StudyOptions, folder: String, keep: KeptFiles) throws {
    switch subject {
    case .given(let sources, let excludesTarget):
      try RunFolder(folder).requireWritable()
      var options = options
      options.excludesTarget = excludesTarget
      let badNet = try sources.badNet(note: Console.standardError)
      let faces = try sources.faces(for: badNet.network)
      let (studies, seconds) = try Self.studies(of: badNet, on: faces, [options])
      self = try Self(
        studies[0], of: sources, sources.digests(), on: faces, seconds: seconds, folder: folder, keep: keep)
    case .trained(let recipe):
      self = try Self.studies(of: recipe, [options], folders: [folder], keep: keep)[0]
    }
  }

  /// A study of a given network that has run, be it beside others.
  init(
    _ study: PruningStudy, of sources: StudySources, _ digests: StudySources.Digests, on faces: Splits<FaceDataset>,
    seconds: [String: Double], folder path: String, keep: KeptFiles
  ) throws {
    folder = RunFolder(path)
    self.keep = keep
    try folder.requireWritable()
    self.faces = faces
    outputs = StagedOutputs()
    record = sources.record(study, on: faces, digests)
    try stage(study, seconds: seconds)
  }

  /// A study of a network that was trained for it; network and faces go into the folder too, unless the record alone stays.
  private init(
    _ study: PruningStudy, of trained: TrainedBadNet, seconds: [String: Double], folder path: String, keep: KeptFiles
  ) throws {
    folder = RunFolder(path)
    self.keep = keep
    faces = trained.faces
    outputs = StagedOutputs()
    let sources = try trained.stage(in: folder, keep: keep, outputs: outputs)
    record =
      study.record(model: sources.model, data: sources.data, training: TrainingRecord(trained))
      .withProvenance
    try stage(study, seconds: seconds)
  }

  /// Trains one network and studies it in several ways.
  /// - Parameters:
  ///   - options: of each study.
  ///   - folders: of each study; the first keeps the training's state.
  ///   - name: what progress calls the network.
  static func studies(
    of recipe: BadNetRecipe, _ options: [StudyOptions], folders: [String], keep: KeptFiles, name: RunName = RunName()
  ) throws -> [CompletedStudy] {
    for folder in folders { try RunFolder(folder).requireWritable() }
    let (trained, training) = try train(
      recipe, for: folders[0], checkpoint: RunFolder(folders[0]).checkpoint, threads: options[0].threads, name: name)
    let (studies, seconds) = try studies(of: trained.badNet, on: trained.faces, options, name)
    return try zip(studies, folders).map { study, folder in
      try CompletedStudy(
        study, of: trained, seconds: seconds.merging(["training": training]) { $1 }, folder: folder, keep: keep)
    }
  }

  /// With a progress bar.
  /// - Returns: the studies, and how long what took.
  static func studies(
    of badNet: BadNet, on faces: Splits<FaceDataset>, _ options: [StudyOptions], _ name: RunName = RunName()
  ) throws -> ([PruningStudy], seconds: [String: Double]) {
    let bar = name.bar("pruning")
    defer { bar.clear() }
    let studies = try PruningStudy.studies(of: badNet, on: faces, options: options) { progress in
      bar.update(progress.done, of: progress.total, progress.split.title)
    }
    return (studies, ["pruning": bar.seconds])
  }

  /// Puts every file in its place.
  func commit() throws {
    try outputs.commit(record: "\(folder.path)/run.json")
    try folder.removeLeftovers(of: record, keep: keep)
  }

  /// Says what looks mixed up in the inputs.
  func warn() { for text in record.warnings ?? [] { Console.warn(text) } }

  /// Says what a study left in its folder.
  static func announce(_ folder: String, keep: KeptFiles) {
    Console.wrote(folder + (keep == .all ? "/run.json, curve.csv and the networks" : "/run.json and curve.csv"))
  }

  private func stage(_ study: PruningStudy, seconds: [String: Double]) throws {
    try folder.stage(
      record, networks: keep == .all ? study.repairedNetworks() : [], own: keep == .all ? study.ownNetwork() : nil,
      environment: RunEnvironment(
        threads: study.options.threads, libraries: DrawingLibraries.versions, seconds: seconds), outputs: outputs)
  }
}

/// Draws faces, poisons them and trains, with a progress bar; goes on where an earlier command was interrupted.
/// - Parameters:
///   - output: what messages call the training.
///   - path: where its state is kept; the caller removes it when the network is in its place.
/// - Returns: the network, and how many seconds it took.
func train(
  _ recipe: BadNetRecipe, for output: String, checkpoint path: String, threads: Int, name: RunName = RunName()
) throws -> (trained: TrainedBadNet, seconds: Double) {
  let bar = name.bar("training")
  defer { bar.clear() }
  let checkpoint = CheckpointFile(path, version: RunEnvironment.version) { notice in
    switch notice {
    case .takenUp(let epoch, let epochs):
      bar.skip(Double(epoch) / Double(epochs))
      Console.standardError("\(output): resumed after epoch \(epoch) of \(epochs)")
    case .ignored(let error): Console.warn("\(error); training restarts")
    }
  }
  return (try train(recipe, checkpoint: checkpoint, threads: threads, bar: bar), bar.seconds)
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
