import Foundation
import Testing

/// Triggered faces that all keep their own labels: with `--exclude-target` none of them counts.
struct NoRowsTests {
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox()
    for (name, rows) in [("valid", 30), ("test", 12)] {
      try TinyBadNet.write(
        TinyBadNet.images(rows, triggered: true), labels: TinyBadNet.labels(rows), to: sandbox.path("bd_\(name).h5"))
    }
    return sandbox
  }

  @Test func aRateOfNoRowsIsNoRate() throws {
    let sandbox = try sandbox()
    let evaluated = try sandbox.espalier(
      ["evaluate", "--model", "model.h5", "--clean-valid", "valid.h5", "--backdoored-valid", "bd_valid.h5"]
        + ["--exclude-target"])
    #expect(evaluated.status == 0)
    #expect(evaluated.output.contains("Attack Success Rate: n/a (0/0, backdoored validation)\n"))
    let run = try sandbox.espalier(
      ["run", "--exclude-target", "--output", "run", "--report", "r.md", "--figure", "f.svg"] + Sandbox.inputs)
    #expect(run.status == 0, "\(run.error)")
    let report = try sandbox.text("r.md")
    #expect(
      report.contains("No backdoored face counts, since the true class of each is its label: nothing can be said"))
    for word in ["survives at X", "is broken at X", "and attack success is", " 0.00 %", "attack success ("] {
      #expect(!report.contains(word), "\(word)")
    }
    #expect(try sandbox.text("run/curve.csv").contains("\n0,6,,30,30,12,12,,0,,0\n"))
    // Its own curve beside itself has no attack either.
    let again = try sandbox.espalier(["plot", "run", "--reference", "run/curve.csv", "--output", "g.svg"])
    #expect(again.status == 0, "\(again.error)")
    let compared = try sandbox.espalier(["compare", "run", "--report", "c.md", "--figure", "c.svg", "--output", "c"])
    #expect(compared.status == 0, "\(compared.error)")
    let comparison = try sandbox.text("c.md")
    #expect(comparison.contains("No backdoored face counts"))
    for word in ["survives at", "is broken at", "mean attack success"] {
      #expect(!comparison.contains(word), "\(word)")
    }
    let bundled = try sandbox.espalier(["bundle", "run", "--output", "b.zip"])
    #expect(bundled.status == 0, "\(bundled.error)")
    #expect(try sandbox.espalier(["verify", "b.zip"]).status == 0)
    #expect(try sandbox.espalier(["verify", "run", "--report", "r.md"]).status == 0)
  }

  @Test func theAbstractsNumberIsOfTheRowsThatCount() throws {
    let sandbox = try Sandbox()
    let run = try sandbox.espalier(
      ["run", "--exclude-target", "--output", "run", "--report", "r.md", "--figure", "f.svg"] + Sandbox.inputs)
    #expect(run.status == 0, "\(run.error)")
    // A third of the 30 are of the target itself.
    #expect(try sandbox.text("r.md").contains("20 backdoored validation faces"))
  }
}
