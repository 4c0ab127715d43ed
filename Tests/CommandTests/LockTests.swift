import Experiment
import Foundation
import Testing

/// Two commands on the same output.
@Suite struct LockTests {
  private let small = [
    "--identities", "4", "--training-images", "10", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
  ]

  /// Starts a training that takes long, and waits until it is at work.
  private func startLong(_ sandbox: Sandbox, _ arguments: [String], lock: String) throws -> Process {
    let process = try sandbox.start(arguments)
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: sandbox.path(lock)) {
      Thread.sleep(forTimeInterval: 0.01)
    }
    Thread.sleep(forTimeInterval: 0.1)
    return process
  }

  @Test func theSecondCommandOnAFolderIsRefusedAtOnce() throws {
    let sandbox = try Sandbox()
    let first = try startLong(sandbox, ["run", "--output", "out"], lock: "out/.espalier.lock")
    let others = [
      ["run", "--output", "out"], ["prune", "--output", "out"] + Sandbox.inputs, ["faces", "--output", "out"],
      ["compare", "--seeds", "1", "--output", "out"] + small,
    ]
    for arguments in others {
      let start = ContinuousClock.now
      let second = try sandbox.espalier(arguments)
      #expect(ContinuousClock.now - start < Sanitizer.patience)
      #expect(
        second.error == """
          espalier: out: in use by process \(first.processIdentifier); expected an output that no other command is writing

          """)
      #expect(second.status == 1 && second.output == "")
    }
    // Killed, it keeps nobody out, and what it left goes.
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    #expect(try sandbox.espalier(["prune", "--output", "out"] + Sandbox.inputs).status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: sandbox.path("out")).sorted()
    #expect(
      names == ["curve.csv", "environment.json", "repaired-10.h5", "repaired-2.h5", "repaired-4.h5", "run.json"])
  }

  @Test func readingNeedsNoLock() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "out"] + Sandbox.inputs).status == 0)
    let first = try startLong(sandbox, ["run", "--output", "out"], lock: "out/.espalier.lock")
    for arguments in [
      ["plot", "out", "--output", "figure.svg"], ["report", "out", "--output", "report.md"], ["inspect", "out"],
    ] {
      #expect(try sandbox.espalier(arguments).status == 0, "\(arguments)")
    }
    first.interrupt()
    first.waitUntilExit()
    #expect(!FileManager.default.fileExists(atPath: sandbox.path("out/.espalier.lock")))
    #expect(try RunRecord.read(sandbox.path("out")).order == .ascending)
  }

  @Test func theSecondTrainingOfAFileIsRefused() throws {
    let sandbox = try Sandbox()
    let first = try startLong(sandbox, ["train", "--output", "net.h5"], lock: ".net.h5.lock")
    let second = try sandbox.espalier(["train", "--output", "net.h5"])
    #expect(
      second.error == """
        espalier: net.h5: in use by process \(first.processIdentifier); expected an output that no other command is writing

        """)
    #expect(second.status == 1)
    #expect(try sandbox.espalier(["train", "--output", "other.h5"] + small).status == 0)
    kill(first.processIdentifier, SIGKILL)
    first.waitUntilExit()
    #expect(try sandbox.espalier(["train", "--output", "net.h5"] + small).status == 0)
    #expect(try sandbox.files()["net.h5"] == sandbox.files()["other.h5"])
    #expect(try !sandbox.files().keys.contains { $0.hasSuffix(".lock") || $0.hasSuffix(".tmp") })
  }

  /// A finished comparison is tidied up behind a command that was killed at its very end.
  @Test func whatAKilledComparisonLeftGoes() throws {
    let sandbox = try Sandbox()
    let seeds = ["compare", "--seeds", "1-2", "--validation-sample", "8"] + Sandbox.inputs
    #expect(try sandbox.espalier(seeds).status == 0)
    let whole = try sandbox.files()
    for name in [".espalier.lock", "seed-1/.espalier.lock", "seed-1/run.json.4711.tmp"] {
      try sandbox.write("", to: "runs/compare/\(name)")
    }
    try sandbox.write("", to: "figures/comparison.png.4711.tmp")
    #expect(try sandbox.espalier(seeds).status == 0)
    #expect(try sandbox.files() == whole)
  }
}
