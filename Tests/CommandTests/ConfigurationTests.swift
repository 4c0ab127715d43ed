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
    ("", "--model: not given; expected a Keras HDF5 file"),
  ])
  func errorsNameTheFile(text: String, message: String) throws {
    let sandbox = try Sandbox()
    try sandbox.write(text, to: "experiment.yaml")
    let outcome = try sandbox.espalier(["prune", "--config", "experiment.yaml"])
    #expect(outcome.error == "espalier: \(message)\n")
    #expect(outcome.status == 2)
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
