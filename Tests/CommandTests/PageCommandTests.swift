import Foundation
import Testing

/// Reports as pages, tables by themselves, figures in a journal's style, and bundles, through the built program.
@Suite struct PageCommandTests {
  private func finished() throws -> Sandbox {
    let sandbox = try Sandbox()
    let run = try sandbox.espalier(
      ["run"] + Sandbox.inputs + ["--output", "runs/a", "--report", "report.html", "--figure", "f.png"])
    #expect(run.status == 0, "\(run.error)")
    return sandbox
  }

  @Test func runAndReportWriteTheSamePage() throws {
    let sandbox = try finished()
    let outcome = try sandbox.espalier(["report", "runs/a", "--output", "again.html", "--figure", "f.png"])
    #expect(outcome.status == 0 && outcome.error == "wrote again.html\n", "\(outcome.error)")
    let page = try sandbox.text("report.html")
    #expect(try page == sandbox.text("again.html"))
    #expect(
      page.contains("<figure data-figure=\"samples\">")
        && page.contains("<figure data-figure=\"pruning\" data-reading="))
  }

  @Test func verifyComparesAPage() throws {
    let sandbox = try finished()
    let same = try sandbox.espalier(["verify", "runs/a", "--report", "report.html", "--figure", "f.png"])
    #expect(same.status == 0, "\(same.output)\(same.error)")
    #expect(same.output.contains("same         report                 report.html\n"))
    #expect(same.output.contains("same         figure                 report.html: samples\n"))
    try sandbox.write(
      sandbox.text("report.html").replacing("Baseline evaluation</h3>", with: "Baseline</h3>"), to: "report.html")
    let changed = try sandbox.espalier(["verify", "runs/a", "--report", "report.html", "--figure", "f.png"])
    #expect(changed.status == 1)
    #expect(changed.output.contains("'<h3 id=\"baseline-evaluation\">Baseline</h3>' in the file"))
  }

  @Test func tablesAreWrittenByThemselves() throws {
    let sandbox = try finished()
    let all = try sandbox.espalier(["report", "runs/a", "--table", "latex"])
    #expect(all.status == 0 && all.output.hasPrefix("% Baseline evaluation\n\\begin{tabular}{llrrr}\n\\toprule\n"))
    let folder = try sandbox.espalier(["report", "runs/a", "--table", "csv", "--output", "tables/"])
    #expect(folder.status == 0, "\(folder.error)")
    #expect(try sandbox.text("tables/baseline-evaluation.csv").hasPrefix("Split,Measure,Rows,Hits,"))
  }

  @Test func figuresTakeAWidthAndAStyle() throws {
    let sandbox = try finished()
    try sandbox.write(
      "width: 84mm\nfont-size: 8\nclean-color: \"#000000\"\nattack-dash: solid\ntitle: false\n", to: "s.yaml")
    let plain = try sandbox.espalier(["plot", "runs/a", "--output", "a.svg", "--width", "84mm", "--font-size", "8"])
    let styled = try sandbox.espalier(["plot", "runs/a", "--output", "b.svg", "--style", "s.yaml"])
    #expect(plain.status == 0 && styled.status == 0, "\(plain.error)\(styled.error)")
    for name in ["a.svg", "b.svg"] { #expect(try sandbox.text(name).contains("width=\"238.11")) }
    #expect(try sandbox.text("a.svg") != sandbox.text("b.svg"))
  }

  @Test(arguments: [
    (
      ["report", "runs/a", "--output", "x.docx"],
      "x.docx: an unknown kind of report; expected a name that ends in .md or .html"
    ),
    (
      ["report", "runs/a", "--table", "csv", "--output", "x.tex"],
      "x.tex: not a place for --table csv; expected a folder, or a name that ends in .csv"
    ),
    (
      ["plot", "runs/a", "--style", "s.yaml"],
      "s.yaml: no such choice as clean-colour; expected clean-color, or another of attack-color, attack-dash, band-opacity, "
        + "clean-color, clean-dash, font-size, footnotes, height, intervals, line-width, title, width"
    ),
    (
      ["bundle", "runs/a", "--output", "x.tar"], "x.tar: an unknown kind of archive; expected a name that ends in .zip"
    ),
  ])
  func whatIsWrongIsToldInOneLine(_ arguments: [String], _ text: String) throws {
    let sandbox = try finished()
    try sandbox.write("clean-colour: red\n", to: "s.yaml")
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.status == 2 && outcome.error == "espalier: \(text)\n", "\(outcome.error)")
  }

  @Test func aBundleIsTheSameBytesAndVerifiesItself() throws {
    let sandbox = try finished()
    for name in ["a.zip", "b.zip"] {
      let outcome = try sandbox.espalier(["bundle", "runs/a", "--output", name, "--date", "2025-12-31"])
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let bytes = try Data(contentsOf: sandbox.url("a.zip"))
    #expect(try bytes == Data(contentsOf: sandbox.url("b.zip")))
    let verified = try sandbox.espalier(["verify", "a.zip"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    #expect(verified.output.contains("0 different, 0 not checked"))
  }

  @Test func aBundleOfSeveralRunsHasTheirComparison() throws {
    let sandbox = try Sandbox()
    let made = try sandbox.espalier(
      ["compare", "--seeds", "1-3", "--validation-sample", "8", "--keep", "record"] + Sandbox.inputs)
    #expect(made.status == 0, "\(made.error)")
    let folders = (1...3).map { "runs/compare/seed-\($0)" }
    let bundle = try sandbox.espalier(["bundle"] + folders + ["--output", "a.zip", "--date", "2025-12-31"])
    #expect(bundle.status == 0, "\(bundle.error)")
    let verified = try sandbox.espalier(["verify", "a.zip"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    let spread = "tables/by-x-mean-standard-deviation-as-tables-of-papers-have-it.tex"
    for name in [
      "runs/003/run.json", "runs/003/curve.csv", "comparison.csv", "report.html", "figures/comparison.pdf", spread,
    ] {
      #expect(verified.output.contains(" \(name) "), "\(name): \(verified.output)")
    }
    let unlike = try sandbox.espalier(["bundle", folders[0], folders[0], "--output", "b.zip"])
    #expect(unlike.status == 2)
    #expect(unlike.error == "espalier: runs/002: seed 1 is that of runs/001 too; expected another seed in each run\n")
  }

  @Test func aRecordCarriesItsCommandAndVerifyLooksAtIt() throws {
    let sandbox = try finished()
    let text = try sandbox.text("runs/a/run.json")
    #expect(
      text.contains("\"command\" : \"espalier run --model model.h5 --input-scale 1 \\\\\\n  --clean-valid valid.h5"))
    #expect(try sandbox.text("report.html").contains("Made with Espalier "))
    try sandbox.write(text.replacing("--clean-valid valid.h5", with: "--clean-valid other.h5"), to: "runs/a/run.json")
    let verified = try sandbox.espalier(["verify", "runs/a"])
    #expect(verified.status == 1)
    #expect(verified.output.contains("DIFFERENT    provenance"), "\(verified.output)")
  }

  @Test func doctorSaysWhatIsThere() throws {
    let outcome = try Sandbox(files: [:]).espalier(["doctor"])
    #expect(outcome.output.hasPrefix("espalier "))
    #expect(outcome.output.contains("libhdf5    version 1."))
    #expect(outcome.status == (outcome.output.contains("MISSING") ? 1 : 0))
  }
}
