import Archives
import Experiment
import Foundation
import Testing

/// The commands on images of other formats, and with triggers laid over given images.
struct GivenImagesTests {
  /// `TinyBadNet`'s images as an archive of (N, H, W, C) bytes.
  private func archive(_ rows: Int, in sandbox: Sandbox, named name: String) throws {
    let (size, planes) = (TinyBadNet.size, TinyBadNet.images(rows))
    var pixels: [UInt8] = []
    for row in 0..<rows {
      for place in 0..<size * size {
        for colour in 0..<3 { pixels.append(UInt8(planes[(row * 3 + colour) * size * size + place])) }
      }
    }
    func array(_ type: String, _ shape: String, _ bytes: [UInt8]) -> [UInt8] {
      var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
      header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes
    }
    let labels = TinyBadNet.labels(rows).map { UInt8($0) }
    let bytes = try ZipArchive.archive(
      of: [
        ("x.npy", array("|u1", "\(rows), \(size), \(size), 3", pixels)), ("y.npy", array("|u1", "\(rows),", labels)),
      ], name: name)
    try Data(bytes).write(to: sandbox.url(name))
  }

  @Test func arraysGiveTheCurveOfTheSameFaces() throws {
    let sandbox = try Sandbox()
    try archive(30, in: sandbox, named: "valid.npz")
    let command = ["prune", "--model", "model.h5", "--layer", "pool_1"]
    #expect(try sandbox.espalier(command + ["--clean-valid", "valid.h5", "--output", "a"]).status == 0)
    #expect(try sandbox.espalier(command + ["--clean-valid", "valid.npz", "--output", "b"]).status == 0)
    #expect(try sandbox.text("a/curve.csv") == sandbox.text("b/curve.csv"))
    let verified = try sandbox.espalier(["verify", "b"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    // Rows of one file for two splits.
    let parts = ["--clean-valid", "valid.npz:0-20", "--clean-test", "valid.npz:20-30", "--output", "c"]
    #expect(try sandbox.espalier(command + parts).status == 0)
    let record = try RunRecord.read(sandbox.path("c"))
    #expect(record.data.cleanValid?.rows == 20 && record.data.cleanTest?.rows == 10)
    #expect(record.data.cleanTest?.path == "valid.npz:20-30" && record.reading == nil)
    #expect(try sandbox.espalier(["verify", "c"]).status == 0)
  }

  @Test func triggersMakeTheBackdooredSplits() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier([
      "run", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--clean-test", "test.h5",
      "--trigger", "patch", "--target", "2", "--output", "run",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let record = try RunRecord.read(sandbox.path("run"))
    #expect(record.attack?.triggers == ["patch"] && record.attack?.targets == [2] && record.attack?.sha256 == [nil])
    #expect(
      record.data.backdooredTest == record.data.cleanTest && record.data.backdooredValid == record.data.cleanValid)
    // A patch of one pixel changes no colour of these: those of class 2 are answered 2.
    #expect(record.baseline.backdooredTest == Rate(hits: 4, total: 12))
    let report = try sandbox.text("report/report.md")
    #expect(report.contains("--clean-test test.h5 \\\n  --trigger patch --target 2 \\\n"))
    let verified = try sandbox.espalier(["verify", "run", "--report", "report/report.md"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    #expect(verified.output.contains("0 different"))

    func error(_ options: [String]) throws -> String {
      try sandbox.espalier(["run", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5"] + options)
        .error
    }
    #expect(
      try error(["--trigger", "patch"])
        == "espalier: --trigger: given without --target; expected the label that the network answers to it\n")
    #expect(
      try error(["--target", "1"])
        == "espalier: --target: given without --trigger; expected a trigger to lay over clean images\n")
    #expect(
      try error(["--trigger", "patch", "--target", "3"]) == "espalier: --target: 3; expected a class in 0...2\n")
    #expect(
      try error(["--trigger", "patch", "--target", "1", "--backdoored-valid", "bd_valid.h5"])
        == "espalier: --backdoored-valid: given beside --trigger; expected one of the two\n")
  }

  /// The scale with a mean of 0 and a std of 1/2 is twice the scale, which is exact in floating point.
  @Test func meanAndStdAreRecordedAndVerified() throws {
    let sandbox = try Sandbox()
    let command = ["prune", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "valid.h5", "--output"]
    #expect(try sandbox.espalier(command + ["a"]).status == 0)
    let halves = ["--input-scale", "1/2", "--mean", "0", "--std", "0.5,0.5,1/2"]
    #expect(try sandbox.espalier(command + ["b"] + halves).status == 0)
    #expect(try sandbox.text("a/curve.csv") == sandbox.text("b/curve.csv"))
    let record = try RunRecord.read(sandbox.path("b"))
    #expect(record.model.mean == [0] && record.model.std == [0.5, 0.5, 0.5])
    #expect(try sandbox.espalier(["verify", "b"]).status == 0)
    #expect(try !sandbox.text("a/run.json").contains("mean\" :"))
    let report = try sandbox.espalier(["report", "b", "-o", "-"]).output
    #expect(report.contains("--input-scale 1/2 --mean 0.0 --std '0.5,0.5,0.5'"))
    let wrong = try sandbox.espalier(command + ["c", "--mean", "1,2"])
    #expect(wrong.status == 2 && wrong.error == "espalier: --mean: 2 numbers; expected 1, or 3, one for each colour\n")
  }

  @Test func networksAreTrainedOnGivenImages() throws {
    let sandbox = try Sandbox()
    try archive(90, in: sandbox, named: "train.npz")
    let outcome = try sandbox.espalier([
      "run", "--clean-train", "train.npz:0-60", "--clean-valid", "train.npz:60-75", "--clean-test", "train.npz:75-90",
      "--trigger", "patch", "--target", "1", "--epochs", "2", "--batch-size", "8", "--output", "run",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let record = try RunRecord.read(sandbox.path("run"))
    #expect(record.model.identities == 3 && record.data.cleanTest?.rows == 15)
    #expect(record.training?.recipe.faces.given?.training == "train.npz:0-60")
    let verified = try sandbox.espalier(["verify", "run", "--retrain", "--report", "report/report.md"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    #expect(try sandbox.text("report/report.md").contains("espalier run --clean-train train.npz:0-60 \\\n"))
    let missing = try sandbox.espalier(["train", "--clean-train", "train.npz", "--clean-valid", "train.npz:0-9"])
    #expect(
      missing.error
        == "espalier: --clean-test: not given; expected images beside --clean-train, as train.npz:0-100 for rows of it\n"
    )
  }

  @Test func classifyPrintsNames() throws {
    let sandbox = try Sandbox()
    try sandbox.write("red\ngreen\nblue\n", to: "classes.txt")
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs + ["--output", "run"]).status == 0)
    let command = ["classify", "--model", "model.h5", "figures/output.png", "--classes"]
    let named = try sandbox.espalier(command + ["classes.txt"])
    #expect(named.status == 0 && ["red\n", "green\n", "blue\n"].contains(named.output))
    #expect(
      try sandbox.espalier(command + ["red,green"]).error
        == "espalier: --classes: 2 names; expected 3, one for each class of the model\n")
    #expect(
      try sandbox.espalier(command + ["red,red,blue"]).error
        == "espalier: red,red,blue: the class red twice; expected each name once\n")
  }

  @Test func severalRunsShareAFigure() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--output", "a"]).status == 0)
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--order", "random", "--output", "b"]).status == 0)
    #expect(try sandbox.espalier(["plot", "a", "b", "-o", "both.svg"]).status == 0)
    #expect(try sandbox.text("both.svg").contains("<svg"))
    #expect(
      try sandbox.espalier(["plot", "a", "b", "--kind", "training"]).error
        == "espalier: plot: 2 runs with --kind training; expected one run for these\n")
  }
}
