import Foundation
import ModelFiles
import NeuralNetwork
import Testing

/// Names from files that hold a terminal's control sequences, or that a shell would take for something else.
@Suite struct HostileNameTests {
  /// Colours, a window's title, a line of its own, quotes and what `printf` would take for itself.
  private static let name = "\u{1B}[31m\u{1B}]0;owned\u{07}\u{9B}2J 'a' 100 %d \\n\nforged | line"

  /// The tiny BadNet with a hostile layer, as `-bd.h5`.
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    let nodes = try TinyBadNet.network().nodes.map { node in
      Network.Node(name: node.name == "pool_1" ? Self.name : node.name, layer: node.layer, inputs: node.inputs)
    }
    try KerasModelFile.write(try Network(nodes: nodes), to: sandbox.path("-bd.h5"))
    return sandbox
  }

  private func run(_ sandbox: Sandbox) throws -> Outcome {
    try sandbox.espalier(
      ["run", "--model=-bd.h5", "--layer=\(Self.name)", "--clean-valid", "valid.h5", "--figure", "f.svg"])
  }

  private func isHarmless(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control }
  }

  @Test func nothingThatIsShownHasControlCharacters() throws {
    let sandbox = try sandbox()
    let ran = try run(sandbox)
    #expect(ran.status == 0, "\(ran.error)")
    let report = try sandbox.text("report/report.md")
    #expect(isHarmless(ran.error) && isHarmless(report))
    let shown = [
      ["inspect", "--", "-bd.h5"], ["inspect", "runs/latest"], ["inspect", "--json", "--", "-bd.h5"],
      ["inspect", "--json", "runs/latest"], ["verify", "runs/latest", "--figure", "f.svg"],
      ["verify", "runs/latest", "--json"], ["compare", "runs/latest", "--figure", "c.png", "--report", "c.md"],
      ["run", "--model=-bd.h5", "--clean-valid", "valid.h5", "--layer", "none"],
    ]
    for arguments in shown {
      let outcome = try sandbox.espalier(arguments)
      #expect(isHarmless(outcome.output) && isHarmless(outcome.error), "\(arguments)")
      #expect(!outcome.output.contains("\nforged"))
    }
    #expect(try sandbox.espalier(shown[0]).output.contains("| \\u{1B}[31m\\u{1B}]0;owned\\u{07}\\u{009B}2J 'a' 100 %d"))
    #expect(isHarmless(try sandbox.text("c.md")))
    // JSON still says the name itself.
    let json = try sandbox.espalier(shown[2]).output
    let documents = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    let layers = try #require(documents[0]["layers"] as? [[String: Any]])
    #expect(layers.contains { $0["name"] as? String == Self.name })
  }

  @Test func thePrintedCommandRuns() throws {
    let sandbox = try sandbox()
    #expect(try run(sandbox).status == 0)
    let report = try sandbox.text("report/report.md")
    let command = try #require(report.firstMatch(of: /```sh\n((?s).*?)\n```/)).output.1
    #expect(command.contains("--model=-bd.h5"))
    let record = try Data(contentsOf: sandbox.url("runs/latest/run.json"))
    try FileManager.default.removeItem(at: sandbox.url("runs"))
    let outcome = try sandbox.espalier(
      [], after: "espalier() { \"$program\" \"$@\"; }; program=$0; \(command); exit $?")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try Data(contentsOf: sandbox.url("runs/latest/run.json")) == record)
  }
}
