import Experiment
import Foundation
import Testing

/// Inputs that are each sound and do not belong together: told on standard error, in the record and in the report.
struct MixedUpInputTests {
  private static let size = 3 * TinyBadNet.size * TinyBadNet.size

  /// Some of `TinyBadNet`'s images, by their rows of `count`.
  private func images(_ rows: [Int], of count: Int = 30, triggered: Bool = false) -> [Float] {
    let all = TinyBadNet.images(count, triggered: triggered)
    return rows.flatMap { all[$0 * Self.size..<($0 + 1) * Self.size] }
  }

  private func warnings(_ outcome: Outcome) -> [String] {
    outcome.error.split(separator: "\n").compactMap { line in
      line.hasPrefix("espalier: warning: ") ? String(line.dropFirst("espalier: warning: ".count)) : nil
    }
  }

  /// What evaluating these says; `valid` and `backdoored` are files.
  private func warnings(
    _ sandbox: Sandbox, valid: String = "valid.h5", backdoored: String? = nil, _ more: [String] = []
  ) throws -> [String] {
    let outcome = try sandbox.espalier(
      ["evaluate", "--model", "model.h5", "--clean-valid", valid]
        + (backdoored.map { ["--backdoored-valid", $0] } ?? []) + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    return warnings(outcome)
  }

  @Test func soundInputsAreNotWarnedOf() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier(["prune", "--exclude-target"] + Sandbox.inputs)
    #expect(outcome.status == 0 && warnings(outcome).isEmpty, "\(outcome.error)")
    #expect(try !sandbox.text("runs/latest/run.json").contains("\"warnings\""))
  }

  @Test func cleanAndBackdooredSwapped() throws {
    let sandbox = try Sandbox()
    #expect(
      try warnings(sandbox, valid: "bd_valid.h5", backdoored: "valid.h5") == [
        "every label of clean validation is 0, and backdoored validation has 3 different ones: the two seem to be swapped"
      ])
  }

  @Test func cleanImagesOfOneClass() throws {
    let sandbox = try Sandbox()
    let rows = (0..<10).map { 3 * $0 }
    try TinyBadNet.write(images(rows), labels: rows.map { _ in 0 }, to: sandbox.path("one.h5"))
    #expect(
      try warnings(sandbox, valid: "one.h5") == [
        "every label of clean validation is 0; expected clean images of several classes"
      ])
  }

  @Test func backdooredLabelsThatAreTheCleanOnes() throws {
    let sandbox = try Sandbox()
    try TinyBadNet.write(
      TinyBadNet.images(30, triggered: true), labels: TinyBadNet.labels(30), to: sandbox.path("own.h5"))
    #expect(
      try warnings(sandbox, backdoored: "own.h5") == [
        """
        the labels of backdoored validation are those of clean validation, row by row; expected the target's, without \
        which attack success is accuracy
        """
      ])
  }

  @Test func oneFileThatSelectsAndEvaluates() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier([
      "run", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--clean-test", "valid.h5",
      "--output", "run", "--report", "r.md", "--figure", "f.png",
    ])
    let text = """
      30 of 30 images of clean test are in clean validation too, which decides what is pruned: test rates are not of \
      unseen images
      """
    #expect(outcome.status == 0 && warnings(outcome) == [text], "\(outcome.error)")
    #expect(try RunRecord.read(sandbox.path("run")).warnings == [text])
    #expect(try sandbox.text("r.md").contains("\n## Warnings\n\nThe inputs may be mixed up:\n\n- \(text)\n\n## Intro"))
    let verified = try sandbox.espalier(["verify", "run", "--report", "r.md", "--strict"])
    #expect(verified.status == 0 && verified.output.contains("warnings"), "\(verified.output)")
    let record = try sandbox.text("run/run.json")
    try sandbox.write(record.replacingOccurrences(of: "30 of 30 images", with: "1 of 30 images"), to: "run/run.json")
    let forged = try sandbox.espalier(["verify", "run"])
    #expect(forged.status == 1 && forged.output.contains("warning 1: '1 of 30 images"), "\(forged.output)")
  }

  @Test func cleanImagesWithoutTriggerAmongTheBackdoored() throws {
    let sandbox = try Sandbox()
    try TinyBadNet.write(images([0, 1, 2, 3]), labels: [0, 0, 0, 0], to: sandbox.path("none.h5"))
    #expect(
      try warnings(sandbox, backdoored: "none.h5").first
        == "4 of 4 images of backdoored validation are in clean validation too; expected images with a trigger")
  }

  @Test func anAttackNearChance() throws {
    let sandbox = try Sandbox()
    try TinyBadNet.write(TinyBadNet.images(24), labels: (0..<24).map { _ in 0 }, to: sandbox.path("weak.h5"))
    #expect(
      try warnings(sandbox, backdoored: "weak.h5") == [
        """
        backdoored validation attack success is 8/24 before pruning, near chance: clean images get these labels as often
        """
      ])
  }

  @Test func labelsThatBeginAtOne() throws {
    let sandbox = try Sandbox()
    let rows = (0..<30).filter { $0 % 3 < 2 }
    try TinyBadNet.write(images(rows), labels: rows.map { Double($0 % 3 + 1) }, to: sandbox.path("one.h5"))
    #expect(
      try warnings(sandbox, valid: "one.h5") == [
        "clean validation accuracy is 0/20, and 20/20 with 1 subtracted from labels; these begin at 1, not at 0"
      ])
    try TinyBadNet.write(
      TinyBadNet.images(30), labels: TinyBadNet.labels(30).map { $0 + 1 }, to: sandbox.path("all.h5"))
    let refused = try sandbox.espalier(["evaluate", "--model", "model.h5", "--clean-valid", "all.h5"])
    #expect(refused.status == 2)
    #expect(
      refused.error
        == "espalier: all.h5: label is 3 in row 2; expected 0...2 for this model; these labels begin at 1\n")
  }

  /// 9 of 21 of one class, 17 right: far from what always answering that class gives.
  @Test func anUnevenSplitIsNotNearChance() throws {
    let sandbox = try Sandbox()
    let rows = (0..<9).map { 3 * $0 } + (0..<6).map { 3 * $0 + 1 } + (0..<6).map { 3 * $0 + 2 }
    let labels = rows.enumerated().map { Double($0 < 17 ? $1 % 3 : 1) }
    try TinyBadNet.write(images(rows), labels: labels, to: sandbox.path("uneven.h5"))
    #expect(try warnings(sandbox, valid: "uneven.h5").isEmpty)
  }

  @Test func anotherScaleIsNamedWhereItHelpsAlone() throws {
    let sandbox = try Sandbox()
    #expect(
      try warnings(sandbox, ["--input-scale", "1/255"]) == [
        """
        clean validation accuracy is 10/30, near chance; is --input-scale 1/255 right for this model? With 1 it is 30/30
        """
      ])
    // Labels of other images: no scale helps.
    let labels = (0..<30).map { Double(($0 / 3) % 3) }
    try TinyBadNet.write(TinyBadNet.images(30), labels: labels, to: sandbox.path("other.h5"))
    #expect(
      try warnings(sandbox, valid: "other.h5").first?.hasSuffix(
        "near chance; are pixels and labels prepared as the model was trained?") == true)
  }

  @Test func rowsInAnotherOrder() throws {
    let sandbox = try Sandbox()
    try TinyBadNet.write(
      images(Array((0..<30).reversed()), triggered: true), labels: (0..<30).map { _ in 0 }, to: sandbox.path("other.h5")
    )
    #expect(try warnings(sandbox, backdoored: "other.h5").isEmpty)
    let found = try warnings(sandbox, backdoored: "other.h5", ["--exclude-target"])
    #expect(found.count == 1 && found[0].hasSuffix("--exclude-target needs the same order in both"), "\(found)")
    #expect(try warnings(sandbox, backdoored: "bd_valid.h5", ["--exclude-target"]).isEmpty)
    try TinyBadNet.write(
      images([0, 1, 2, 4, 3] + Array(5..<30), triggered: true), labels: (0..<30).map { _ in 0 },
      to: sandbox.path("moved.h5"))
    #expect(
      try warnings(sandbox, backdoored: "moved.h5", ["--exclude-target"]) == [
        """
        row 3 of backdoored validation shows the image of row 4 of clean validation (and 1 more like it); --exclude-target \
        needs the same order in both
        """
      ])
    let help = try sandbox.espalier(["evaluate", "--help"]).output.split { $0 == "\n" || $0 == " " }.joined(
      separator: " ")
    #expect(help.contains("with the same images in the same order: row by row it tells the true class"))
  }
}
