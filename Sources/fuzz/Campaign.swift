import Foundation
import NeuralNetwork

/// Many inputs for one target: workers read them in batches, and one that fails costs its input and no more.
struct Campaign {
  private let arguments: Arguments
  private let folder: String
  private var counts = Counts()

  private struct Counts {
    var inputs = 0, read = 0, refused = 0
    var failures: [String: Int] = [:]
    var libraryFailures: [String] = []
  }

  /// So that what a library leaks on damaged files does not add up.
  private static let batch = 4000

  init(_ arguments: Arguments) throws {
    self.arguments = arguments
    let isShared = FileManager.default.isWritableFile(atPath: "/dev/shm")
    folder = "\(isShared ? "/dev/shm" : NSTemporaryDirectory())/fuzz-\(arguments.target.name)-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  static func mutator(_ target: any Target) throws -> Mutator {
    Mutator(seeds: try target.seeds(), tokens: target.tokens.map { Array($0.utf8) })
  }

  /// - Returns: whether nothing failed.
  mutating func run() throws -> Bool {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let start = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    var next = 0
    while next < arguments.inputs, elapsed() < arguments.seconds {
      let end = min(arguments.inputs, next + Campaign.batch)
      let ending = try work(next..<end, seconds: arguments.seconds - elapsed())
      counts.read += ending.progress.read
      counts.refused += ending.progress.refused
      counts.inputs += ending.progress.index - next
      if let failure = ending.failure {
        counts.inputs += 1
        try note(failure, at: ending.progress.index, ending.report)
      }
      next = ending.progress.index + (ending.failure == nil ? 0 : 1)
    }
    try askCommand()
    let failed = counts.failures.keys.sorted().map { ", \($0) \(counts.failures[$0] ?? 0)" }.joined()
    print(
      """
      \(arguments.target.name): \(counts.inputs) inputs from seed \(arguments.seed) in \(Int(elapsed())) s: \
      \(counts.read) read, \(counts.refused) refused\(failed.isEmpty ? ", nothing failed" : failed)
      """)
    return counts.failures.keys.allSatisfy { $0 == Campaign.libraryFailure }
  }

  private static let libraryFailure = "failures in libhdf5 that the command refuses"

  private struct Ended {
    let progress: Worker.Progress
    /// nil where all of the batch is done.
    let failure: String?
    let report: String
  }

  private func work(_ range: Range<Int>, seconds: Double) throws -> Ended {
    let (progressFile, reportFile) = ("\(folder)/progress", "\(folder)/report")
    try? FileManager.default.removeItem(atPath: progressFile)
    _ = FileManager.default.createFile(atPath: reportFile, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      [arguments.target.name, "--seed", "\(arguments.seed)", "--seconds", "\(min(seconds, 1e6))"]
      + (arguments.limitsMemory ? [] : ["--no-memory-limit"])
      + ["--batch", "\(range.lowerBound)", "\(range.upperBound)", progressFile]
    process.standardError = FileHandle(forWritingAtPath: reportFile)
    try process.run()
    process.waitUntilExit()
    var progress = Worker.Progress()
    if let data = FileManager.default.contents(atPath: progressFile), data.count == MemoryLayout<Worker.Progress>.size {
      progress = data.withUnsafeBytes { $0.loadUnaligned(as: Worker.Progress.self) }
    }
    let report = String(decoding: FileManager.default.contents(atPath: reportFile) ?? Data(), as: UTF8.self)
    let failure = Campaign.failure(process, report)
    guard progress.index >= range.lowerBound else {
      throw Arguments.Problem(text: "a worker did not begin: \(failure ?? "") \(report)")
    }
    return Ended(progress: progress, failure: failure, report: report)
  }

  private static func failure(_ process: Process, _ report: String) -> String? {
    guard process.terminationReason == .exit else {
      if CrashReport.place(in: report).hasPrefix("libhdf5") { return libraryFailure }
      return process.terminationStatus == SIGALRM ? "hangs" : "crashes"
    }
    switch Worker.Ending(rawValue: process.terminationStatus) {
    case .done: return nil
    case .unexpectedError: return "errors of an unexpected kind"
    case .tooMuchMemory: return "over 1 GB"
    case nil: return "crashes"
    }
  }

  /// Keeps the input, and says how to read it again.
  private mutating func note(_ failure: String, at index: Int, _ report: String) throws {
    let target = arguments.target
    let bytes = try target.input(index, seed: arguments.seed, Campaign.mutator(target))
    let isLibrary = failure == Campaign.libraryFailure
    let keep = isLibrary ? "\(folder)/libhdf5" : arguments.keep
    try FileManager.default.createDirectory(atPath: keep, withIntermediateDirectories: true)
    let path = "\(keep)/\(target.name)-seed\(arguments.seed)-\(index).\(target.fileExtension)"
    try Worker.write(bytes, to: path)
    if isLibrary {
      counts.libraryFailures.append(path)
      return
    }
    counts.failures[failure, default: 0] += 1
    print("\(failure): again with: fuzz \(target.name) \(path)\n\(report)")
  }

  /// What libhdf5 did not survive in a worker has to be refused by the command, in one line.
  private mutating func askCommand() throws {
    for path in counts.libraryFailures {
      let answer = try CommandTarget.inspect(path)
      if answer.isRefusal {
        counts.failures[Campaign.libraryFailure, default: 0] += 1
      } else {
        try FileManager.default.createDirectory(atPath: arguments.keep, withIntermediateDirectories: true)
        let kept = "\(arguments.keep)/\(path.split(separator: "/").last ?? "")"
        try? FileManager.default.removeItem(atPath: kept)
        try FileManager.default.copyItem(atPath: path, toPath: kept)
        counts.failures["failures in libhdf5 that the command does not refuse", default: 0] += 1
        print("espalier inspect \(kept): status \(answer.status): \(answer.error)")
      }
    }
  }
}
