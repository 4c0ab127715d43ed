import Experiment
import Foundation
import Testing

/// `espalier compare` on a tiny network.
struct CompareTests {
  private static let seeds = ["compare", "--seeds", "1-3", "--validation-sample", "8"] + Sandbox.inputs

  @Test func seedsAreRunOnceAndThenReused() throws {
    let sandbox = try Sandbox()
    let before = Set(try sandbox.files().keys)
    let first = try sandbox.espalier(Self.seeds)
    #expect(first.status == 0 && first.output == "")
    let run = ["run.json", "curve.csv", "environment.json"]
    var files = try sandbox.files()
    for seed in 1...3 {
      for name in run { #expect(files["runs/compare/seed-\(seed)/\(name)"] != nil) }
    }
    let documents = Set(files.keys.filter { !$0.hasPrefix("runs/") }).subtracting(before)
    #expect(
      documents == [
        "figures/comparison.png", "figures/comparison.pdf", "figures/comparison-runs.png",
        "figures/comparison-runs.pdf", "figures/comparison-distribution.png", "figures/comparison-distribution.pdf",
        "report/comparison.md",
      ])
    let report = try sandbox.text("report/comparison.md")
    #expect(report.contains("](../figures/comparison.png)"))
    #expect(report.contains("[seed 2](../runs/compare/seed-2/run.json)"))
    #expect(report.contains("which 8 of the 30 clean validation faces rank the channels"))

    let second = try sandbox.espalier(Self.seeds)
    #expect(second.status == 0)
    #expect(!second.error.contains("run.json"), "nothing is run again")
    #expect(try sandbox.files() == files)

    // What is missing is made again, to the same bytes; and the runs can be compared by their folders.
    try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/seed-2/run.json"))
    #expect(try sandbox.espalier(Self.seeds).error.hasPrefix("wrote runs/compare/seed-2/run.json"))
    var again = try sandbox.files()
    files["runs/compare/seed-2/environment.json"] = nil
    again["runs/compare/seed-2/environment.json"] = nil
    #expect(again == files)
    let folders = try sandbox.espalier(["compare"] + (1...3).map { "runs/compare/seed-\($0)" })
    #expect(folders.status == 0)
    #expect(try sandbox.files()["figures/comparison.png"] == files["figures/comparison.png"])
  }

  @Test func aSampleIsWhatASingleRunDraws() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(Self.seeds).status == 0)
    let single = ["prune", "--seed", "2", "--validation-sample", "8", "--output", "one"] + Sandbox.inputs
    #expect(try sandbox.espalier(single).status == 0)
    #expect(try sandbox.text("one/run.json") == sandbox.text("runs/compare/seed-2/run.json"))
    let record = try RunRecord.read(sandbox.path("one"))
    #expect(record.validationSample?.rows == 8 && record.validationSample?.available == 30)
    #expect(record.baseline.cleanValid?.total == 8 && record.data.cleanValid?.rows == 8)
  }

  @Test func otherOptionsAndDamageAreRefusedByName() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(Self.seeds).status == 0)
    let other = try sandbox.espalier(Self.seeds + ["--drops", "2"])
    #expect(other.status == 2)
    #expect(
      other.error == """
        espalier: runs/compare/seed-1/run.json: drops is 2,4,10; expected 2 as asked for; another --output keeps both

        """)

    try sandbox.write("{", to: "runs/compare/seed-1/run.json")
    let message = "runs/compare/seed-1/run.json: text that is not JSON; expected a run record of schema 1"
    let damaged = try sandbox.espalier(Self.seeds)
    #expect(damaged.status == 2 && damaged.error == "espalier: \(message)\n")
    let rest = try sandbox.espalier(Self.seeds + ["--keep-going"])
    #expect(rest.status == 1)
    #expect(rest.error.hasPrefix("espalier: \(message)\n"))
    #expect(rest.error.hasSuffix("espalier: 1 of 3 runs failed; what finished is kept\n"))
    #expect(try sandbox.text("report/comparison.md").hasPrefix("# The pruning defence over 2 runs\n"))

    let folders = ["compare", "runs/compare/seed-1", "runs/compare/seed-2", "runs/none"]
    #expect(try sandbox.espalier(folders).error == "espalier: \(message)\n")
    let kept = try sandbox.espalier(folders + ["--keep-going"])
    #expect(kept.status == 1)
    #expect(kept.error.contains("espalier: 2 of 3 runs failed; what finished is kept\n"))
  }

  @Test func aRunThatFailsLeavesTheOthers() throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(atPath: sandbox.path("runs/compare"), withIntermediateDirectories: true)
    try sandbox.write("", to: "runs/compare/seed-2")
    let outcome = try sandbox.espalier(Self.seeds)
    #expect(outcome.status == 1)
    #expect(outcome.error.contains("espalier: runs/compare/seed-2: a file; expected a folder\n"))
    #expect(try RunRecord.read(sandbox.path("runs/compare/seed-3")).seed == 3)
    #expect(!FileManager.default.fileExists(atPath: sandbox.path("report/comparison.md")))
    try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/seed-2"))
    let again = try sandbox.espalier(Self.seeds)
    #expect(again.status == 0)
    #expect(again.error.hasPrefix("wrote runs/compare/seed-2/run.json, curve.csv and the networks\nwrote figures/"))
  }

  @Test func ordersStandSideBySide() throws {
    let sandbox = try Sandbox()
    let arguments = ["compare", "--seeds", "1-2", "--across", "order", "--json"] + Sandbox.inputs
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 0)
    let document = try #require(JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(document["across"] as? String == "order" && document["seedVaries"] as? String == "order")
    let groups = try #require(document["groups"] as? [[String: Any]])
    #expect(groups.map { $0["value"] as? String } == ["ascending", "descending", "random", "weight-norm"])
    #expect(groups.map { ($0["runs"] as? [Any])?.count } == [1, 1, 2, 1])
    let single = ["prune", "--order", "random", "--seed", "2", "--output", "one"] + Sandbox.inputs
    #expect(try sandbox.espalier(single).status == 0)
    #expect(try sandbox.text("one/run.json") == sandbox.text("runs/compare/random/seed-2/run.json"))
  }

  /// One training a seed, for all orders; what a run alone leaves is left.
  @Test func ordersOfTrainedNetworksShareTheTraining() throws {
    let small = [
      "--identities", "4", "--training-images", "10", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
    ]
    let sandbox = try Sandbox()
    let arguments = ["compare", "--seeds", "1-2", "--across", "order", "--jobs", "2"] + small
    #expect(try sandbox.espalier(arguments).status == 0)
    let report = try sandbox.text("report/comparison.md")
    #expect(report.contains("Each seed trains a network of its own."))
    #expect(report.contains("ascending (2 runs), descending (2 runs), random (2 runs) and weight-norm (2 runs)"))

    let files = try sandbox.files()
    let single = ["run", "--seed", "2", "--order", "random", "--output", "one"] + small
    #expect(try sandbox.espalier(single).status == 0)
    let alone = try sandbox.files().filter { $0.key.hasPrefix("one/") && !$0.key.hasSuffix("environment.json") }
    #expect(alone.count >= 8)
    for (name, bytes) in alone {
      #expect(files["runs/compare/random/seed-2/\(name.dropFirst(4))"] == bytes, "\(name)")
    }

    // A missing one is made again, and nothing else; no state of its training stays.
    try FileManager.default.removeItem(atPath: sandbox.path("runs/compare/descending/seed-1/run.json"))
    let again = try sandbox.espalier(arguments)
    #expect(again.error.hasPrefix("wrote runs/compare/descending/seed-1/run.json"))
    #expect(again.error.components(separatedBy: "run.json").count == 2)
    #expect(try !sandbox.files().keys.contains { $0.contains("checkpoint") || $0.contains(".lock") })
    #expect(
      try sandbox.text("runs/compare/descending/seed-1/run.json")
        == String(
          decoding: #require(files["runs/compare/descending/seed-1/run.json"]), as: UTF8.self))
  }

  @Test func argumentsThatMakeNoSense() throws {
    let sandbox = try Sandbox()
    func error(_ arguments: [String]) throws -> String {
      let outcome = try sandbox.espalier(["compare"] + arguments)
      #expect(outcome.status == 2)
      return outcome.error
    }
    #expect(try error([]) == "espalier: compare: no runs; expected run folders, or --seeds\n")
    #expect(
      try error(["runs/a", "--seeds", "1"])
        == "espalier: compare: run folders and --seeds; expected run folders, or --seeds\n")
    #expect(
      try error(["--seeds", "1-3"] + Sandbox.inputs) == """
        espalier: --seeds: 3 seeds that change nothing in a given network; expected --validation-sample or --order random \
        beside it

        """)
    #expect(
      try error(["--seeds", "1-2", "--across", "layer"] + Sandbox.inputs)
        == "espalier: --across: layer with --seeds; expected order, defence, attack, or attack,defence; or folders of "
        + "finished runs\n")
    for option in [
      ["--layer", "pool_1"], ["--model", "model.h5"], ["--drops", "2"], ["--epochs", "3"], ["--jobs", "2"],
      ["--trigger", "patch"], ["--identities", "3"], ["--exclude-target"], ["--keep", "record"],
      ["--clean-valid", "valid.h5"], ["--validation-sample", "8"], ["--learning-rate", "0.5"],
    ] {
      #expect(
        try error(["runs/a", "runs/b"] + option)
          == "espalier: \(option[0]): given beside run folders; expected it with --seeds, which makes runs\n")
    }
    #expect(
      try error(["--seeds", "1", "--validation-sample", "31"] + Sandbox.inputs)
        == "espalier: --validation-sample: 31; expected 1...30, the rows of valid.h5\n")
    #expect(try error(["--seeds", "3-1"]).contains("expected 1 to 1,000,000 different seeds, as 1-10 or 1-100,200"))
  }

  /// What is a list of seeds goes on to the next error.
  @Test func listsOfSeedsGoUpToAMillion() throws {
    let sandbox = try Sandbox()
    func error(_ seeds: String) throws -> String {
      try sandbox.espalier(["compare", "--seeds", seeds, "--across", "layer"] + Sandbox.inputs).error
    }
    for seeds in ["1-10", "1-100,200", "1-10000", "1-1000000", "5-1000004", "18446744073709551615"] {
      #expect(try error(seeds).hasPrefix("espalier: --across: layer with --seeds"), "\(seeds)")
    }
    for seeds in ["1-1000001", "1-1000000,0", "1-3,2", "3-1", "0-18446744073709551615", "1-", "1-2-3", "x"] {
      let text = try error(seeds)
      #expect(text.contains("expected 1 to 1,000,000 different seeds, as 1-10 or 1-100,200"), "\(seeds): \(text)")
    }
  }
  /// Long lists are parsed in another way than short ones.
  @Test func everyFolderOfALongListIsNamed() throws {
    let sandbox = try Sandbox()
    let names = (0..<120).map { "run-\($0)" }
    let arguments = ["compare", "--figure", "a.png"] + names[..<40] + ["--keep-going", ""] + names[40...]
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 1)
    let expected = (names[..<40] + [""] + names[40...]).map {
      "espalier: \($0): no such file; expected a run record (run.json)"
    }
    let lines = outcome.error.split(separator: "\n").map(String.init)
    #expect(lines.dropLast() == expected[...], "\(outcome.error)")
    #expect(lines.last == "espalier: 121 of 121 runs failed; what finished is kept")
  }
}
