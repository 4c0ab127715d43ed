import Files
import Foundation

/// Runs seeds as job arrays of Slurm. The truth is the finished run's folder; Slurm is asked only what still waits or runs.
public struct SlurmEngine {
  /// A seed that has no run, and why.
  public struct Missing: Sendable {
    /// Which one.
    public let seed: UInt64
    /// In one line: what Slurm and the task's log say.
    public let reason: String
    /// Whether a task was made for it.
    public let isSubmitted: Bool
  }

  /// How far the work is.
  public struct Progress: Sendable {
    /// Runs finished since the beginning, and to be made in all.
    public let done: Int, total: Int
    /// Tasks that run and that wait.
    public let running: Int, waiting: Int
  }

  private let output: String
  private let script: ([String]) -> SlurmScript
  private let isFinished: (UInt64) -> Bool
  private let command: SlurmCommand
  private let patience: Double
  private let say: (String) -> Void
  private var journal: SlurmJournal
  /// Jobs that have ended, for what became of their seeds.
  private var past: [SlurmJournal.Job] = []

  private var folder: String { "\(output)/slurm" }
  private var journalPath: String { "\(folder)/jobs.json" }

  /// - Parameters:
  ///   - output: the folder of the runs' folders.
  ///   - patience: for how many seconds a result is waited for after its task's end, which a shared file system may show late.
  ///   - script: of these tasks.
  ///   - isFinished: whether a seed's run is there.
  ///   - say: for lines that tell what was submitted.
  /// - Throws: `InputError` where Slurm's commands are not in the path, or the list of jobs is damaged.
  public init(
    output: String, patience: Double, script: @escaping ([String]) -> SlurmScript,
    isFinished: @escaping (UInt64) -> Bool, say: @escaping (String) -> Void
  ) throws {
    for name in ["sbatch", "squeue", "scontrol"] { try SlurmCommand.require(name) }
    (self.output, self.script, self.isFinished, self.say) = (output, script, isFinished, say)
    self.patience = patience
    command = SlurmCommand(haste: min(1, patience / 60))
    journal = try SlurmJournal.read("\(output)/slurm/jobs.json")
  }

  /// Submits the seeds that have no run and no task that waits or runs.
  /// - Parameters:
  ///   - seeds: those without a run.
  ///   - size: seeds of a task.
  /// - Throws: `InputError` with Slurm's own message where it refuses; what it has taken is kept.
  public mutating func submit(_ seeds: [UInt64], size: Int) throws {
    let queue = SlurmQueue(command: command)
    let live = try liveSeeds(queue)
    let open = seeds.filter { !live.contains($0) }
    if open.count < seeds.count { say("\(seeds.count - open.count) seeds wait or run from an earlier command") }
    guard !open.isEmpty else { return }
    let tasks = SlurmScript.tasks(open, size: size)
    let made = script(tasks)
    let path = "\(folder)/\(made.name).sh"
    try OutputFile.write(made.text, to: path)
    var most = try queue.largestArray()
    var start = 0
    while start < tasks.count {
      let count = min(most, tasks.count - start)
      var arguments = ["--parsable", "--job-name=\(made.name)", "--array=0-\(count - 1)"] + made.options
      arguments += [path, "\(start)"]
      let name = made.name
      let answer = try command.call("sbatch", arguments) {
        // It may have been taken although the answer got lost.
        let found = try? command.call("squeue", ["-h", "-r", "-n", name, "-o", "%F"])
        let known = Set(journal.jobs.map(\.id))
        let job = found?.output.split(whereSeparator: \.isNewline).map(String.init).first { !known.contains($0) }
        return job.map { SlurmCommand.Answer(status: 0, output: $0, error: "") }
      }
      guard answer.status == 0 else {
        let text = answer.error.lowercased()
        if text.contains("submitjob") || text.contains("submit job") || text.contains("invalid job array"), count > 1 {
          most = (count + 1) / 2
          continue
        }
        if text.contains("submitjob") || text.contains("submit job"), !journal.jobs.isEmpty {
          say("\(tasks.count - start) tasks are not submitted: \(answer.message); the same command submits them later")
          return
        }
        throw InputError("sbatch", found: answer.message, expected: "options and a partition that Slurm accepts")
      }
      let id = answer.output.split(whereSeparator: { ";\n".contains($0) }).first.map(String.init) ?? ""
      guard !id.isEmpty, id.allSatisfy(\.isNumber) else {
        throw InputError("sbatch", found: "'\(answer.output)' for a job's number", expected: "a number")
      }
      journal.jobs.append(.init(id: id, tasks: Array(tasks[start..<start + count])))
      try journal.write(journalPath)
      say("submitted \(count) task\(count == 1 ? "" : "s") as job \(id): \(path)")
      start += count
    }
  }

  /// The seeds of tasks that wait or run; forgets jobs that have none.
  private mutating func liveSeeds(_ queue: SlurmQueue) throws -> Set<UInt64> {
    guard let live = try queue.tasks(of: journal.jobs.map(\.id)) else {
      throw SystemError("squeue", found: "no answer", expected: "a controller that says what waits and runs")
    }
    func isLive(_ job: SlurmJournal.Job) -> Bool { job.tasks.indices.contains { live["\(job.id)_\($0)"] != nil } }
    past += journal.jobs.filter { !isLive($0) }
    journal.jobs.removeAll { !isLive($0) }
    var seeds: Set<UInt64> = []
    for job in journal.jobs {
      for (index, task) in job.tasks.enumerated() where live["\(job.id)_\(index)"] != nil {
        seeds.formUnion(SeedList.seeds(task) ?? [])
      }
    }
    return seeds
  }

  /// Waits until every task has ended.
  /// - Returns: the seeds that have no run all the same.
  public func wait(for seeds: [UInt64], progress: (Progress) -> Void) throws -> [Missing] {
    let queue = SlurmQueue(command: command)
    var open = seeds.filter { !isFinished($0) }
    let total = seeds.count
    var (pause, ended) = (min(1, patience), Date?.none)
    while !open.isEmpty {
      let live = try queue.tasks(of: journal.jobs.map(\.id))
      open.removeAll(where: isFinished)
      if let live {
        let running = live.values.count { $0 == "RUNNING" || $0 == "COMPLETING" }
        progress(
          Progress(done: total - open.count, total: total, running: running, waiting: live.count - running))
        if live.isEmpty {
          let end = ended ?? Date()
          ended = end
          if open.isEmpty || Date().timeIntervalSince(end) >= patience { break }
        } else {
          ended = nil
        }
      }
      if open.isEmpty { break }
      Thread.sleep(forTimeInterval: ended == nil ? pause : min(1, pause))
      pause = min(15, pause * 1.3)
    }
    return open.map { seed in
      let reason = reason(seed, queue)
      return Missing(seed: seed, reason: reason ?? "not submitted yet", isSubmitted: reason != nil)
    }
  }

  /// Why a seed has no run.
  private func reason(_ seed: UInt64, _ queue: SlurmQueue) -> String? {
    for job in (past + journal.jobs).reversed() {
      guard let index = job.tasks.firstIndex(where: { SeedList.seeds($0)?.contains(seed) ?? false }) else { continue }
      let task = "\(job.id)_\(index)"
      let log = "\(folder)/logs/\(task).log"
      let end = queue.end(of: task)
      var parts = ["task \(task)" + (end.map { $0.node.isEmpty || $0.node == "(null)" ? "" : " on \($0.node)" } ?? "")]
      if let end {
        let reason = ["None", "", "(null)"].contains(end.reason) ? "" : ", \(end.reason)"
        parts.append("\(end.state)\(reason), exit code \(end.code)")
      }
      let lines = (try? FileBytes.read(log, limit: 1 << 26)).map {
        String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
      }
      guard let lines else {
        parts.append("no log \(log): do the nodes see this folder?")
        return parts.joined(separator: "; ")
      }
      if let node = lines.last(where: { $0.hasPrefix("espalier task ") && $0.contains(" on ") }), end == nil {
        parts[0] += node.components(separatedBy: " on ").last.map { " on \($0.prefix { $0 != "," })" } ?? ""
      }
      if let said = lines.last(where: {
        $0.contains("seed-\(seed): ") || $0.contains("seed-\(seed)/") && $0.hasPrefix("espalier: ")
      })
        ?? lines.last(where: { $0.hasPrefix("espalier: ") })
      {
        parts.append(said)
      } else if lines.contains(where: { $0.hasSuffix("ended with status 0") }) {
        parts.append("it ended well and left no run.json here: do the nodes see this folder?")
      }
      return parts.joined(separator: "; ") + "; log \(log)"
    }
    return nil
  }
}
