import Foundation
import HDF5
import Testing

/// A command on bad input: one line, status 2, and earlier outputs as they were.
struct BadInput: Sendable, CustomTestStringConvertible {
  let arguments: [String]
  let message: String
  /// Spoils something in the folder.
  let prepare: @Sendable (Sandbox) throws -> Void

  init(_ arguments: [String], _ message: String, prepare: @escaping @Sendable (Sandbox) throws -> Void = { _ in }) {
    self.arguments = arguments
    self.message = message
    self.prepare = prepare
  }

  /// `run` on the good inputs and then some, of which the last one counts.
  static func run(
    _ more: [String] = [], _ message: String, prepare: @escaping @Sendable (Sandbox) throws -> Void = { _ in }
  ) -> BadInput {
    BadInput(["run"] + Sandbox.inputs + more, message, prepare: prepare)
  }

  /// `run` on bad faces for clean validation.
  static func faces(
    _ message: String, shape: [Int]? = nil, pixels: [Float]? = nil, labels: [Double] = TinyBadNet.labels(30)
  ) -> BadInput {
    run(["--clean-valid", "bad.h5"], "bad.h5: \(message)") {
      try TinyBadNet.write(pixels ?? TinyBadNet.images(30), shape: shape, labels: labels, to: $0.path("bad.h5"))
    }
  }

  var testDescription: String { message }

  static let all: [BadInput] = usage + files + badFaces + outputs

  private static let usage: [BadInput] = [
    BadInput(
      ["rnu"],
      "rnu: no such command; expected one of run, train, faces, prune, plot, report, compare, verify, "
        + "bundle, doctor, evaluate, classify, inspect"
    ),
    run(["--modle", "x"], "unknown option '--modle'. Did you mean '--model'?"),
    run(
      ["--order", "up"],
      """
      the value 'up' is invalid for '--order <order>'. Please provide one of 'ascending', 'descending', 'random' \
      or 'weight-norm'.
      """
    ),
    run(
      ["--drops", "2,2"],
      """
      the value '2,2' is invalid for '--drops <x,x,…>': expected different numbers in 0...100 with at most three \
      decimals, as 2,4,10
      """
    ),
    run(
      ["--drops", "101"],
      """
      the value '101' is invalid for '--drops <x,x,…>': expected different numbers in 0...100 with at most three \
      decimals, as 2,4,10
      """
    ),
    run(["--threads", "0"], "the value '0' is invalid for '--threads <n>': expected a whole number in 1...1024"),
    run(
      ["--input-scale", "1/0"],
      "the value '1/0' is invalid for '--input-scale <scale>': expected a positive number, as 1 or 1/255"),
    run(["--threads", "-1"], "the value '-1' is invalid for '--threads <n>': expected a whole number in 1...1024"),
    run(
      ["--seed", "-1"],
      "the value '-1' is invalid for '--seed <n>': expected a whole number from 0 that fits in 64 bits"),
    run(
      ["--input-scale", "-.5"],
      "the value '-.5' is invalid for '--input-scale <scale>': expected a positive number, as 1 or 1/255"),
    run(["--momentum", "x"], "the value 'x' is invalid for '--momentum <m>': expected a number"),
    BadInput(["train", "--identities", "-3"], "identities: -3; expected at least 1"),
    run(["--threads"], "missing value for '--threads <n>'"),
    run(["--output"], "missing value for '--output <folder>'"),
    run(
      ["extra"],
      "extra: options of another run, or of documents, beside it; expected --keep and --threads alone; "
        + "espalier plot and report make its documents"),
    BadInput(["prune", "--clean-valid", "valid.h5"], "--model: not given; expected a Keras or ONNX file"),
    BadInput(
      ["run", "--clean-valid", "valid.h5"],
      "--model: not given, but faces or a scale for it; expected a Keras or ONNX file"),
    run(["--epochs", "3"], "--model: options of training beside it; expected a given network, or one to be trained"),
    BadInput(
      ["run", "--model", "model.h5"], "--clean-valid: not given; expected clean validation faces to rank channels by"),
    BadInput(
      ["evaluate", "--model", "model.h5"],
      "evaluate: no faces; expected one or more of --clean-valid, --clean-test, --backdoored-valid, --backdoored-test"),
    BadInput(["plot"], "missing expected argument '<record> ...'"),
    BadInput(["classify", "--model", "model.h5"], "missing expected argument '<image> ...'"),
  ]

  private static let files: [BadInput] = [
    run(["--model", "none.h5"], "none.h5: no such file; expected an HDF5 file"),
    run(
      ["--model", "text.h5"], "text.h5: not an HDF5 file (first bytes 6e 6f 74 20 48 44 46 35); expected an HDF5 file"
    ) { try $0.write("not HDF5", to: "text.h5") },
    run(
      ["--model", "valid.h5"], "valid.h5: no attribute layer_names; expected a Keras HDF5 model or weights file (.h5)"),
    run(["--clean-valid", "none.h5"], "none.h5: no such file; expected an HDF5 file"),
    run(
      ["--clean-valid", "cut.h5"],
      "cut.h5: truncated: the file has 12664 bytes, its header promises 25328; expected the whole file"
    ) { sandbox in
      let whole = try Data(contentsOf: URL(fileURLWithPath: sandbox.path("valid.h5")))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: sandbox.path("cut.h5")))
    },
    run(
      ["--clean-valid", "model.h5"],
      "model.h5: data does not exist; it has model_weights; expected --images-key and --labels-key, or data and label, "
        + "x and y, or images and labels"),
    run(["--layer", "pool_9"], "layer pool_9: no such layer; expected one of input, conv_1, pool_1, flatten, output"),
    run(
      ["--layer", "output"],
      """
      output: its channels cannot be silenced by zeroing weights, because of output; expected a layer whose \
      channels come from one convolution or dense layer that nothing else reads
      """
    ),
    run(["--reference", "none.csv"], "none.csv: cannot be read: No such file or directory"),
    run(["--template", "bad.mustache"], "bad.mustache: line 1: a section that is not closed; expected Mustache") {
      try $0.write("{{#drops}}", to: "bad.mustache")
    },
    BadInput(["plot", "none"], "none: no such file; expected a run record (run.json)"),
    BadInput(["plot", "text.json"], "text.json: text that is not JSON; expected a run record of schema 1") {
      try $0.write("{", to: "text.json")
    },
    BadInput(["report", "old.json"], "old.json: schema 2; expected schema 1") {
      try $0.write("{\"schema\": 2}", to: "old.json")
    },
    BadInput(["report", "cut.json"], "cut.json: nothing at seed; expected a run record of schema 1") {
      try $0.write("{\"schema\": 1}", to: "cut.json")
    },
    BadInput(["inspect", "none.h5"], "none.h5: no such file; expected an HDF5 file"),
    BadInput(["classify", "--model", "model.h5", "none.png"], "none.png: cannot be read: No such file or directory"),
    BadInput(
      ["classify", "--model", "model.h5", "valid.h5"], "valid.h5: not a PNG or JPEG image (first bytes 89 48 44 46)"),
  ]

  private static let badFaces: [BadInput] = [
    faces("data has shape (30, 64, 3); expected (30, 3, 8, 8) for this model", shape: [30, 64, 3]),
    faces("data has shape (30, 3, 4, 16); expected (30, 3, 8, 8) for this model", shape: [30, 3, 4, 16]),
    faces("label has shape (30); expected (10), one a row of data", shape: [10, 3, 8, 24]),
    faces("label has shape (29); expected (30), one a row of data", labels: TinyBadNet.labels(29)),
    faces("label is 3 in row 29; expected 0...2 for this model", labels: TinyBadNet.labels(29) + [3]),
    faces("label is -1.0 in row 29; expected whole numbers from 0", labels: TinyBadNet.labels(29) + [-1]),
    faces("label is 0.5 in row 29; expected whole numbers from 0", labels: TinyBadNet.labels(29) + [0.5]),
    faces("label is nan in row 29; expected whole numbers from 0", labels: TinyBadNet.labels(29) + [.nan]),
    faces(
      "data has a pixel that is not finite in row 29; expected finite pixels",
      pixels: TinyBadNet.images(30).dropLast() + [.nan]),
    faces("data has no rows; expected at least one image", shape: [0, 3, 8, 8], pixels: [], labels: []),
    run(
      ["--exclude-target", "--clean-test", "valid.h5"],
      """
      --exclude-target: 12 backdoored test rows and 30 clean test rows; expected a clean file with the same faces \
      in the same order
      """
    ),
  ]

  private static let outputs: [BadInput] = [
    run(["--output", "valid.h5/run"], "valid.h5: a file; expected a folder"),
    run(["--figure", "valid.h5/figure.png"], "valid.h5: a file; expected a folder"),
    run(["--figure", "runs"], "runs: an unknown kind of figure; expected a name that ends in .png, .pdf or .svg"),
    run(
      ["--figure", "figure.gif"],
      "figure.gif: an unknown kind of figure; expected a name that ends in .png, .pdf or .svg"),
    run(["--report", "runs"], "runs: a folder; expected a path for a file"),
    BadInput(
      ["plot", "runs/latest", "--output", "figure.jpeg"],
      "figure.jpeg: an unknown kind of figure; expected a name that ends in .png, .pdf or .svg"),
    BadInput(["report", "runs/latest", "--output", "valid.h5/report.md"], "valid.h5: a file; expected a folder"),
    BadInput(["report", "runs/latest", "--output", "runs"], "runs: a folder; expected a path for a file"),
    BadInput(["train", "--output", "valid.h5/net.h5"], "valid.h5: a file; expected a folder"),
    BadInput(["train", "--output", "runs"], "runs: a folder; expected a path for a file"),
    BadInput(["faces", "--output", "valid.h5"], "valid.h5: a file; expected a folder"),
    BadInput(["compare", "runs/latest", "--figure", "valid.h5/c.png"], "valid.h5: a file; expected a folder"),
    BadInput(["compare", "runs/latest", "--report", "runs"], "runs: a folder; expected a path for a file"),
    BadInput(["compare", "--seeds", "1", "--output", "valid.h5"], "valid.h5: a file; expected a folder"),
    run([], "figures/output-samples.png: a folder; expected a path for a file") {
      try FileManager.default.removeItem(atPath: $0.path("figures/output-samples.png"))
      try FileManager.default.createDirectory(
        atPath: $0.path("figures/output-samples.png"), withIntermediateDirectories: true)
    },
  ]
}

struct BadInputTests {
  /// The files of a folder in which `run` has been.
  private static let earlier = Result {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs).status == 0)
    return try sandbox.files()
  }

  @Test(arguments: BadInput.all)
  func badInputGetsOneLineAndChangesNothing(_ input: BadInput) throws {
    let sandbox = try Sandbox(files: Self.earlier.get())
    try input.prepare(sandbox)
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(input.arguments)
    #expect(outcome.error == "espalier: \(input.message)\n")
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(try sandbox.files() == before)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
  func resultsThatCannotBeWrittenAreAnError() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier(["inspect", "valid.h5"], output: "/dev/full")
    #expect(outcome.error == "espalier: standard output: cannot be written: No space left on device\n")
    #expect(outcome.status == 1)
  }
}
