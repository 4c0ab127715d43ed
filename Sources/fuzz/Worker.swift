import Files
import Foundation
import NeuralNetwork

/// The process that reads inputs, and may fail doing so.
struct Worker {
  /// What a worker notes after each input, for the campaign to read when it has ended.
  struct Progress {
    var index = -1
    var read = 0
    var refused = 0
  }

  /// How a worker ends by itself.
  enum Ending: Int32 { case done = 0, unexpectedError = 40, tooMuchMemory = 41 }

  static let secondsEach: UInt32 = 5
  static let memoryLimit = 1 << 30

  let arguments: Arguments
  let batch: Arguments.Batch

  init(_ arguments: Arguments, _ batch: Arguments.Batch) {
    self.arguments = arguments
    self.batch = batch
  }

  func run() throws -> Never {
    if arguments.limitsMemory { Worker.limitMemory() }
    CrashReport.install()
    let target = arguments.target
    let mutator = try Campaign.mutator(target)
    let path = "\(batch.progress).\(target.fileExtension)"
    let descriptor = open(batch.progress, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Arguments.Problem(text: "\(batch.progress): cannot be written") }
    let deadline = ContinuousClock.now + .seconds(min(arguments.seconds, 1e6))
    var progress = Progress()
    func note() { withUnsafeBytes(of: progress) { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) } }
    for index in batch.first..<batch.end where ContinuousClock.now < deadline {
      progress.index = index
      note()
      try Worker.write(target.input(index, seed: arguments.seed, mutator), to: path)
      alarm(Worker.secondsEach)
      switch Worker.outcome(of: target, path, thorough: index % 8 == 0) {
      case .read: progress.read += 1
      case .refused: progress.refused += 1
      case .unexpected(let text): Worker.end(.unexpectedError, text)
      }
      alarm(0)
      if arguments.limitsMemory, Worker.peakMemory() > Worker.memoryLimit { Worker.end(.tooMuchMemory, "") }
    }
    progress.index += 1
    note()
    exit(0)
  }

  private enum Outcome { case read, refused, unexpected(String) }

  private static func outcome(of target: any Target, _ path: String, thorough: Bool) -> Outcome {
    do {
      try target.read(path, thorough: thorough)
      return .read
    } catch let error as any AboutInput {
      // One line, however hostile the text in it.
      return "\(error)".contains(where: \.isNewline) ? .unexpected("more than one line: \(error)") : .refused
    } catch {
      return .unexpected("another kind of error: \(error)")
    }
  }

  /// What reading a file in this process does, in words.
  static func outcome(of file: String, _ arguments: Arguments) throws -> String {
    alarm(Worker.secondsEach)
    defer { alarm(0) }
    let start = ContinuousClock.now
    let words: String
    do {
      try arguments.target.read(file, thorough: true)
      words = "read"
    } catch {
      words = error is any AboutInput ? "refused: \(error)" : "another kind of error: \(error)"
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return "\(words) (\((seconds * 1000).rounded()) ms, \(peakMemory() >> 20) MB)"
  }

  private static func end(_ ending: Ending, _ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(ending.rawValue)
  }

  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
      throw Arguments.Problem(text: "\(path): cannot be written")
    }
  }

  /// The most memory that this process has held.
  private static func peakMemory() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }

  /// Above what is counted as too much, so that what fails is counted and not turned into an error by a library.
  private static func limitMemory() {
    var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
  }
}
