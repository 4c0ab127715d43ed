import Attacks
import Defences
import Experiment
import Files
import NeuralNetwork
import Threads

/// The runs of a comparison by seed: those that are there are taken, the missing ones are made.
struct SeedRuns {
  /// One way to study a network, with every seed.
  struct Variant: Sendable {
    /// Where its runs are, below the comparison's folder; empty for the folder itself.
    let folder: String
    /// All but for the seed.
    let options: StudyOptions
    /// The attack on a network that is trained here; nil for that of the recipe.
    var attack: AttackChoice?
  }

  /// One run, there already or to be made.
  struct Plan: Sendable {
    let folder: String
    let options: StudyOptions
    let attack: AttackChoice?
    var finished: ComparedRun?

    /// The same for runs of one network.
    var network: Network { Network(seed: options.seed, attack: attack?.name) }

    struct Network: Hashable, Comparable {
      let seed: UInt64, attack: String?

      static func < (one: Network, other: Network) -> Bool {
        (one.seed, one.attack ?? "") < (other.seed, other.attack ?? "")
      }
    }
  }

  /// A run that is not there, and why.
  struct Failed {
    let folder: String
    let error: any Error
  }

  private(set) var plans: [Plan] = []
  private(set) var failed: [Failed] = []
  private let subject: (UInt64, AttackChoice?) throws -> Subject
  /// Of a given network and its faces, read once for all runs.
  private let digests: StudySources.Digests?
  private let keep: KeptFiles

  /// Looks at what is there; nothing is run yet.
  /// - Parameters:
  ///   - subject: what is studied with a seed and an attack.
  ///   - variants: each with all seeds or, where a seed would change nothing, with the first alone.
  ///   - output: the folder of the runs' folders.
  ///   - keep: what stays in the folder of a run that is made.
  /// - Throws: `InputError` where seeds change nothing, or a file of the options cannot be read.
  init(
    _ subject: @escaping (UInt64, AttackChoice?) throws -> Subject, _ variants: [Variant], seeds: [UInt64],
    output: String, keep: KeptFiles
  ) throws {
    (self.subject, self.keep) = (subject, keep)
    var network: NeuralNetwork.Network?
    if case .given(let sources, _) = try subject(seeds[0], variants.first?.attack) {
      digests = try sources.digests()
      // Which layer is pruned may be the network's to say.
      if variants.contains(where: \.options.choosesLayer) { network = try sources.badNet().network }
    } else {
      digests = nil
    }
    for variant in variants {
      let first = try network.map { try variant.options.choosingLayer(of: $0) } ?? variant.options.choosingAllLayers
      let settings = try Self.settings(of: subject(seeds[0], variant.attack), first, digests)
      if settings.seedRole == .nothing, variants.count == 1, seeds.count > 1 {
        throw InputError(
          "--seeds", found: "\(seeds.count) seeds that change nothing in a given network",
          expected: "--validation-sample or --order random beside it")
      }
      let studied = settings.seedRole == .nothing ? [seeds[0]] : seeds
      let parent = variant.folder.isEmpty ? output : "\(output)/\(variant.folder)"
      let found = parallelMap(studied.count, threads: first.threads) { index in
        Result {
          try ComparedRun.finished(in: "\(parent)/seed-\(studied[index])", seed: studied[index], settings: settings)
        }
      }
      for (seed, found) in zip(studied, found) {
        let folder = "\(parent)/seed-\(seed)"
        var options = first
        options.seed = seed
        switch found {
        case .success(let run):
          plans.append(Plan(folder: folder, options: options, attack: variant.attack, finished: run))
        case .failure(let error): failed.append(Failed(folder: folder, error: error))
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

  /// What is there, in the order of variants and seeds.
  var finished: [ComparedRun] { plans.compactMap(\.finished) }

  /// Makes what is missing; a run that fails is noted, and the others go on.
  /// - Parameters:
  ///   - jobs: how many networks may be trained side by side, each with its share of the threads.
  /// - Throws: what keeps all runs of a given network from running.
  mutating func complete(jobs: Int) throws {
    let missing = plans.indices.filter { plans[$0].finished == nil }
    guard let first = missing.first else { return }
    let results: [Result<ComparedRun, any Error>]
    switch try subject(plans[first].options.seed, plans[first].attack) {
    case .given(let sources, let excludesTarget):
      results = try Self.study(sources, digests ?? sources.digests(), excludesTarget, missing.map { plans[$0] }, keep)
    case .trained:
      var recipes: [Plan.Network: BadNetRecipe] = [:]
      for plan in missing.map({ plans[$0] }) where recipes[plan.network] == nil {
        if case .trained(let recipe) = try subject(plan.options.seed, plan.attack) { recipes[plan.network] = recipe }
      }
      results = Self.study(recipes, missing.map { plans[$0] }, keep, jobs: jobs)
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
    _ sources: StudySources, _ digests: StudySources.Digests, _ excludesTarget: Bool, _ plans: [Plan],
    _ keep: KeptFiles
  ) throws -> [Result<ComparedRun, any Error>] {
    let badNet = try sources.badNet(note: Console.standardError)
    let faces = try sources.faces(for: badNet.network)
    let options = plans.map { plan in
      var options = plan.options
      options.excludesTarget = excludesTarget
      return options
    }
    let (studies, seconds) = try CompletedStudy.studies(of: badNet, on: faces, options)
    // Each waits for the disk most of the time.
    let results = parallelMap(plans.count, threads: 8) { index in
      let folder = plans[index].folder
      return Result {
        try OutputLock.hold(folder: folder) {
          try commit(
            CompletedStudy(
              studies[index], of: sources, digests, on: faces, seconds: seconds, folder: folder, keep: keep), folder)
        }
      }
    }
    var said: Set<String> = []
    for case .success(let run) in results {
      for text in run.record.warnings ?? [] where said.insert(text).inserted { Console.warn(text) }
    }
    for case .success(let run) in results { CompletedStudy.announce(run.folder, keep: keep) }
    return results
  }

  /// The studies of networks to be trained: one for each seed and attack, whatever is then studied in it.
  private static func study(
    _ recipes: [Plan.Network: BadNetRecipe], _ plans: [Plan], _ keep: KeptFiles, jobs: Int
  ) -> [Result<ComparedRun, any Error>] {
    let work = recipes.sorted { $0.key < $1.key }.map { network, recipe in
      (recipe: recipe, attack: network.attack, places: plans.indices.filter { plans[$0].network == network })
    }
    let jobs = min(jobs, work.count)
    let found = parallelMap(work.count, threads: jobs) { index in
      let (recipe, attack, places) = work[index]
      let folders = places.map { plans[$0].folder }
      let options = places.map { place in
        var options = plans[place].options
        options.threads = max(1, options.threads / jobs)
        return options
      }
      let name = RunName(prefix: (attack.map { "\($0), " } ?? "") + "seed \(recipe.seed), ", isAlone: jobs == 1)
      return Result {
        try hold(folders[...]) {
          try zip(CompletedStudy.studies(of: recipe, options, folders: folders, keep: keep, name: name), folders)
            .map { study, folder in
              Result {
                let run = try commit(study, folder)
                study.warn()
                CompletedStudy.announce(folder, keep: keep)
                return run
              }
            }
        }
      }
    }
    var results = [Result<ComparedRun, any Error>?](repeating: nil, count: plans.count)
    for ((_, _, places), found) in zip(work, found) {
      for (index, place) in places.enumerated() { results[place] = found.flatMap { $0[index] } }
    }
    return results.compactMap { $0 }
  }

  /// Runs `body` while no other command writes into any of the folders.
  private static func hold<Value>(_ folders: ArraySlice<String>, _ body: () throws -> Value) throws -> Value {
    guard let first = folders.first else { return try body() }
    return try OutputLock.hold(folder: first) { try hold(folders.dropFirst(), body) }
  }

  private static func commit(_ study: CompletedStudy, _ folder: String) throws -> ComparedRun {
    try study.commit()
    return try ComparedRun(folder: folder, record: study.record)
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
