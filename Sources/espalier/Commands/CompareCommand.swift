import ArgumentParser
import Defences
import Experiment
import Files
import NeuralNetwork
import Report
import Threads

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare runs across seeds: how much of a curve is luck?",
    usage: """
      espalier compare <run> ... [<options>]
      espalier compare --seeds <seeds> [<options>]
      """,
    discussion: """
      Takes finished runs, or with --seeds makes those that are missing and keeps those that are there. Without --model \
      each seed trains a network of its own; with it, a seed draws the --validation-sample that ranks and stops. Runs may \
      differ in nothing else, unless --across names it: with --across order each network is pruned in every order, with \
      --across defence by every defence, with --across attack there is a network for every attack. Each network is trained \
      once.

      Leaves the figure of the curves; beside it the distribution at each X and sheets of the single runs; the report; and \
      in --output the tables comparison.csv and curves.csv.

      Example:
        espalier compare runs/a runs/b
        espalier compare --seeds 1-5 --jobs 2
        espalier compare --seeds 1-5 --across order
        espalier compare --seeds 1-5 --across defence --defences pruning,fine-pruning,clp
        espalier compare --seeds 1-5 --across attack,defence --attacks sunglasses,wanet
        espalier compare --seeds 1-1000 --keep record --engine slurm

      Example, with the lab's network, and with all orders of pruning:
        espalier compare --seeds 1-10 --validation-sample 100 \\
          --model bd_weights.h5 --clean-valid valid.h5 --backdoored-valid bd_valid.h5
        espalier compare --seeds 1-10 --across order \\
          --model bd_weights.h5 --clean-valid valid.h5 --backdoored-valid bd_valid.h5
      """)

  @Argument(
    help: ArgumentHelp("Folders of finished runs, or their run.json.", valueName: "run"), transform: JoinedPaths.init)
  var paths: [JoinedPaths] = []
  private var runs: [String] { paths.flatMap(\.paths) }

  @Option(
    help: ArgumentHelp("The seeds to compare, as 1-10 or 1-100,200.", valueName: "seeds"), transform: seeds(from:))
  var seeds: [UInt64] = []

  @Option(
    help: ArgumentHelp(
      "A setting that may differ beside the seed: order, defence, attack, or attack,defence for both.",
      valueName: "field"))
  var across: String?

  @Option(
    help: ArgumentHelp(
      "With --across defence: which. (default: all that the network allows, and the oracle)", valueName: "d,d,…"),
    transform: names(from:))
  var defences: [String]?

  @Option(
    help: ArgumentHelp(
      "With --across attack: which, each a trigger with what changes it behind a plus, as sig+clean-label, or none.",
      valueName: "a,a,…"), transform: names(from:))
  var attacks: [String]?

  @Option(
    help: ArgumentHelp("How many networks are trained side by side; they share the threads.", valueName: "n"),
    transform: workerCount(from:))
  var jobs = 1

  @OptionGroup var keeping: KeepOption

  @Flag(help: "Compare what can be compared, where a run fails or is refused.")
  var keepGoing = false

  @Flag(help: "Print the whole comparison as one JSON document.")
  var json = false

  @OptionGroup(title: "Engine options") var engine: EngineOptions
  @OptionGroup(title: "Report options") var document: ComparisonDocumentOptions
  @OptionGroup var forcing: ForceOption
  @OptionGroup var model: ModelOptions
  @OptionGroup(title: "Pruning options") var pruning: PruningChoice
  @OptionGroup(title: "Recipe options, without --model") var recipe: RecipeOptions
  @OptionGroup var work: WorkOptions

  func run() throws {
    guard runs.isEmpty != seeds.isEmpty else {
      throw InputError(
        "compare", found: runs.isEmpty ? "no runs" : "run folders and --seeds", expected: "run folders, or --seeds")
    }
    if seeds.isEmpty, let option = try optionOfMakingRuns() {
      throw InputError(option, found: "given beside run folders", expected: "it with --seeds, which makes runs")
    }
    try engine.check()
    var check = OutputCheck(forcing)
    check.reads(work.config, "--config")
    check.reads(model)
    check.reads(recipe)
    if !seeds.isEmpty { check.writes(runsIn: document.output) }
    for run in runs { check.reads(run: run) }
    if engine.shard == nil { document.add(to: &check) }
    try check.check()
    if let shard = engine.shard { return try makeShard(shard) }
    try document.requireWritable()
    guard let (found, failed, command) = try seeds.isEmpty ? readRuns() : makeRuns() else { return }
    for failure in failed { Console.standardError("espalier: \(failure)") }
    let total = found.count + failed.count
    let isPartial = keepGoing || engine.engine == .slurm
    if !failed.isEmpty, !isPartial || found.isEmpty { throw IncompleteComparison(failed: failed.count, of: total) }
    let comparison = try Comparison(found, across: across)
    let outputs = StagedOutputs()
    let written = try document.stage(comparison, command: command, missing: failed, threads: work.threads, in: outputs)
    try outputs.commit()
    for path in written { Console.wrote(path) }
    if json { try printJSON(comparison) }
    if !failed.isEmpty { throw IncompleteComparison(failed: failed.count, of: total) }
  }

  /// Runs, what is wrong with the others, and the command that compares them again.
  private typealias Found = (runs: [ComparedRun], failed: [String], command: String)

  private func readRuns() throws -> Found {
    var found: Found = ([], [], "")
    var builder = ComparisonBuilder(across: across)
    let paths = runs
    let results = parallelMap(paths.count, threads: work.threads) { index in
      Result { try ComparedRun.read(paths[index]) }
    }
    for result in results {
      do {
        let run = try result.get()
        // What differs is told run by run, so that --keep-going can leave it out.
        try builder.add(run)
        found.runs.append(run)
      } catch  where keepGoing {
        found.failed.append("\(error)")
      }
    }
    let words = ["espalier compare"] + found.runs.map { ReproductionCommand.argument($0.folder) }
    found.command = (words + (across.map { ["--across \($0)"] } ?? [])).joined(separator: " ")
    return found
  }

  /// What is there and what is not.
  private func plan(_ seeds: [UInt64]) throws -> SeedRuns {
    let axes = ComparedAxes(across, orders: pruning.order, defences: defences, attacks: attacks)
    let variants = try axes.variants(
      pruning, model: model.network.model, allowed: allowedDefences, seed: seeds[0], threads: work.threads)
    if across != nil, model.network.model != nil, engine.engine != .local || engine.shard != nil {
      throw InputError(
        "--across", found: "\(axes.words) of a given network on several machines",
        expected: "--engine local, for it is quick")
    }
    try model.probe()
    return try SeedRuns(
      { seed, attack in
        let subject = try Subject(model, recipe, seed: seed)
        guard let attack, case .trained(var trained) = subject else { return subject }
        try attack.apply(to: &trained)
        return .trained(trained)
      }, variants, seeds: seeds, output: document.output, keep: keeping.keep)
  }

  /// The defences that a network allows: `bnp` where it has normalisations, `oracle` where there are triggered images.
  private func allowedDefences() throws -> [String] {
    var names = Defence.studied.map(\.name)
    guard model.network.model != nil else { return names.filter { $0 != Defence.bnp.name } }
    if try !model.network.badNet().network.prunableUnits.contains(where: { $0.normalization != nil }) {
      names.removeAll { $0 == Defence.bnp.name }
    }
    if model.faces.backdooredValid == nil, recipe.backdoor.trigger.isEmpty {
      names.removeAll { $0 == Defence.oracle.name }
    }
    return names
  }

  /// Makes the missing runs of some seeds and writes nothing else. Others may do the same in the same folder: each seed has
  /// one owner, so that there is nothing to lock but its own folder.
  private func makeShard(_ shard: Shard) throws {
    let own = shard.seeds(of: seeds)
    guard !own.isEmpty else { return }
    var made = try plan(own)
    try made.complete(jobs: jobs)
    let failed = texts(of: made.failed)
    for failure in failed { Console.standardError("espalier: \(failure)") }
    if !failed.isEmpty { throw IncompleteComparison(failed: failed.count, of: own.count) }
  }

  private func texts(of failed: [SeedRuns.Failed]) -> [String] {
    failed.map { failure in
      let text = Failure(failure.error).text
      return text.hasPrefix(failure.folder) ? text : "\(failure.folder): \(text)"
    }
  }

  /// - Returns: nil where another engine was told what to do, and nobody waits.
  private func makeRuns() throws -> Found? {
    var made = try plan(seeds)
    if !keepGoing, let refused = made.failed.first { throw refused.error }
    let elsewhere = EngineRuns(options: engine, output: document.output)
    switch engine.engine {
    case .print:
      try elsewhere.printCommands(made.missingSeeds)
      return nil
    case .slurm where !made.isComplete || engine.noWait:
      let missing = try OutputLock.hold(folder: document.output) { try elsewhere.bySlurm(made) }
      guard let missing else { return nil }
      made = try plan(seeds)
      let reasons = missing.map { "\(document.output)/seed-\($0.seed): \($0.reason)" }
      return (made.finished, texts(of: made.failed) + reasons, command(of: made.finished))
    default: break
    }
    // Where nothing is to be made, the runs may lie in a folder that cannot be written.
    if made.isComplete {
      made.tidy(document.output)
    } else {
      try OutputLock.hold(folder: document.output) { try made.complete(jobs: jobs) }
      made.tidy(document.output)
    }
    return (made.finished, texts(of: made.failed), command(of: made.finished))
  }

  private func command(of runs: [ComparedRun]) -> String {
    guard let record = runs.first?.record else { return "" }
    let lists = [("--defences", defences), ("--attacks", attacks)].compactMap { name, words in
      words.map { " \(name) \($0.joined(separator: ","))" }
    }
    let single = "--order \(record.order.rawValue)" + (record.isPlainPruning ? "" : " --defence \(record.defenceName)")
    let settings =
      pruning.defenceOptions.isEmpty
      ? "" : " " + ReproductionCommand.option("--defence-options", pruning.defenceOptions)
    let selection = document.selection == .honest ? "" : " --selection \(document.selection.rawValue)"
    let order = (across.map { "--across \($0)" + lists.joined() } ?? single) + settings + selection
    let choosesLayers = pruning.layer == nil && across.map { $0.contains("defence") } ?? false
    return ReproductionCommand(record).text(
      "espalier compare --seeds \(SeedList.text(seeds)) \(ReproductionCommand.option("--output", document.output))",
      choice: order, namesLayer: !choosesLayers)
  }
}

/// Some runs failed; each has been named already.
struct IncompleteComparison: Error, CustomStringConvertible {
  let failed: Int, of: Int

  var description: String { "\(failed) of \(of) runs failed; what finished is kept" }
}

@Sendable private func seeds(from text: String) throws -> [UInt64] {
  guard let seeds = SeedList.seeds(text) else {
    throw ValidationError("expected 1 to 1,000,000 different seeds, as 1-10 or 1-100,200")
  }
  return seeds
}

@Sendable private func names(from text: String) throws -> [String] {
  let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
  guard !names.contains(""), Set(names).count == names.count else {
    throw ValidationError("expected different names with commas between them")
  }
  return names
}
