import Foundation
import Testing

/// `espalier verify` on runs and documents that were not made by the defaults.
struct VerifyFormsTests {
  @Test func everyFormOfRunAndDocumentsIsMadeAnew() throws {
    let sandbox = try Sandbox()
    try sandbox.write(
      "channels_pruned,channels_total,clean_accuracy_percent,attack_success_rate_percent\n4,6,66.5,33.25\n",
      to: "published.csv")
    let choice = ["--order", "random", "--seed", "3", "--validation-sample", "20", "--drops", "0,100"]
    let form = ["--reference", "published.csv", "--table-style", "published"]
    let places = ["--output", "run", "--figure", "a/my figure.svg", "--report", "b/c/report.md"]
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs + choice + form + places).status == 0)
    let arguments = ["verify", "run", "--report", "b/c/report.md"]
    let outcome = try sandbox.espalier(arguments + form)
    #expect(outcome.status == 0, "\(outcome.output)")
    for line in [
      "same         prune order            6 channels, random", "same         B', X = 100            never reached",
      "same         report                 b/c/report.md", "same         figure                 a/my figure.svg",
      "same         figure                 a/my figure-samples.svg",
    ] { #expect(outcome.output.split(separator: "\n").contains(Substring(line)), "\(line)") }
    // At the default place the report is known by its command, whatever its form.
    #expect(try sandbox.espalier(["report", "run", "-o", "report/report.md"] + form).status == 0)
    #expect(
      try sandbox.espalier(["verify", "run"] + form).output.contains(
        "same         report                 report/report.md\n"))
    // Without the options that the documents were made with, they are others.
    #expect(try sandbox.espalier(arguments).output.contains("DIFFERENT    report "))

    let excluded = Sandbox.inputs + ["--exclude-target", "--output", "excluded"]
    #expect(try sandbox.espalier(["prune"] + excluded).status == 0)
    #expect(try sandbox.espalier(["verify", "excluded"]).status == 0)
    try FileManager.default.removeItem(atPath: sandbox.path("test.h5"))
    let partial = try sandbox.espalier(["verify", "excluded"])
    #expect(partial.status == 1)
    #expect(
      partial.output.contains(
        "not checked  backdoored test rates  not computed anew: --exclude-target needs the clean test faces\n"))
  }
}
