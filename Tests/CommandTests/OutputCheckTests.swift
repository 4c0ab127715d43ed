import Foundation
import Testing

/// No output over an input, over another output, or over a file of another kind: told before any work, and nothing is changed.
struct OutputCheckTests {
  private static let given = [
    "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--backdoored-test", "bd_test.h5",
  ]

  /// Runs a command that has to be refused, and finds every file as it was.
  private func refused(_ sandbox: Sandbox, _ arguments: [String]) throws -> String {
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 2 && outcome.output == "", "\(arguments) \(outcome)")
    #expect(try sandbox.files() == before, "\(arguments)")
    #expect(
      outcome.error.hasPrefix("espalier: ") && outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    return String(outcome.error.dropFirst("espalier: ".count).dropLast())
  }

  @Test func anOutputIsNoInput() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "own"] + Sandbox.inputs).status == 0)
    try FileManager.default.createSymbolicLink(atPath: sandbox.path("link.md"), withDestinationPath: "model.h5")
    try FileManager.default.linkItem(atPath: sandbox.path("model.h5"), toPath: sandbox.path("hard.md"))
    let run = ["run", "--output", "run", "--figure", "f.png"] + Self.given
    let same = "the file of --model too; expected another path for what --report writes"
    #expect(try refused(sandbox, run + ["--report", "./link.md"]) == "./link.md: \(same)")
    #expect(try refused(sandbox, run + ["--report", "hard.md", "--force"]) == "hard.md: \(same)")
    let own = "the file of --model too; expected another path for what --output writes"
    let prune = ["prune", "--layer", "pool_1", "--clean-valid", "valid.h5"]
    #expect(
      try refused(sandbox, prune + ["--model", "own/repaired-2.h5", "--output", "own"]) == "own/repaired-2.h5: \(own)")
    #expect(
      try refused(sandbox, prune + ["--model", "own/../own/repaired-2.h5", "--output", "./own/"])
        == "./own//repaired-2.h5: \(own)")
    #expect(
      try refused(sandbox, ["plot", "own", "--reference", "r.csv", "--output", "r.csv"]).hasPrefix("r.csv: the file of")
    )
    for arguments in [
      ["report", "own", "--template", "t.md", "--output", "t.md"],
      ["report", "own", "--table", "csv", "--output", "own/curve.csv"],
      ["compare", "own", "--report", "t.md", "--template", "t.md"],
      ["train", "--trigger", "t.md", "--target", "0", "--output", "t.md"],
      ["compare", "--seeds", "1-2", "--output", "own", "--model", "own/seed-1/m.h5", "--clean-valid", "valid.h5"],
    ] {
      try sandbox.write("text", to: "t.md")
      let text = try refused(sandbox, arguments)
      #expect(text.contains("too; expected another path") || text.contains("in a run's folder"), "\(text)")
    }
  }

  @Test func anOutputIsNoOtherOutput() throws {
    let sandbox = try Sandbox()
    #expect(
      try refused(sandbox, ["run", "--output", "run", "--figure", "./run/run.json", "--report", "x.md"] + Self.given)
        == "./run/run.json: the file of --output too; expected another path for what --figure writes")
    try sandbox.write("old", to: "x.md")
    try FileManager.default.createSymbolicLink(atPath: sandbox.path("x.svg"), withDestinationPath: "x.md")
    #expect(
      try refused(sandbox, ["run", "--output", "run", "--figure", "x.svg", "--report", "x.md"] + Self.given)
        == "x.md: the file of --figure too; expected another path for what --report writes")
    // Where neither is there yet.
    try FileManager.default.createDirectory(atPath: sandbox.path("folder"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: sandbox.path("same"), withDestinationPath: "folder")
    #expect(try sandbox.espalier(["prune", "--output", "own"] + Sandbox.inputs).status == 0)
    #expect(
      try refused(sandbox, ["plot", "own", "--output", "folder/new.png", "--output", "same/./new.png"])
        == "same/./new.png: the file of --output too; expected another path for what --output writes")
  }

  @Test func aFileOfAnotherKindStays() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "own"] + Sandbox.inputs).status == 0)
    for (from, to) in [
      ("own/run.json", "run.json"), ("own/run.json", "network.json"), ("test.h5", "r.md"), ("test.h5", "f.png"),
    ] {
      try FileManager.default.copyItem(atPath: sandbox.path(from), toPath: sandbox.path(to))
    }
    #expect(
      try refused(sandbox, ["report", "own", "--output", "r.md"])
        == "r.md: an HDF5 file; expected text to replace by --output, or --force to replace anything")
    #expect(
      try refused(sandbox, ["plot", "own", "--output", "f.png"])
        == "f.png: an HDF5 file; expected a PNG image to replace by --output, or --force to replace anything")
    #expect(
      try refused(sandbox, ["train", "--output", "run.json"])
        == "run.json: a run's record; expected an HDF5 file to replace by --output, or --force to replace anything")
    // The record of a training would go to network.json.
    #expect(
      try refused(sandbox, ["train", "--output", "network.h5"])
        == "network.json: a run's record; expected a JSON document to replace by --output, or --force to replace anything"
    )
    #expect(
      try refused(sandbox, ["bundle", "own", "--output", "f.zip"].map { $0 == "f.zip" ? "f.png" : $0 }).contains(".zip")
    )
    let forced = try sandbox.espalier(["report", "own", "--output", "r.md", "--force"])
    #expect(forced.status == 0, "\(forced.error)")
    #expect(try sandbox.text("r.md").hasPrefix("# "))
    // Earlier outputs of the same kind are replaced as ever, and empty files.
    try sandbox.write("", to: "f.png")
    for _ in 0..<2 { #expect(try sandbox.espalier(["plot", "own", "--output", "f.png"]).status == 0) }
    try sandbox.write("force: true\n", to: "c.yaml")
    #expect(try sandbox.espalier(["prune", "--config", "c.yaml", "--output", "own"] + Sandbox.inputs).status == 0)
  }
}
