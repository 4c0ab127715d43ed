import Experiment
import Files
import Foundation

/// The missing runs of a comparison, made by an engine other than this process.
struct EngineRuns {
  let options: EngineOptions
  let output: String

  /// Writes one command a line for the missing seeds.
  func printCommands(_ seeds: [UInt64]) throws {
    let command = TaskCommand.own(isAbsolute: false)
    let lines = SlurmScript.tasks(seeds, size: options.seedsPerTask ?? 1).map { "\(command.text) --seeds \($0)\n" }
    try Console.answer(lines.joined())
  }

  /// Submits what is missing and, unless told otherwise, waits.
  /// - Returns: what is missing in the end; nil where nobody waited.
  func bySlurm(_ runs: SeedRuns) throws -> [SlurmEngine.Missing]? {
    let folders = runs.folders
    func isFinished(_ seed: UInt64) -> Bool {
      folders[seed, default: []].allSatisfy { OutputFile.isFile("\($0)/run.json") }
    }
    let place = currentFolder() ?? "."
    let absolute = output.hasPrefix("/") ? output : "\(place)/\(output)"
    let command = TaskCommand.own(isAbsolute: true)
    // Unique, so that an array whose number got lost can be found by its name.
    let name = "espalier-" + String(UInt64(Date().timeIntervalSince1970 * 1000), radix: 36)
    let words = options.words
    var engine = try SlurmEngine(
      output: output, patience: patience,
      script: { tasks in
        SlurmScript(
          name: name, tasks: tasks, folder: place, logs: "\(absolute)/slurm/logs", command: command.text,
          hasThreads: command.hasThreads, options: words)
      }, isFinished: isFinished, say: { Console.standardError($0) })
    let seeds = runs.missingSeeds
    let size = options.seedsPerTask ?? runs.seedsOfTenMinutes
    try OutputFile.makeFolder("\(output)/slurm/logs")
    try engine.submit(seeds, size: size)
    guard !options.noWait else {
      Console.standardError("the same command without --no-wait waits for the tasks and writes the report")
      return nil
    }
    Interruption.farewell.withLock {
      $0 = "jobs go on; the same command collects them: \(TaskCommand.current)"
    }
    defer { Interruption.farewell.withLock { $0 = nil } }
    let bar = ProgressBar("seeds")
    defer { bar.clear() }
    var missing: [SlurmEngine.Missing] = []
    var leftBefore = Int.max
    while true {
      missing = try engine.wait(for: seeds) { progress in
        bar.update(progress.done, of: progress.total, "\(progress.running) running, \(progress.waiting) waiting")
      }
      // Where the cluster limits the tasks at a time, the next ones follow when these have ended.
      let left = missing.filter { !$0.isSubmitted }.map(\.seed)
      guard !left.isEmpty, left.count < leftBefore else { return missing }
      leftBefore = left.count
      try engine.submit(left, size: size)
    }
  }

  /// Seconds for which a file is waited for after its task has ended.
  private var patience: Double {
    ProcessInfo.processInfo.environment["ESPALIER_ENGINE_PATIENCE"].flatMap(Double.init).map { max(0.1, min(3600, $0)) }
      ?? 60
  }
}

extension SeedRuns {
  /// The folders of each seed's runs.
  var folders: [UInt64: [String]] { Dictionary(grouping: plans, by: \.options.seed).mapValues { $0.map(\.folder) } }

  /// The seeds with a run that is not there.
  var missingSeeds: [UInt64] {
    var seen: Set<UInt64> = []
    return plans.filter { $0.finished == nil }.map(\.options.seed).filter { seen.insert($0).inserted }
  }

  /// How many seeds take some ten minutes, as far as a finished run tells how long one takes.
  var seedsOfTenMinutes: Int {
    struct Times: Decodable { let seconds: [String: Double] }
    let known = plans.lazy.filter { $0.finished != nil }.compactMap { plan -> Double? in
      guard let bytes = try? FileBytes.read("\(plan.folder)/environment.json", limit: 1 << 20) else { return nil }
      return (try? JSONDecoder().decode(Times.self, from: Data(bytes)))?.seconds.values.reduce(0, +)
    }
    let seconds = max(1, known.first { $0 > 0 && $0.isFinite } ?? 60)
    return max(1, min(10_000, Int(600 / seconds)))
  }
}
