import Experiment
import Files
import Foundation
import Testing

/// `espalier verify` on a run of the tiny BadNet: as it was left, and with one thing changed.
struct VerifyTests {
  /// The files of a folder in which `run` has been.
  private static let finished = Result {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs + ["--output", "runs/tiny"]).status == 0)
    return try sandbox.files()
  }

  private static let sameLines = """
    same         record                 runs/tiny/run.json
    same         model                  model.h5
    same         clean validation       valid.h5
    same         clean test             test.h5
    same         backdoored validation  bd_valid.h5
    same         backdoored test        bd_test.h5
    same         counts                 3 identities, 6 channels, rows of 4 splits
    same         mean activation        6 channels
    same         prune order            6 channels, ascending
    same         curve                  7 points on 4 splits
    same         B', X = 2              k = 4
    same         G, X = 2               k = 4
    same         detection, X = 2       k = 4
    same         B', X = 4              k = 4
    same         G, X = 4               k = 4
    same         detection, X = 4       k = 4
    same         B', X = 10             k = 4
    same         G, X = 10              k = 4
    same         detection, X = 10      k = 4
    same         provenance             the command of this record, by version \(RunEnvironment.version)
    same         curve.csv              runs/tiny/curve.csv
    same         repaired-2.h5          runs/tiny/repaired-2.h5
    same         repaired-4.h5          runs/tiny/repaired-4.h5
    same         repaired-10.h5         runs/tiny/repaired-10.h5
    same         report                 report/report.md
    same         figure                 figures/output.png
    same         figure                 figures/output.pdf
    same         figure                 figures/output-samples.png
    runs/tiny: 28 items the same, 0 different, 0 not checked

    """

  @Test func everythingThatARunLeftIsTheSame() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(["verify", "runs/tiny"])
    #expect(outcome.output == Self.sameLines)
    #expect(outcome.status == 0 && outcome.error == "")
    #expect(try sandbox.espalier(["verify", "runs/tiny/run.json", "--threads", "1"]).status == 0)
    #expect(try sandbox.files() == before, "nothing is written")
  }

  /// One change to a finished run, and the lines that are not the same then.
  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let lines: [String]
    let arguments: [String]
    let change: @Sendable (Sandbox) throws -> Void

    init(
      _ name: String, _ lines: [String], arguments: [String] = [],
      change: @escaping @Sendable (Sandbox) throws -> Void
    ) {
      testDescription = name
      self.lines = lines
      self.arguments = arguments
      self.change = change
    }
  }

  private static func changeByte(_ place: Int, of name: String, in sandbox: Sandbox) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: sandbox.path(name)))
    bytes[place] ^= 1
    try bytes.write(to: URL(fileURLWithPath: sandbox.path(name)))
  }

  private static func digest(_ name: String, _ sandbox: Sandbox) throws -> String {
    try String(FileDigest.sha256(ofFileAt: sandbox.path(name)).prefix(8))
  }

  private static let beside = ": as in the record, which was not recomputed"

  static let changes: [Change] = [
    Change(
      "a hit count of the record",
      [
        "DIFFERENT    curve                  k = 1, clean test: 11 of 12 recorded, 12 recomputed"
      ]
    ) {
      try replace(
        #""hits" : 12"#, by: #""hits" : 11"#, in: "runs/tiny/run.json", of: $0, after: #""channelsPruned" : 1"#)
    },
    Change(
      "a mean activation",
      ["DIFFERENT    mean activation        channel 4: 0.25 recorded, 0.0 recomputed"]
    ) { try replace("    0,\n    0\n  ]", by: "    0.25,\n    0\n  ]", in: "runs/tiny/run.json", of: $0) },
    Change(
      "the rows that G flags",
      ["DIFFERENT    detection, X = 2       flagged of backdoored validation: 29 of 30 recorded, 30 recomputed"]
    ) {
      try replace(
        #""hits" : 30"#, by: #""hits" : 29"#, in: "runs/tiny/run.json", of: $0, after: #""detectionValid""#,
        #""truePositives""#)
    },
    Change(
      "a line of the record that says nothing",
      ["DIFFERENT    record                 line 2: '  \"note\" : 1,' in the file, '  \"channels\" : 6,' recomputed"]
    ) { try replace("{\n", by: "{\n  \"note\" : 1,\n", in: "runs/tiny/run.json", of: $0) },
    Change(
      "a line of the table",
      [
        "DIFFERENT    curve.csv              "
          + "line 3: '1,6,3,30,30,12,12,11,30,4,12' in the file, '1,6,3,30,30,12,12,10,30,4,12' recomputed"
      ]
    ) { try replace("12,12,10,30,4,12", by: "12,12,11,30,4,12", in: "runs/tiny/curve.csv", of: $0) },
    Change(
      "a number of the report",
      [
        "DIFFERENT    report                 report/report.md: line 45: "
          + "'| clean test            | accuracy       |   12 |   11 | 100.00 % [73.5, 100.0] |' in the file, "
          + "'| clean test            | accuracy       |   12 |   12 | 100.00 % [73.5, 100.0] |' recomputed"
      ]
    ) { try replace("|   12 |   12 |", by: "|   12 |   11 |", in: "report/report.md", of: $0) },
    Change(
      "a picture that the report shows",
      [
        "DIFFERENT    figure                 figures/none.gif: an unknown kind of figure; "
          + "expected a name that ends in .png, .pdf or .svg"
      ]
    ) { try replace("](../figures/output.png)", by: "](../figures/none.gif)", in: "report/report.md", of: $0) },
    Change(
      "a byte of the PNG's pixels",
      ["DIFFERENT    figure                 figures/output.png: other bytes than redrawn, from byte 1001 of"]
    ) { try changeByte(1000, of: "figures/output.png", in: $0) },
    Change(
      // libpng reads such a file to the same pixels.
      "a byte of the PNG's resolution",
      ["DIFFERENT    figure                 figures/output.png: other bytes than redrawn, from byte 46 of"]
    ) { try changeByte(45, of: "figures/output.png", in: $0) },
    Change(
      "a byte of the PDF",
      ["DIFFERENT    figure                 figures/output.pdf: other bytes than redrawn, from byte 2001 of"]
    ) { try changeByte(2000, of: "figures/output.pdf", in: $0) },
    Change(
      "a repaired network by the original",
      [
        "DIFFERENT    repaired-4.h5          conv_1/kernel: 54 of 162 values differ, by at most 0.111 "
          + "(and 1 more difference)"
      ]
    ) { sandbox in
      try sandbox.copy("model.h5", to: "runs/tiny/repaired-4.h5")
    },
    Change(
      "a repaired network that is gone",
      ["DIFFERENT    repaired-4.h5          runs/tiny/repaired-4.h5: no such file"]
    ) { try FileManager.default.removeItem(atPath: $0.path("runs/tiny/repaired-4.h5")) },
    Change(
      "a split that is gone",
      [
        "DIFFERENT    clean test             test.h5: no such file; --clean-test says where it lies now",
        "not checked  clean test rates       not recomputed, without the faces of the record",
        "not checked  curve.csv              runs/tiny/curve.csv\(beside)",
        "not checked  report                 report/report.md\(beside)",
        "not checked  figure                 figures/output.png\(beside)",
        "not checked  figure                 figures/output.pdf\(beside)",
      ]
    ) { try FileManager.default.removeItem(atPath: $0.path("test.h5")) },
    Change(
      "clean validation by other faces",
      [
        "DIFFERENT    clean validation       valid.h5: SHA-256 VALID recorded, TEST now",
        "not checked  study                  not recomputed, without the clean validation faces of the record",
        "not checked  curve.csv              runs/tiny/curve.csv\(beside)",
        "not checked  repaired-2.h5          runs/tiny/repaired-2.h5\(beside)",
        "not checked  repaired-4.h5          runs/tiny/repaired-4.h5\(beside)",
        "not checked  repaired-10.h5         runs/tiny/repaired-10.h5\(beside)",
        "not checked  report                 report/report.md\(beside)",
        "not checked  figure                 figures/output.png\(beside)",
        "not checked  figure                 figures/output.pdf\(beside)",
        "not checked  figure                 figures/output-samples.png: not redrawn, without the faces of the record",
      ]
    ) { try $0.copy("test.h5", to: "valid.h5") },
    Change(
      "a report of another run",
      [
        "not checked  report                 report/report.md is of another run: its command is not this one's; "
          + "--report compares it anyway",
        "not checked  figure                 figures/output.png may be of another run; --figure compares it anyway",
        "not checked  figure                 figures/output.pdf may be of another run; --figure compares it anyway",
      ]
    ) { sandbox in
      let other = ["run"] + Sandbox.inputs + ["--order", "descending", "--output", "runs/other"]
      _ = try sandbox.espalier(other)
    },
    Change(
      "another report by its name",
      ["DIFFERENT    report                 other.md: line 1: 'no report' in the file, "],
      arguments: ["--report", "other.md", "--figure", "figures/output.png"]
    ) { try $0.write("no report\n", to: "other.md") },
  ]

  @Test(arguments: changes) func aChangeIsNamed(_ change: Change) throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let digests = ["VALID": try Self.digest("valid.h5", sandbox), "TEST": try Self.digest("test.h5", sandbox)]
    try change.change(sandbox)
    let outcome = try sandbox.espalier(["verify", "runs/tiny"] + change.arguments)
    let lines = outcome.output.split(separator: "\n").dropLast().filter { !$0.hasPrefix("same ") }
    let expected = change.lines.map { line in
      digests.reduce(line) { $0.replacingOccurrences(of: "SHA-256 \($1.key) ", with: "SHA-256 \($1.value) ") }
        .replacingOccurrences(of: ", TEST now", with: ", \(digests["TEST"] ?? "") now")
    }
    #expect(lines.count == expected.count, "\(outcome.output)\(outcome.error)")
    for (line, expected) in zip(lines, expected) { #expect(line.hasPrefix(expected), "\(line)") }
    #expect(outcome.status == (change.lines.contains { $0.hasPrefix("DIFFERENT") } ? 1 : 0))
    #expect(outcome.error == "")
  }

  @Test func anotherModelIsNamedAndNothingIsComputedOnIt() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let (old, new) = (try Self.digest("model.h5", sandbox), try Self.digest("runs/tiny/repaired-2.h5", sandbox))
    try sandbox.copy("model.h5", to: "moved.h5")
    try sandbox.copy("runs/tiny/repaired-2.h5", to: "model.h5")
    let outcome = try sandbox.espalier(["verify", "runs/tiny"])
    #expect(outcome.status == 1)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains("DIFFERENT    model                  model.h5: SHA-256 \(old) recorded, \(new) now"))
    #expect(lines.contains("not checked  study                  not recomputed, without the network of the record"))
    #expect(lines.contains("not checked  repaired-2.h5          not regenerated, without the network of the record"))
    // The rest is compared with the record, which may have been forged with it.
    #expect(
      lines.contains(
        "not checked  report                 report/report.md\(Self.beside)"))
    #expect(
      lines.last == "runs/tiny: 6 items the same, 1 different, 8 not checked: this run is verified in part only")

    let moved = try sandbox.espalier(["verify", "runs/tiny", "--model", "moved.h5"])
    #expect(moved.output == Self.sameLines.replacingOccurrences(of: "model.h5\n", with: "moved.h5\n"))
    #expect(moved.status == 0)
  }

  @Test func lastDigitsOfMeanActivationsMayBeAnotherProcessors() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    var record = try RunRecord.read(sandbox.path("runs/tiny"))
    record.meanActivation[0] *= 1 + 1e-7
    try sandbox.write(record.json, to: "runs/tiny/run.json")
    let near = try sandbox.espalier(["verify", "runs/tiny"])
    #expect(near.status == 0)
    #expect(
      near.output.contains(
        "mean activation        6 channels, to a hundred-thousandth of each but not to the last digit\n"))
    record.meanActivation[0] *= 1 + 1e-4
    try sandbox.write(record.json, to: "runs/tiny/run.json")
    #expect(
      try sandbox.espalier(["verify", "runs/tiny"]).output.contains("DIFFERENT    mean activation        channel 0: "))
  }

  @Test func aRecordThatContradictsItselfIsRefused() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    try Self.replace(
      #""hits" : 20"#, by: #""hits" : 19"#, in: "runs/tiny/run.json", of: sandbox, after: #""repaired""#, #""model""#,
      #""network""#)
    let outcome = try sandbox.espalier(["verify", "runs/tiny"])
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(
      outcome.error == "espalier: runs/tiny/run.json: network of X = 2 differs; expected the curve's point 4\n")
  }

  @Test func jsonHoldsEveryDifference() throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    try Self.replace("12,12,10,30,4,12", by: "0,12,10,30,4,12", in: "runs/tiny/curve.csv", of: sandbox)
    let outcome = try sandbox.espalier(["verify", "runs/tiny", "--json"])
    #expect(outcome.status == 1 && outcome.error == "")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(answer["same"] as? Int == 27 && answer["different"] as? Int == 1 && answer["notChecked"] as? Int == 0)
    let findings = try #require(answer["findings"] as? [[String: Any]])
    let wrong = try #require(findings.first { $0["verdict"] as? String == "different" })
    #expect(wrong["item"] as? String == "curve.csv")
    #expect((wrong["differences"] as? [String])?.count == 1)
  }

  @Test(arguments: [
    (["verify"], "verify: no run and no --repaired; expected FORMS"),
    (
      ["verify", "runs/tiny", "--repaired", "model.h5"],
      "verify: a run and options of a repaired network; expected FORMS"
    ),
    (["verify", "runs/tiny", "--drops", "3"], "verify: a run and options of a repaired network; expected FORMS"),
    (
      ["verify", "--model", "model.h5", "--repaired", "model.h5", "--retrain"],
      "verify: a repaired network and options of a run; expected FORMS"
    ),
    (["verify", "--repaired", "model.h5"], "--model: not given; expected a Keras or ONNX file"),
    (["verify", "nowhere"], "nowhere: no such file; expected a run record (run.json)"),
    (
      ["verify", "runs/tiny", "--figure", "f.gif"],
      "f.gif: an unknown kind of figure; expected a name that ends in .png, .pdf or .svg"
    ),
  ]) func badUsageIsOneLine(_ arguments: [String], _ message: String) throws {
    let sandbox = try Sandbox(files: Self.finished.get())
    let outcome = try sandbox.espalier(arguments)
    let forms = "a run, or --model and --repaired, each with its own options"
    #expect(outcome.error == "espalier: \(message.replacingOccurrences(of: "FORMS", with: forms))\n")
    #expect(outcome.status == 2 && outcome.output == "")
  }

  /// Replaces the first `text` behind the last of some landmarks, each looked for behind the one before.
  private static func replace(
    _ text: String, by other: String, in name: String, of sandbox: Sandbox, after landmarks: String...
  ) throws {
    let whole = try sandbox.text(name)
    var start = whole.startIndex
    for landmark in landmarks {
      start = try #require(whole.range(of: landmark, range: start..<whole.endIndex), "\(landmark)").upperBound
    }
    let range = try #require(whole.range(of: text, range: start..<whole.endIndex), "\(name) has no \(text)")
    try sandbox.write(whole.replacingCharacters(in: range, with: other), to: name)
  }
}

extension Sandbox {
  /// Replaces a file by a copy of another.
  func copy(_ name: String, to target: String) throws {
    try Data(contentsOf: URL(fileURLWithPath: path(name))).write(to: URL(fileURLWithPath: path(target)))
  }
}
