import Foundation
import NeuralNetwork
import Testing

/// Commands that are killed and given again.
@Suite struct ResumeTests {
  private static let recipe = [
    "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3",
  ]

  /// Starts a command and kills it when its checkpoint says that so many epochs are finished.
  private func kill(
    _ sandbox: Sandbox, _ arguments: [String], after epoch: Int, _ checkpoint: String,
    environment: [String: String] = [:]
  ) throws {
    let process = try sandbox.start(arguments, environment: environment)
    let mark = Data("\"epoch\":\(epoch),".utf8)
    while process.isRunning {
      let file = FileHandle(forReadingAtPath: sandbox.path(checkpoint))
      if let start = try file?.read(upToCount: 1 << 13), start.firstRange(of: mark) != nil { break }
      Thread.sleep(forTimeInterval: 0.005)
    }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }

  /// The epoch of a line `place: resumed after epoch 4 of 10`; 0 where there is no such line at the start.
  private func epoch(in text: String, _ place: String, of epochs: Int) -> Int {
    guard let line = text.split(separator: "\n").first, line.hasPrefix("\(place): resumed after epoch "),
      line.hasSuffix(" of \(epochs)")
    else { return 0 }
    return Int(line.split(separator: " ")[4]) ?? 0
  }

  private func files(_ sandbox: Sandbox, _ folder: String) throws -> [String: Data] {
    let files = try sandbox.files().filter { $0.key.hasPrefix("\(folder)/") && !$0.key.hasSuffix("environment.json") }
    return Dictionary(uniqueKeysWithValues: files.map { (String($0.key.dropFirst(folder.count + 1)), $0.value) })
  }

  @Test func runGoesOnAfterTheLastFinishedEpoch() throws {
    let sandbox = try Sandbox()
    func arguments(_ name: String) -> [String] {
      ["run", "--output", "\(name)/run", "--figure", "\(name)/figures/f.png", "--report", "\(name)/report/r.md"]
        + Self.recipe + ["--epochs", "12"]
    }
    #expect(try sandbox.espalier(arguments("whole")).status == 0)
    let whole = try files(sandbox, "whole")
    // As on a cluster: begun on one kind of processor, resumed on another.
    try kill(
      sandbox, arguments("killed"), after: 3, "killed/run/badnet.h5.checkpoint",
      environment: ["ESPALIER_KERNELS": "baseline"])
    try kill(sandbox, arguments("killed"), after: 7, "killed/run/badnet.h5.checkpoint")
    let outcome = try sandbox.espalier(arguments("killed"))
    #expect(outcome.status == 0 && epoch(in: outcome.error, "killed/run", of: 12) >= 7, "\(outcome.error)")
    let killed = try files(sandbox, "killed")
    #expect(Set(killed.keys) == Set(whole.keys))
    for (name, bytes) in whole { #expect(killed[name] == bytes, "\(name)") }
    // Whole: the same command runs again from the beginning.
    #expect(try !sandbox.espalier(arguments("killed")).error.contains("resumed"))
  }

  /// Tests/Tools/kill-test.sh does the same a hundred times, with other commands too.
  @Test func killedAtRandomMoments() throws {
    let sandbox = try Sandbox()
    func arguments(_ name: String) -> [String] {
      ["run", "--output", "\(name)/run", "--figure", "\(name)/figures/f.png", "--report", "\(name)/report/r.md"]
        + Self.recipe + ["--epochs", "6"]
    }
    let start = ContinuousClock.now
    #expect(try sandbox.espalier(arguments("whole")).status == 0)
    let duration = (ContinuousClock.now - start) / .seconds(1)
    var random = SeededGenerator(seed: 1)
    for _ in 0..<4 {
      let process = try sandbox.start(arguments("killed"))
      Thread.sleep(forTimeInterval: random.uniform(in: 0..<duration))
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    #expect(try sandbox.espalier(arguments("killed")).status == 0)
    let (whole, killed) = (try files(sandbox, "whole"), try files(sandbox, "killed"))
    #expect(Set(killed.keys) == Set(whole.keys))
    for (name, bytes) in whole { #expect(killed[name] == bytes, "\(name)") }
  }

  @Test func trainGoesOnToo() throws {
    let sandbox = try Sandbox()
    func arguments(_ name: String) -> [String] {
      ["train", "--output", "\(name)/net.h5", "--optimizer", "adam", "--learning-rate", "0.001"] + Self.recipe
        + ["--epochs", "12"]
    }
    #expect(try sandbox.espalier(arguments("whole")).status == 0)
    try kill(sandbox, arguments("killed"), after: 4, "killed/net.h5.checkpoint")
    let outcome = try sandbox.espalier(arguments("killed") + ["--threads", "1"])
    #expect(epoch(in: outcome.error, "killed/net.h5", of: 12) >= 4, "\(outcome.error)")
    #expect(try files(sandbox, "killed") == files(sandbox, "whole"))
  }

  @Test func anInterruptionKeepsWhatIsFinished() throws {
    let sandbox = try Sandbox()
    let arguments = ["train", "--output", "net.h5"] + Self.recipe + ["--epochs", "1000"]
    let process = try sandbox.start(arguments)
    while !FileManager.default.fileExists(atPath: sandbox.path("net.h5.checkpoint")) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    process.interrupt()
    process.waitUntilExit()
    #expect(process.terminationStatus == 130)
    let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.folder.path)
    #expect(names.filter { $0.contains("net") } == ["net.h5.checkpoint"])
  }

  @Test func whatIsNoCheckpointIsIgnoredWithALine() throws {
    let sandbox = try Sandbox()
    let arguments = ["train", "--output", "net.h5", "--epochs", "2"] + Self.recipe
    #expect(try sandbox.espalier(arguments).status == 0)
    let network = try sandbox.files()["net.h5"]
    try sandbox.write("not a checkpoint", to: "net.h5.checkpoint")
    let outcome = try sandbox.espalier(arguments)
    #expect(
      outcome.error == """
        espalier: warning: net.h5.checkpoint: another kind of file; expected a checkpoint of this training; training \
        restarts
        wrote net.h5
        wrote net.json

        """)
    #expect(try sandbox.files()["net.h5"] == network)
    #expect(try sandbox.files()["net.h5.checkpoint"] == nil)
  }

  @Test func compareTakesUpAHalfDoneRun() throws {
    let sandbox = try Sandbox()
    func arguments(_ name: String) -> [String] {
      [
        "compare", "--seeds", "1-2", "--output", "\(name)/runs", "--figure", "\(name)/c.png", "--report",
        "\(name)/c.md",
      ] + Self.recipe + ["--epochs", "8"]
    }
    #expect(try sandbox.espalier(arguments("whole")).status == 0)
    try kill(sandbox, arguments("other"), after: 2, "other/runs/seed-2/badnet.h5.checkpoint")
    let outcome = try sandbox.espalier(arguments("other"))
    #expect(outcome.status == 0 && epoch(in: outcome.error, "other/runs/seed-2", of: 8) >= 2, "\(outcome.error)")
    var (whole, other) = (try files(sandbox, "whole"), try files(sandbox, "other"))
    // The report and the tables name their folders.
    for name in ["c.md", "runs/comparison.csv", "runs/curves.csv"] { (whole[name], other[name]) = (nil, nil) }
    #expect(Set(whole.keys) == Set(other.keys))
    for (name, bytes) in whole { #expect(other[name] == bytes, "\(name)") }
  }
}
