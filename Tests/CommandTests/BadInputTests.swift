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
    BadInput(["rnu"], "rnu: no such command; expected one of run, prune, plot, report, evaluate, classify, inspect"),
    run(["--modle", "x"], "unknown option '--modle'. Did you mean '--model'?"),
    run(
      ["--order", "up"],
      "the value 'up' is invalid for '--order <order>'. Please provide one of 'ascending', 'descending', 'random' or 'weight-norm'."
    ),
    run(
      ["--drops", "2,2"],
      "the value '2,2' is invalid for '--drops <x,x,…>': expected different numbers in 0...100 with at most three decimals, as 2,4,10"
    ),
    run(
      ["--drops", "101"],
      "the value '101' is invalid for '--drops <x,x,…>': expected different numbers in 0...100 with at most three decimals, as 2,4,10"
    ),
    run(["--threads", "0"], "the value '0' is invalid for '--threads <n>': expected a whole number in 1...1024"),
    run(
      ["--input-scale", "1/0"],
      "the value '1/0' is invalid for '--input-scale <scale>': expected a positive number, as 1 or 1/255"),
    run(["--seed", "-1"], "missing value for '--seed <n>'"),
    run(["--output"], "missing value for '--output <folder>'"),
    run(["extra"], "unexpected argument 'extra'"),
    BadInput(["run", "--clean-valid", "valid.h5"], "--model: not given; expected a Keras HDF5 file"),
    BadInput(
      ["run", "--model", "model.h5"], "--clean-valid: not given; expected clean validation faces to rank channels by"),
    BadInput(
      ["evaluate", "--model", "model.h5"],
      "evaluate: no faces; expected one or more of --clean-valid, --clean-test, --backdoored-valid, --backdoored-test"),
    BadInput(["plot"], "missing expected argument '<record>'"),
    BadInput(["classify", "--model", "model.h5"], "missing expected argument '<image> ...'"),
  ]

  private static let files: [BadInput] = [
    run(["--model", "none.h5"], ""),
    run(["--model", "text.h5"], "") { try $0.write("not HDF5", to: "text.h5") },
    run(["--model", "valid.h5"], ""),
    run(["--clean-valid", "none.h5"], ""),
    run(["--clean-valid", "cut.h5"], "") { sandbox in
      let whole = try Data(contentsOf: URL(fileURLWithPath: sandbox.path("valid.h5")))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: sandbox.path("cut.h5")))
    },
    run(["--clean-valid", "model.h5"], ""),
    run(["--layer", "pool_9"], ""),
    run(["--layer", "output"], ""),
    run(["--reference", "none.csv"], ""),
    run(["--template", "bad.mustache"], "") { try $0.write("{{nonsense}}", to: "bad.mustache") },
    BadInput(["plot", "none"], ""),
    BadInput(["plot", "text.json"], "") { try $0.write("{", to: "text.json") },
    BadInput(["report", "old.json"], "") { try $0.write("{\"schema\": 2}", to: "old.json") },
    BadInput(["report", "cut.json"], "") { try $0.write("{\"schema\": 1}", to: "cut.json") },
    BadInput(["inspect", "none.h5"], ""),
    BadInput(["classify", "--model", "model.h5", "none.png"], ""),
    BadInput(["classify", "--model", "model.h5", "valid.h5"], ""),
  ]

  private static let badFaces: [BadInput] = [
    faces("", shape: [30, 64, 3]),
    faces("", shape: [30, 3, 4, 16]),
    faces("", shape: [10, 3, 8, 24]),
    faces("", labels: TinyBadNet.labels(29)),
    faces("", labels: TinyBadNet.labels(29) + [3]),
    faces("", labels: TinyBadNet.labels(29) + [-1]),
    faces("", labels: TinyBadNet.labels(29) + [0.5]),
    faces("", labels: TinyBadNet.labels(29) + [.nan]),
    faces("", pixels: TinyBadNet.images(30).dropLast() + [.nan]),
    faces("", shape: [0, 3, 8, 8], pixels: [], labels: []),
    run(["--exclude-target", "--clean-test", "valid.h5"], ""),
  ]

  private static let outputs: [BadInput] = [
    run(["--output", "valid.h5/run"], ""),
    run(["--figure", "valid.h5/figure.png"], ""),
    run(["--figure", "runs"], ""),
    run(["--figure", "figure.gif"], ""),
    run(["--report", "runs"], ""),
    BadInput(["plot", "runs/latest", "--output", "figure.jpeg"], ""),
    BadInput(["report", "runs/latest", "--output", "valid.h5/report.md"], ""),
  ]
}

struct BadInputTests {
  @Test(arguments: BadInput.all)
  func badInputGetsOneLineAndChangesNothing(_ input: BadInput) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["run"] + Sandbox.inputs).status == 0)
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
    #expect(outcome.status == 2)
  }
}
