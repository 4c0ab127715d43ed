import Experiment
import Testing

/// `--config experiment.yaml`.
struct ConfigurationTests {
  private static let text = """
    # The tiny network.
    model: model.h5
    clean-valid: valid.h5
    backdoored-test: bd_test.h5
    layer: pool_1
    drops: [2, 40]
    exclude-target: false
    seed: 5
    output: from-file

    """

  @Test func theFileHoldsOptionsAndTheCommandLineWins() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.text, to: "experiment.yaml")
    let plain = try sandbox.espalier(["prune", "--config", "experiment.yaml"])
    #expect(plain.error == "wrote from-file/run.json, curve.csv and the networks\n")
    let record = try RunRecord.read(sandbox.path("from-file"))
    #expect(record.seed == 5 && record.repaired.map { "\($0.drop)" } == ["2", "40"])

    let won = try sandbox.espalier(["prune", "--seed", "6", "--config=experiment.yaml", "--output", "from-flag"])
    #expect(won.error == "wrote from-flag/run.json, curve.csv and the networks\n")
    #expect(try RunRecord.read(sandbox.path("from-flag")).seed == 6)
  }

  @Test(arguments: [
    ("modle: model.h5", "experiment.yaml: unknown option '--modle'. Did you mean '--model'?"),
    (
      "threads: 0", "experiment.yaml: the value '0' is invalid for '--threads <n>': expected a whole number in 1...1024"
    ),
    ("model: a.h5\nmodel: b.h5", "experiment.yaml: model twice; expected each option once"),
    ("model:\n  path: a.h5", "experiment.yaml: model: a nested value; expected a value, or a list of values"),
    ("drops: [[2]]", "experiment.yaml: drops: a nested value; expected a value, or a list of values"),
    ("model:", "experiment.yaml: model: no value; expected a value, or a list of values"),
    ("config: other.yaml", "experiment.yaml: config inside a configuration; expected other options"),
    ("- model", "experiment.yaml: no names at the top; expected a line `name: value` for each option"),
    (
      "model: [a",
      """
      experiment.yaml: text that is not YAML (line 2: did not find expected ',' or ']'); expected a line `name: value` \
      for each option
      """
    ),
    ("", "--model: not given; expected a Keras or ONNX file"),
    ("clean-vald: a.h5", "experiment.yaml: unknown option '--clean-vald'. Did you mean '--clean-valid'?"),
    ("zzzzzz: 1", "experiment.yaml: unknown option '--zzzzzz'"),
    ("model: ~", "experiment.yaml: model: no value; expected a value, or a list of values"),
    ("model: null", "experiment.yaml: model: no value; expected a value, or a list of values"),
    ("model: ''", "experiment.yaml: model: no value; expected a value, or a list of values"),
    ("exclude-target: yes", "experiment.yaml: exclude-target: yes; expected true or false"),
    ("exclude-target: 1", "experiment.yaml: exclude-target: 1; expected true or false"),
    ("model: true", "true: no such file; expected an HDF5 file"),
    ("model=x: y", "experiment.yaml: a name that is no word; expected a line `name: value` for each option"),
    ("? [model]\n: y", "experiment.yaml: a name that is no word; expected a line `name: value` for each option"),
    ("help: true", "experiment.yaml: help inside a configuration; expected other options"),
    ("version: true", "experiment.yaml: version inside a configuration; expected other options"),
    (
      "seed: one",
      "experiment.yaml: the value 'one' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"
    ),
    (
      "seed: -1",
      "experiment.yaml: the value '-1' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"
    ),
    (
      "seed: 18446744073709551616",
      "experiment.yaml: the value '18446744073709551616' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"
    ),
    (
      "seed: 1.5",
      "experiment.yaml: the value '1.5' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"
    ),
    (
      "seed: [1, 2]",
      "experiment.yaml: the value '1,2' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"
    ),
    (
      "model: a.h5\n---\nmodel: b.h5",
      """
      experiment.yaml: text that is not YAML (line 2: but found another document); expected a line `name: value` for each \
      option
      """
    ),
    (
      "model: *absent",
      """
      experiment.yaml: text that is not YAML (line 1: found undefined alias); expected a line `name: value` for each option
      """
    ),
    (
      "a: " + String(repeating: "[", count: 60_000),
      """
      experiment.yaml: text that is not YAML (line 1: nested deeper than 1000); expected a line `name: value` for each option
      """
    ),
    (
      String(repeating: "- ", count: 30_000),
      """
      experiment.yaml: text that is not YAML (line 1: nested deeper than 1000); expected a line `name: value` for each option
      """
    ),
    (
      "a: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
      "experiment.yaml: a: a nested value; expected a value, or a list of values"
    ),
    (bomb(levels: 25) + "b: *a25", "experiment.yaml: 51 aliases; expected at most 8"),
    // Comparing this key with others would take years.
    (bomb(levels: 25) + "? *a25\n: b", "experiment.yaml: 51 aliases; expected at most 8"),
    (
      bomb(levels: 3) + "? *a3\n: b",
      "experiment.yaml: a1: a nested value; expected a value, or a list of values"
    ),
    (String(repeating: "#\n", count: 40_000), "experiment.yaml: has 80000 bytes; expected at most 65536"),
  ])
  func errorsNameTheFile(text: String, message: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(text, to: "experiment.yaml")
    let outcome = try sandbox.espalier(["prune", "--config", "experiment.yaml"])
    #expect(outcome.error == "espalier: \(message)\n")
    #expect(outcome.status == 2)
  }

  /// Each list twice the one before it.
  private static func bomb(levels: Int) -> String {
    "a0: &a0 [x, x]\n" + (1...levels).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
  }

  @Test func aFewAliasesAndAnyLineBreaksAreTaken() throws {
    let sandbox = try Sandbox()
    let text = "\u{FEFF}" + Self.text.replacing("\n", with: "\r\n").replacing(" model.h5", with: " &m model.h5")
    try sandbox.write(text + "repaired: *m", to: "experiment.yaml")
    let outcome = try sandbox.espalier(["evaluate", "--config", "experiment.yaml"])
    #expect(outcome.error == "espalier: experiment.yaml: unknown option '--layer'. Did you mean '--layout'?\n")
    try sandbox.write("\u{FEFF}model: &m model.h5\r\nclean-valid: valid.h5\r\nrepaired: *m", to: "experiment.yaml")
    #expect(try sandbox.espalier(["evaluate", "--config", "experiment.yaml"]).status == 0)
  }

  /// The file says true or false for these alone, so their names are known to it.
  @Test func everyOptionWithoutAValueIsKnown() throws {
    let sandbox = try Sandbox(files: [:])
    let commands = try sandbox.espalier(["none"]).error.replacing("\n", with: "").split(separator: "one of ")[1]
    var found: Set<String> = []
    for command in commands.split(separator: ", ") {
      let help = try sandbox.espalier([String(command), "--help"]).output
      for line in help.split(separator: "\n") {
        guard let match = line.firstMatch(of: /^  --([a-z-]+)(?: {2,}|$)/) else { continue }
        found.insert(String(match.1))
      }
    }
    #expect(
      found == ["crate", "exclude-target", "force", "json", "keep-going", "no-wait", "retrain", "strict", "version"])
    for name in found.subtracting(["version"]) {
      try sandbox.write("\(name): maybe", to: "experiment.yaml")
      let outcome = try sandbox.espalier(["prune", "--config", "experiment.yaml"])
      #expect(outcome.error == "espalier: experiment.yaml: \(name): maybe; expected true or false\n")
    }
  }

  @Test func theFileHasToBeThere() throws {
    let outcome = try Sandbox().espalier(["run", "--config", "experiment.yaml"])
    #expect(outcome.error == "espalier: experiment.yaml: cannot be read: No such file or directory\n")
    #expect(outcome.status == 2)
  }

  @Test func theCommandLinesOwnErrorsAreNotTheFiles() throws {
    let sandbox = try Sandbox()
    try sandbox.write(Self.text, to: "experiment.yaml")
    let outcome = try sandbox.espalier(["prune", "--config", "experiment.yaml", "--modle", "x"])
    #expect(outcome.error == "espalier: unknown option '--modle'. Did you mean '--model'?\n")
    #expect(try sandbox.espalier(["prune", "--config", "experiment.yaml", "--help"]).status == 0)
  }
}
