import Experiment
import Foundation
import NeuralNetwork
import Testing

/// `--defence` of `run`, `prune`, `verify` and `compare`, on a tiny network.
struct DefenceCommandTests {
  private static let defences = ["fine-pruning", "clp", "anp", "rnp", "taylor", "weight-norm", "random", "oracle"]

  private static func options(_ defence: String) -> [String] {
    let settings = ["anp": "iterations=3", "rnp": "unlearn-epochs=2,recover-epochs=2", "fine-pruning": "epochs=2"]
    return ["--defence", defence] + (settings[defence].map { ["--defence-options", $0] } ?? [])
  }

  /// The inputs without the layer, which defences of all layers choose themselves.
  private static let inputs: [String] = {
    var inputs = Sandbox.inputs
    if let place = inputs.firstIndex(of: "--layer") { inputs.removeSubrange(place...place + 1) }
    return inputs
  }()

  @Test(arguments: defences) func everyInstructionSetLeavesTheSameFilesAndTheyVerify(_ defence: String) throws {
    let sandbox = try Sandbox()
    var first: [String: Data]?
    for kernels in Kernels.available.map(\.option) {
      let outcome = try sandbox.run(
        "espalier", ["prune"] + Self.inputs + Self.options(defence) + ["--output", "run"],
        environment: ["ESPALIER_KERNELS": kernels])
      #expect(outcome.status == 0, "\(outcome.error)")
      var files: [String: Data] = [:]
      for name in try FileManager.default.contentsOfDirectory(atPath: sandbox.path("run"))
      where name != "environment.json" {
        files[name] = FileManager.default.contents(atPath: sandbox.path("run/\(name)"))
      }
      if let first { #expect(files == first, "\(kernels)") } else { first = files }
    }
    let record = try RunRecord.read(sandbox.path("run"))
    #expect(record.defence == defence)
    #expect(record.recoveryAccuracy?.backdooredTest?.total == 12)
    if let own = record.own {
      #expect(own.model == "repaired-own.h5")
      #expect(first?["repaired-own.h5"] != nil)
    }
    let verified = try sandbox.espalier(["verify", "run"])
    #expect(verified.status == 0, "\(verified.output)")
    #expect(verified.output.contains("same         defence                \(defence)"), "\(verified.output)")
    // A forged score is found.
    let text = try sandbox.text("run/run.json")
    let forged = text.replacingOccurrences(of: "\"defence\" : \"\(defence)\"", with: "\"defence\" : \"taylor\"")
    if defence != "taylor", record.defenceOptions == nil {
      try sandbox.write(forged, to: "run/run.json")
      #expect(try sandbox.espalier(["verify", "run"]).status == 1)
    }
  }

  @Test func aRunWithItsReportIsVerified() throws {
    let sandbox = try Sandbox()
    for defence in ["clp", "fine-pruning"] {
      let outcome = try sandbox.espalier(
        ["run"] + Self.inputs + Self.options(defence) + ["--output", defence, "--drops", "2,40"])
      #expect(outcome.status == 0, "\(outcome.error)")
      let report = try sandbox.text("report/report.md")
      #expect(report.contains("--defence \(defence)"))
      #expect(report.contains("The defence \(defence)"))
      let verified = try sandbox.espalier(["verify", defence])
      #expect(verified.status == 0, "\(verified.output)")
      // The record is enough to make the run again.
      #expect(try sandbox.espalier(["run", defence]).status == 0)
    }
  }

  @Test func badOptionsAreOneLine() throws {
    let sandbox = try Sandbox()
    func error(_ arguments: [String]) throws -> String {
      let outcome = try sandbox.espalier(["prune"] + Sandbox.inputs + arguments)
      #expect(outcome.status == 2)
      return outcome.error
    }
    #expect(
      try error(["--defence", "clq"])
        == "espalier: --defence: no defence clq; expected clp, the nearest, or one of pruning, fine-pruning, bnp, anp, rnp, "
        + "taylor, weight-norm, random, oracle\n")
    #expect(
      try error(["--defence", "clp", "--defence-options", "v=1"])
        == "espalier: --defence-options: no setting v of clp; expected u\n")
    #expect(
      try error(["--defence", "clp", "--order", "random"])
        == "espalier: --order: random with --defence clp; expected it with pruning or fine-pruning alone, for other defences "
        + "have rankings of their own\n")
    #expect(
      try error(["--defence", "bnp"])
        == "espalier: --defence bnp: no batch normalisation behind a convolution that can be pruned; expected a network with "
        + "one, for bnp compares its stored statistics with those of clean images\n")
  }

  @Test func defencesAreCompared() throws {
    let sandbox = try Sandbox()
    let arguments =
      ["compare", "--seeds", "1-2", "--across", "defence", "--defences", "pruning,clp,random,oracle"] + Self.inputs
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
    let files = try sandbox.files()
    for name in [
      "figures/comparison.png", "figures/comparison-curves.png", "figures/comparison-oracle.png",
      "report/comparison.md",
      "runs/compare/defences.csv", "runs/compare/clp/seed-1/run.json", "runs/compare/random/seed-2/run.json",
    ] { #expect(files[name] != nil, "\(name)") }
    let report = try sandbox.text("report/comparison.md")
    for text in ["# Defences side by side", "## The price of honesty", "oracle (no defence)"] {
      #expect(report.contains(text), "\(text)")
    }
    let rows = try sandbox.text("runs/compare/defences.csv").split(separator: "\n")
    #expect(rows[0].hasPrefix("run,seed,attack,defence,stop,network,"))
    #expect(rows.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 22 })
    // Started again it computes nothing.
    let again = try sandbox.espalier(arguments)
    #expect(again.status == 0 && !again.error.contains("run.json"))
    #expect(try sandbox.files() == files)
    let selection = try sandbox.espalier(arguments + ["--selection", "oracle"])
    #expect(selection.status == 0)
    #expect(try sandbox.text("report/comparison.md").contains("chosen by the attack's success"))
    let refused = try sandbox.espalier(["compare", "--seeds", "1", "--across", "attack"] + Self.inputs)
    #expect(
      refused.error == "espalier: --across: attack beside --model; expected networks that are trained here\n")
  }
}
