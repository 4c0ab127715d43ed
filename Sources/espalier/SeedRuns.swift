import Backdoor
import Experiment
import NeuralNetwork
import Threads

/// The runs of a comparison by seed: those that are there are taken, the missing ones are made.
struct SeedRuns {
  /// One run, there already or to be made.
  struct Plan: Sendable {
    let folder: String
    let options: StudyOptions
    var finished: ComparedRun?
  }

  /// A run that is not there, and why.
  struct Failed {
    let folder: String
    let error: any Error
  }

  private(set) var plans: [Plan] = []
  private(set) var failed: [Failed] = []
  private let subject: (UInt64) throws -> Subject
  /// Of a given network and its faces, read once for all runs.
  private let digests: StudySources.Digests?

  /// Looks at what is there; nothing is run yet.
  /// - Parameters:
  ///   - subject: what is studied with a seed.
  ///   - options: of every run but for order and seed.
  ///   - orders: each with all seeds or, where a seed would change nothing, with the first alone.
  ///   - output: the folder of the runs' folders.
  /// - Throws: `InputError` where seeds change nothing, or a file of the options cannot be read.
  init(
    _ subject: @escaping (UInt64) throws -> Subject, _ options: StudyOptions, orders: [PruningOrder], seeds: [UInt64],
    output: String
  ) throws {
    self.subject = subject
    if case .given(let sources, _) = try subject(seeds[0]) { digests = try sources.digests() } else { digests = nil }
    for order in orders {
      var first = options
      first.order = order
      let settings = try Self.settings(of: subject(seeds[0]), first, digests)
      if settings.seedRole == .nothing, orders.count == 1, seeds.count > 1 {
        throw InputError(
          "--seeds", found: "\(seeds.count) seeds that change nothing in a given network",
          expected: "--validation-sample or --order random beside it")
      }
      for seed in settings.seedRole == .nothing ? [seeds[0]] : seeds {
        let folder = "\(output)/\(orders.count > 1 ? "\(order.rawValue)/" : "")seed-\(seed)"
        var options = first
        options.seed = seed
        do {
          let finished = try ComparedRun.finished(in: folder, seed: seed, settings: settings)
          plans.append(Plan(folder: folder, options: options, finished: finished))
        } catch {
          failed.append(Failed(folder: folder, error: error))
        }
      }
    }
  }

  /// Whether no run is missing.
  var isComplete: Bool { plans.allSatisfy { $0.finished != nil } }

  /// Tidies up behind commands that were killed in the runs' folder or in a finished run's, as far as that can be done.
  func tidy(_ output: String) {
    if OutputLock.isMarked(folder: output) { try? OutputLock.hold(folder: output) {} }
    for plan in plans where OutputLock.isMarked(folder: plan.folder) {
      guard let record = plan.finished?.record else { continue }
      try? OutputLock.hold(folder: plan.folder) { try RunFolder(plan.folder).removeLeftovers(of: record) }
    }
  }

  /// What is there, in the order of orders and seeds.
  var finished: [ComparedRun] { plans.compactMap(\.finished) }

  /// Makes what is missing; a run that fails is noted, and the others go on.
  /// - Parameters:
  ///   - jobs: how many networks may be trained side by side, each with its share of the threads.
  /// - Throws: what keeps all runs of a given network from running.
  mutating func complete(jobs: Int) throws {
    let missing = plans.indices.filter { plans[$0].finished == nil }
    guard let first = missing.first else { return }
    var results: [Result<ComparedRun, any Error>]
    switch try subject(plans[first].options.seed) {
    case .given(let sources, let excludesTarget):
      results = try Self.study(
        sources, digests ?? sources.digests(), excludesTarget, missing.map { plans[$0] })
    case .trained:
      let work = try missing.map { (subject: try subject(plans[$0].options.seed), plan: plans[$0]) }
      results = parallelMap(work.count, threads: jobs) { index in
        let plan = work[index].plan
        var options = plan.options
        options.threads = max(1, options.threads / min(jobs, work.count))
        return Result {
          try OutputLock.hold(folder: plan.folder) {
            let study = try CompletedStudy(
              work[index].subject, options, folder: plan.folder,
              name: RunName(prefix: "seed \(options.seed), ", isAlone: min(jobs, work.count) == 1))
            try study.commit()
            return try ComparedRun(folder: plan.folder, record: study.record)
          }
        }
      }
    }
    for (index, result) in zip(missing, results) {
      switch result {
      case .success(let run): plans[index].finished = run
      case .failure(let error): failed.append(Failed(folder: plans[index].folder, error: error))
      }
    }
  }

  /// All studies of one given network at once.
  private static func study(
    _ sources: StudySources, _ digests: StudySources.Digests, _ excludesTarget: Bool, _ plans: [Plan]
  ) throws -> [Result<ComparedRun, any Error>] {
    let badNet = try sources.badNet()
    let faces = try sources.faces()
    let bar = ProgressBar("pruning")
    defer { bar.clear() }
    let studies = try PruningStudy.studies(
      of: badNet, on: faces,
      options: plans.map { plan in
        var options = plan.options
        options.excludesTarget = excludesTarget
        return options
      }
    ) { bar.update($0.done, of: $0.total, $0.split.title) }
    let seconds = ["pruning": bar.seconds]
    bar.clear()
    warnNearChance(studies.first?.predictions.cleanValid, scale: sources.inputScale, split: .cleanValid)
    let (model, data) = (sources.modelSource(of: badNet, digests), sources.dataSources(of: faces, digests))
    return zip(plans, studies).map { plan, study in
      Result {
        try OutputLock.hold(folder: plan.folder) {
          let study = try CompletedStudy(study, of: model, on: faces, data: data, seconds: seconds, folder: plan.folder)
          try study.commit()
          return try ComparedRun(folder: plan.folder, record: study.record)
        }
      }
    }
  }

  private static func settings(
    of subject: Subject, _ options: StudyOptions, _ digests: StudySources.Digests?
  ) throws -> RunSettings {
    switch subject {
    case .given(let sources, let excludesTarget):
      var options = options
      options.excludesTarget = excludesTarget
      return try RunSettings(options, sources: sources, digests ?? sources.digests())
    case .trained(let recipe):
      return try RunSettings(options, recipe: recipe)
    }
  }
}
