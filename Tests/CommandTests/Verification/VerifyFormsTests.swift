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
        "not checked  backdoored test rates  not recomputed: --exclude-target needs the clean test faces\n"))
  }

  /// A report's folder that is a symbolic link has another parent: its links lead out of what it names.
  @Test func aReportInALinkedFolderShowsItsFigures() throws {
    let sandbox = try Sandbox()
    try FileManager.default.createDirectory(atPath: sandbox.path("far/away"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: sandbox.path("report"), withDestinationPath: "far/away")
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs + ["--output", "run"]).status == 0)
    let text = try sandbox.text("report/report.md")
    #expect(text.contains("(../../figures/output.png)") && text.contains("(../../figures/output-samples.png)"))
    let sound = try sandbox.espalier(["verify", "run"])
    #expect(sound.status == 0)
    #expect(sound.output.contains("same         figure                 figures/output.png\n"), "\(sound.output)")
    // As it was written before, as though the folder lay where its name is.
    try sandbox.write(text.replacingOccurrences(of: "(../../figures", with: "(../figures"), to: "far/away/report.md")
    let dead = try sandbox.espalier(["verify", "run"])
    #expect(dead.status == 1)
    #expect(
      dead.output.contains("DIFFERENT    figure                 far/figures/output.png: no such file\n"),
      "\(dead.output)")
  }

  /// The names of figures do not tell what a report shows in which place.
  @Test func aFigureInAnothersPlaceIsNamed() throws {
    let sandbox = try Sandbox()
    let figure = ["--figure", "f/x-samples.png"]
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs + ["--output", "run"] + figure).status == 0)
    let sound = try sandbox.espalier(["verify", "run"])
    #expect(sound.status == 0, "\(sound.output)")
    try sandbox.copy("f/x-samples-samples.png", to: "f/x-samples.png")
    let forged = try sandbox.espalier(["verify", "run"])
    #expect(forged.status == 1)
    #expect(forged.output.contains("DIFFERENT    figure                 f/x-samples.png: "), "\(forged.output)")
  }

  @Test func strictWantsEverythingChecked() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--output", "run"]).status == 0)
    let plain = try sandbox.espalier(["verify", "run"])
    #expect(plain.status == 0)
    #expect(plain.output.hasSuffix(" 0 different, 2 not checked: this run is verified in part only\n"))
    let strict = try sandbox.espalier(["verify", "run", "--strict"])
    #expect(strict.status == 1 && strict.output == plain.output && strict.error == "")
    #expect(
      try sandbox.espalier(["report", "run", "-o", "report/report.md", "--figure", "figures/output.png"]).status == 0)
    #expect(try sandbox.espalier(["plot", "run", "--output", "figures/output.png"]).status == 0)
    let complete = try sandbox.espalier(["verify", "run", "--strict"])
    #expect(complete.status == 0, "\(complete.output)\(complete.error)")
  }
}
