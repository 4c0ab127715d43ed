import Attacks
import Experiment
import Foundation
import Testing

/// The commands on good input.
struct RunTests {
  @Test func runLeavesEverything() throws {
    let sandbox = try Sandbox()
    let before = Set(try sandbox.files().keys)
    let outcome = try sandbox.espalier(["run"] + Sandbox.inputs + ["--output", "runs/tiny"])
    #expect(outcome.status == 0)
    #expect(outcome.output == "")
    #expect(
      outcome.error == """
        wrote runs/tiny/run.json, curve.csv and the networks
        wrote figures/output.png
        wrote figures/output.pdf
        wrote figures/output-samples.png
        wrote report/report.md

        """)
    let files = try sandbox.files()
    #expect(
      Set(files.keys).subtracting(before) == [
        "runs/tiny/run.json", "runs/tiny/curve.csv", "runs/tiny/environment.json", "runs/tiny/repaired-2.h5",
        "runs/tiny/repaired-4.h5", "runs/tiny/repaired-10.h5", "figures/output.png", "figures/output.pdf",
        "figures/output-samples.png",
        "report/report.md",
      ])
    #expect(files["figures/output.png"]?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
    #expect(files["figures/output.pdf"]?.starts(with: Data("%PDF".utf8)) == true)
    let report = try sandbox.text("report/report.md")
    #expect(report.contains("](../figures/output.png)"))
    #expect(report.contains("**The pruning defence works on this network**: the attack is broken at X = 2, 4 and 10."))

    let record = try RunRecord.read(sandbox.path("runs/tiny"))
    #expect(record.freeChannels == 3 && record.silentChannels == 3)
    #expect(record.pruneOrder.prefix(3) == [3, 4, 5])
    #expect(record.repaired.map(\.channelsPruned) == [4, 4, 4])
    #expect(record.baseline.cleanTest == Rate(hits: 12, total: 12))
    #expect(
      record.curve.map { $0.rates.backdooredTest?.hits } == [12, 4, 4, 4]
        + record.curve.dropFirst(4).map { $0.rates.backdooredTest?.hits })
  }

  @Test func theSameInputGivesTheSameBytesForAnyNumberOfThreads() throws {
    let (first, second) = (try Sandbox(), try Sandbox())
    for (sandbox, threads) in [(first, "1"), (second, "2")] {
      #expect(try sandbox.espalier(["run"] + Sandbox.inputs + ["--threads", threads]).status == 0)
    }
    var (one, two) = (try first.files(), try second.files())
    #expect(one.removeValue(forKey: "runs/latest/environment.json") != nil)
    #expect(two.removeValue(forKey: "runs/latest/environment.json") != nil)
    #expect(one.count == 5 + 9)
    for (name, bytes) in one { #expect(two[name] == bytes, "\(name)") }

    // Drawn and written again from the record alone.
    #expect(
      try first.espalier(["plot", "runs/latest", "-o", "again.png", "-o", "again.pdf", "-o", "again.svg"]).status == 0)
    let files = try first.files()
    #expect(files["again.png"] == one["figures/output.png"])
    #expect(files["again.pdf"] == one["figures/output.pdf"])
    #expect(files["again.svg"]?.starts(with: Data("<?xml".utf8)) == true)
    let report = try first.espalier(["report", "runs/latest/run.json", "--output", "report/report.md"])
    #expect(report.error == "wrote report/report.md\n")
    #expect(try first.files()["report/report.md"] == one["report/report.md"])
  }

  @Test func splitsBesidesCleanValidationMayBeAbsentAndChangeNoSelection() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--output", "all"]).status == 0)
    let outcome = try sandbox.espalier(
      ["prune", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--output", "one"])
    #expect(outcome.status == 0 && outcome.error == "wrote one/run.json, curve.csv and the networks\n")
    let files = try sandbox.files()
    for drop in [2, 4, 10] { #expect(files["one/repaired-\(drop).h5"] == files["all/repaired-\(drop).h5"]) }
    #expect(try sandbox.text("one/run.json").contains("\"backdooredTest\" : null"))
    #expect(try sandbox.espalier(["plot", "one"]).status == 0)
    let report = try sandbox.espalier(["report", "one", "--output", "-"])
    #expect(report.status == 0 && report.error == "")
    #expect(report.output.contains("No backdoored faces were given, so nothing can be said about the attack."))
  }

  @Test func theReportTakesAStyleAReferenceAndATemplate() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      """
      channels_pruned,channels_total,clean_accuracy_percent,attack_success_rate_percent
      4,6,66.5,33.25
      """, to: "published.csv")
    try sandbox.write("{{model}} has {{identities}} identities\n{{{command}}}\n", to: "own.mustache")
    #expect(
      try sandbox.espalier(
        ["run"] + Sandbox.inputs + [
          "--output", "run", "--table-style", "published", "--reference", "published.csv", "--figure",
          "a/my figure.svg",
          "--report", "b/c/report.md",
        ]
      ).status == 0)
    let text = try sandbox.text("b/c/report.md")
    #expect(text.contains("```text\n| Fraction of Channels Pruned   |   Clean Accuracy |"))
    #expect(text.contains("| X = 2, k = 4    |             66.67 % |   66.50 % |"))
    #expect(text.contains("](../../a/my%20figure.svg)"))
    #expect(text.contains("--drops 2,4,10 \\\n  --reference published.csv \\\n  --table-style published\n```"))
    let own = try sandbox.espalier(["report", "run", "-o", "-", "--template", "own.mustache"]).output
    #expect(own.hasPrefix("`model.h5` has 3 identities\nespalier run --model model.h5 "))
    #expect(own.hasSuffix(" \\\n  --template own.mustache\n"))
    #expect(try sandbox.text("a/my figure.svg").contains("<svg"))
  }

  @Test func evaluateBeginsItsLinesAsTheLabsScriptDoes() throws {
    let sandbox = try Sandbox()
    let test = ["--model", "model.h5", "--clean-test", "test.h5", "--backdoored-test", "bd_test.h5"]
    let original = try sandbox.espalier(["evaluate"] + test)
    #expect(original.status == 0 && original.error == "")
    #expect(
      original.output == """
        Clean Classification accuracy: 100.0 % (12/12, clean test)
        Attack Success Rate: 100.0 % (12/12, backdoored test)

        """)

    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs).status == 0)
    let all = try sandbox.espalier(["evaluate"] + test + ["--repaired", "runs/latest/repaired-2.h5"])
    #expect(
      all.output.split(separator: "\n").map { $0.prefix { $0 != ":" } } == [
        "B", "Clean Classification accuracy", "Attack Success Rate",
        "B'", "Clean Classification accuracy", "Attack Success Rate",
        "G", "Clean Classification accuracy", "Attack Success Rate", "Detection Rate", "False Alarm Rate",
      ])
    let json = try sandbox.espalier(["evaluate", "--json"] + test + ["--repaired", "runs/latest/repaired-2.h5"])
    let networks = try JSONDecoder().decode([Evaluation.NetworkRates].self, from: Data(json.output.utf8))
    #expect(networks.map(\.network) == ["B", "B'", "G"])
    #expect(networks[0].rates.backdooredTest == Rate(hits: 12, total: 12))
    #expect(networks[2].flagged.backdooredTest?.total == 12)
  }

  @Test func anAccuracyNearChanceIsWarnedOfInOneLine() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier(["prune"] + Sandbox.inputs + ["--input-scale", "1/255"])
    #expect(outcome.status == 0)
    let warning = """
      espalier: warning: clean validation accuracy is 10/30, near chance; is --input-scale 1/255 right for this model? \
      With 1 it is 30/30

      """
    #expect(outcome.error == warning + "wrote runs/latest/run.json, curve.csv and the networks\n")
    let evaluation = try sandbox.espalier(
      ["evaluate", "--model", "model.h5", "--clean-valid", "valid.h5", "--input-scale", "1/255"])
    #expect(evaluation.status == 0 && evaluation.error == warning)
  }

  @Test func inspectTellsModelsFacesAndRunsApart() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--output", "run"]).status == 0)
    let text = try sandbox.espalier(["inspect", "run/repaired-2.h5", "valid.h5", "run"])
    #expect(text.status == 0 && text.error == "")
    for line in [
      "run/repaired-2.h5: a network of 5 layers and 333 parameters", "valid.h5: faces",
      "  30 images of 8 x 8 x 3 (height x width x colours)", "  3 labels, 0...2", "run: a run on model.h5",
      "  clean validation: 100.00 % before pruning (30/30)",
    ] {
      #expect(text.output.split(separator: "\n").contains(Substring(line)), "\(line)")
    }
    let json = try sandbox.espalier(["inspect", "--json", "model.h5", "valid.h5", "run"])
    let items = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
    #expect(items?.compactMap { $0["kind"] as? String } == ["model", "faces", "run"])
  }

  @Test func helpHasAnExampleAndFitsTheScreen() throws {
    let sandbox = try Sandbox()
    let commands = ["run", "train", "faces", "prune", "plot", "report", "verify", "evaluate", "classify", "inspect"]
    for command in commands {
      let help = try sandbox.espalier([command, "--help"])
      #expect(help.status == 0 && help.error == "")
      #expect(help.output.contains("Example:\n  espalier \(command) "))
      #expect(help.output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(command)")
    }
    let help = try sandbox.espalier(["--help"])
    for command in commands { #expect(help.output.contains("\n  \(command) ")) }
    let bare = try sandbox.espalier([])
    #expect(bare.status == 0 && bare.output == help.output)
    let run = try sandbox.espalier(["run", "--help"]).output
    for text in [
      "(default: 2,4,10)", "(default: 1)", "(default: all cores)", "pool_3 in DeepID;",
      "(values: ascending, descending, random,",
    ] {
      #expect(run.contains(text), "\(text)")
    }
    #expect(try sandbox.espalier(["--version"]).output == RunEnvironment.version + "\n")
  }
}
