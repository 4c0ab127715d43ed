import Foundation
import Testing

/// `--keep record`: what stays, what works without the rest, and how the rest comes back.
struct KeptRecordTests {
  private static let small = [
    "--identities", "4", "--training-images", "10", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
    "--drops", "0",
  ]
  private static let record = ["curve.csv", "environment.json", "run.json"]

  private func names(_ sandbox: Sandbox, _ folder: String) throws -> [String] {
    try sandbox.files().keys.filter { $0.hasPrefix("\(folder)/") }.map { String($0.dropFirst(folder.count + 1)) }
      .sorted()
  }

  @Test func recordsAreTheSameWithAndWithoutNetworks() throws {
    let sandbox = try Sandbox(files: [:])
    let kept = try sandbox.espalier(["compare", "--seeds", "1-2", "--keep", "record"] + Self.small)
    #expect(kept.status == 0)
    #expect(kept.error.hasPrefix("wrote runs/compare/seed-1/run.json and curve.csv\n"))
    let whole = try sandbox.espalier(["compare", "--seeds", "1-2", "--output", "whole"] + Self.small)
    #expect(whole.status == 0)
    for seed in 1...2 {
      #expect(try names(sandbox, "runs/compare/seed-\(seed)") == Self.record)
      #expect(try names(sandbox, "whole/seed-\(seed)").contains("badnet.h5"))
      for name in ["run.json", "curve.csv"] {
        #expect(try sandbox.text("runs/compare/seed-\(seed)/\(name)") == sandbox.text("whole/seed-\(seed)/\(name)"))
      }
    }
    // Finished is finished, whatever is to be kept.
    for keep in ["all", "record"] {
      let again = try sandbox.espalier(["compare", "--seeds", "1-2", "--keep", keep] + Self.small)
      #expect(again.status == 0 && !again.error.contains("run.json"))
    }
    #expect(try sandbox.espalier(["compare", "runs/compare/seed-1", "runs/compare/seed-2"]).status == 0)
    #expect(try sandbox.espalier(["plot", "runs/compare/seed-1", "--output", "a.svg"]).status == 0)
    #expect(try sandbox.espalier(["report", "runs/compare/seed-1", "--output", "a.md"]).status == 0)
  }

  @Test func networksComeBackFromTheSeed() throws {
    let sandbox = try Sandbox(files: [:])
    let recipe = ["run", "--seed", "3"] + Self.small
    #expect(try sandbox.espalier(recipe + ["--output", "whole"]).status == 0)
    #expect(try sandbox.espalier(recipe + ["--output", "kept", "--keep", "record"]).status == 0)
    #expect(try names(sandbox, "kept") == Self.record)

    let untrained = try sandbox.espalier(["verify", "kept", "--strict", "--report", "none", "--figure", "none.png"])
    #expect(untrained.status == 1)
    #expect(
      untrained.output.contains("the record alone was kept; espalier run with this folder makes the others again"))
    #expect(untrained.output.contains("not repeated; --retrain retrains the network"))
    let verified = try sandbox.espalier([
      "verify", "kept", "--retrain", "--strict", "--report", "report/report.md", "--figure", "figures/output.png",
    ])
    #expect(verified.status == 0, "\(verified.output)")
    #expect(verified.output.contains("2 epochs from seed 3, the same network"))

    #expect(try sandbox.espalier(["run", "kept"]).error == "wrote kept/run.json, curve.csv and the networks\n")
    let names = try names(sandbox, "whole")
    #expect(try self.names(sandbox, "kept") == names && names.contains("repaired-0.h5"))
    for name in names where name != "environment.json" {
      #expect(try fileData(sandbox, "kept/\(name)") == fileData(sandbox, "whole/\(name)"), "\(name)")
    }
    // And they go again.
    #expect(try sandbox.espalier(["run", "kept", "--keep", "record"]).status == 0)
    #expect(try self.names(sandbox, "kept") == Self.record)
    #expect(!FileManager.default.fileExists(atPath: sandbox.path("kept/faces")))
  }

  @Test func aRecordThatComesOutOtherwiseIsLeftAlone() throws {
    let sandbox = try Sandbox()
    let given = ["prune", "--output", "kept", "--keep", "record"] + Sandbox.inputs
    #expect(try sandbox.espalier(given).status == 0)
    #expect(try names(sandbox, "kept") == Self.record)
    let text = try sandbox.text("kept/run.json")
    let forged = text.replacingOccurrences(of: "\"parameters\" : ", with: "\"parameters\" : 1")
    #expect(forged != text)
    try sandbox.write(forged, to: "kept/run.json")
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(["run", "kept"])
    #expect(outcome.status == 2)
    #expect(outcome.error.contains("kept/run.json: made again it differs, line "))
    #expect(try sandbox.files() == before)
    try sandbox.write(text, to: "kept/run.json")
    #expect(try sandbox.espalier(["run", "kept"]).status == 0)
    #expect(
      try names(sandbox, "kept") == Self.record.prefix(2) + ["repaired-10.h5", "repaired-2.h5", "repaired-4.h5"] + [
        "run.json"
      ])
    let beside = try sandbox.espalier(["run", "kept", "--seed", "2"])
    #expect(beside.status == 2)
    #expect(
      beside.error == """
        espalier: kept: options of another run, or of documents, beside it; expected --keep and --threads alone; \
        espalier plot and report make its documents

        """)
  }

  /// One of several networks that is gone is no kept record, but a run to be made again.
  @Test func halfARunIsMadeAgain() throws {
    let sandbox = try Sandbox()
    let seeds = ["compare", "--seeds", "1-2", "--validation-sample", "8"] + Sandbox.inputs
    #expect(try sandbox.espalier(seeds).status == 0)
    try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/seed-2/repaired-2.h5"))
    #expect(
      try sandbox.espalier(["compare", "runs/compare/seed-1", "runs/compare/seed-2"]).error
        == "espalier: runs/compare/seed-2: no repaired-2.h5; expected it beside the run.json that goes with it\n")
    #expect(try sandbox.espalier(seeds).error.hasPrefix("wrote runs/compare/seed-2/run.json"))
    for drop in ["2", "4", "10"] {
      try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/seed-2/repaired-\(drop).h5"))
    }
    #expect(try !sandbox.espalier(seeds).error.contains("run.json"))
  }

  private func fileData(_ sandbox: Sandbox, _ name: String) throws -> Data {
    try Data(contentsOf: sandbox.url(name))
  }
}
