import Files
import Foundation

/// What `squeue` and `scontrol` say of tasks, each named by its array job and index: 17_3.
struct SlurmQueue {
  let command: SlurmCommand

  /// The tasks of these jobs that wait or run, and what they do; nil where the controller does not say.
  func tasks(of jobs: [String]) throws -> [String: String]? {
    guard !jobs.isEmpty else { return [:] }
    let answer = try command.call("squeue", ["-h", "-r", "-j", jobs.joined(separator: ","), "-o", "%F %K %T %r"])
    if answer.status != 0 {
      // Slurm forgets jobs some minutes after their end, and refuses to speak of one that it has forgotten.
      guard answer.error.lowercased().contains("invalid job id") else { return nil }
      if jobs.count == 1 { return [:] }
      var all: [String: String] = [:]
      for job in jobs {
        guard let found = try tasks(of: [job]) else { return nil }
        all.merge(found) { $1 }
      }
      return all
    }
    var tasks: [String: String] = [:]
    let ended = ["COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE"]
    for line in answer.output.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      guard words.count >= 3, !ended.contains(words[2]) else { continue }
      tasks["\(words[0])_\(words[1])"] = words[2]
    }
    return tasks
  }

  /// How a task ended, as far as Slurm still knows: state, reason, exit code, node.
  func end(of task: String) -> (state: String, reason: String, code: String, node: String)? {
    guard let answer = try? command.call("scontrol", ["show", "job", task, "-o"]), answer.status == 0 else {
      return nil
    }
    func value(_ key: String) -> String {
      for word in answer.output.split(whereSeparator: { $0 == " " || $0.isNewline }) where word.hasPrefix("\(key)=") {
        return String(word.dropFirst(key.count + 1))
      }
      return ""
    }
    guard !value("JobState").isEmpty else { return nil }
    return (value("JobState"), value("Reason"), value("ExitCode"), value("NodeList"))
  }

  /// The largest number of tasks of an array: MaxArraySize limits the index.
  func largestArray() throws -> Int {
    let answer = try command.call("scontrol", ["show", "config"])
    guard answer.status == 0 else {
      throw SystemError("scontrol", found: answer.message, expected: "a controller that answers")
    }
    for line in answer.output.split(whereSeparator: \.isNewline) where line.hasPrefix("MaxArraySize") {
      if let number = line.split(separator: "=").last.flatMap({ Int($0.filter(\.isNumber)) }) { return max(1, number) }
    }
    return 1001
  }
}
