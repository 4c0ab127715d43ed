import Attacks
import Datasets
import Experiment
import Files

/// A finished run that is made again in its own folder, as its record says.
struct RunAgain {
  private let record: RunRecord
  private let folder: String
  private let keep: KeptFiles
  private let threads: Int

  /// - Parameter path: the run's folder, or the `run.json` in it.
  init(_ path: String, keep: KeptFiles, threads: Int) throws {
    record = try RunRecord.read(path)
    folder = OutputFile.isFolder(path) ? path : OutputFile.folder(of: path)
    (self.keep, self.threads) = (keep, threads)
  }

  /// Trains where the run did, studies, and puts every file in its place.
  /// - Throws: `InputError` where another record comes out; the folder then stays as it was.
  func make(_ forcing: ForceOption) throws {
    var check = OutputCheck(forcing)
    if let sources = StudySources(of: record) {
      check.reads(sources.model, "the run's network")
      check.reads(sources.data)
    }
    check.writes(run: folder, drops: record.repaired.map(\.drop))
    try check.check()
    try probe()
    try OutputLock.hold(folder: folder) {
      let options = try StudyOptions(of: record, threads: threads)
      let study = try CompletedStudy(subject, options, folder: folder, keep: keep)
      study.warn()
      try record.requireSame(as: study.record, location: "\(folder)/run.json")
      try study.commit()
      CompletedStudy.announce(folder, keep: keep)
    }
  }

  private var subject: Subject {
    get throws {
      if let recipe = record.training?.recipe { return .trained(recipe) }
      guard let sources = StudySources(of: record) else {
        throw InputError(folder, found: "no recipe and no files", expected: "one of them in its record")
      }
      return .given(sources, excludesTarget: record.excludesTarget)
    }
  }

  private func probe() throws {
    guard let sources = StudySources(of: record) else { return }
    var probe = HDF5Probe()
    probe.add(sources.model, as: .model)
    probe.add(sources.data)
    try probe.run()
  }
}

extension RunCommand {
  /// - Throws: `InputError` where an option beside the folder would shape another run, or a document.
  func requireNothingBeside(_ folder: String) throws {
    var plain = try RunCommand.parse([])
    plain.pruning.seed = pruning.seed
    let isPlain =
      try pruning.study == plain.pruning.study && pruning.seed == 1 && pruning.output == plain.pruning.output
      && recipe.recipe(seed: 1) == BadNetRecipe() && model.network.model == nil && model.network.inputScale == 1
      && model.faces.paths == Splits() && !model.faces.excludeTarget && !document.isGiven
      && places.figure == plain.places.figure && places.report == plain.places.report
    guard isPlain else {
      throw InputError(
        folder, found: "options of another run, or of documents, beside it",
        expected: "--keep and --threads alone; espalier plot and report make its documents")
    }
  }
}

extension PruningOptions {
  fileprivate var study: StudyOptions { get throws { try choice.study(seed: seed, threads: 1) } }
}
