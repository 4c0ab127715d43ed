import Foundation
import Testing

/// Files that crash libhdf5 (1.10.8 at least) are refused, because a child of the program met them first.
struct HDF5ProbeTests {
  private static let good = ["--clean-valid", "valid.h5"]

  private static let commands: [[String]] = [
    ["inspect", "model.h5", "libhdf5-model.h5"],
    ["prune", "--model", "libhdf5-model.h5", "--layer", "pool_1"] + good,
    ["run", "--model", "libhdf5-model.h5", "--layer", "pool_1"] + good,
    ["evaluate", "--model", "model.h5", "--repaired", "libhdf5-model.h5"] + good,
    ["classify", "--model", "libhdf5-model.h5", "face.png"],
    ["classify", "--model", "model.h5", "--repaired", "libhdf5-model.h5", "face.png"],
    ["verify", "--model", "model.h5", "--repaired", "libhdf5-model.h5", "--layer", "pool_1"] + good,
    ["compare", "--seeds", "1-2", "--validation-sample", "6", "--model", "libhdf5-model.h5", "--layer", "pool_1"]
      + good,
    ["inspect", "valid.h5", "libhdf5-faces.h5"],
    ["prune", "--model", "model.h5", "--layer", "pool_1", "--clean-valid", "libhdf5-faces.h5"],
    ["prune", "--model", "model.h5", "--layer", "pool_1", "--backdoored-test", "libhdf5-faces.h5"] + good,
    ["run", "--model", "model.h5", "--layer", "pool_1", "--clean-test", "libhdf5-faces.h5"] + good,
    ["evaluate", "--model", "model.h5", "--backdoored-valid", "libhdf5-faces.h5"],
  ]

  @Test(arguments: commands)
  func theFileIsNamed(arguments: [String]) throws {
    let sandbox = try Sandbox()
    for name in ["libhdf5-model.h5", "libhdf5-faces.h5"] { try Data(Self.corpus(name)).write(to: sandbox.url(name)) }
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(arguments)
    let path = try #require(arguments.first { $0.hasPrefix("libhdf5-") })
    let crash = "\(path): reading it crashed the HDF5 library; expected an undamaged HDF5 file"
    // Another release of the library may see the damage itself.
    let refusal = outcome.error.contains("the HDF5 library says") ? outcome.error : "espalier: \(crash)\n"
    #expect(outcome.error == refusal && outcome.error.hasPrefix("espalier: \(path): "))
    #expect(outcome.error.count(where: \.isNewline) == 1)
    #expect(outcome.output == "" && outcome.status == 2)
    #expect(try sandbox.files() == before)
  }

  /// A run's own record may name such a file too.
  @Test func theInputsOfARunThatIsVerified() throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune"] + Sandbox.inputs + ["--output", "run"]).status == 0)
    try Data(Self.corpus("libhdf5-faces.h5")).write(to: sandbox.url("test.h5"))
    let outcome = try sandbox.espalier(["verify", "run"])
    #expect(
      outcome.error == "espalier: test.h5: reading it crashed the HDF5 library; expected an undamaged HDF5 file\n"
        || outcome.output.contains("DIFFERENT"))
    #expect(outcome.output.isEmpty == (outcome.status == 2))
  }

  /// What is merely wrong is said as it always was, and the child is no command that is offered.
  @Test func theChildIsSilent() throws {
    let sandbox = try Sandbox()
    try sandbox.write("no HDF5", to: "text.h5")
    let child = try sandbox.espalier(["probe-hdf5", "any:text.h5", "model:missing.h5", "faces:valid.h5"])
    #expect(child.status == 0 && child.error == "" && child.output == "...")
    let outcome = try sandbox.espalier(["inspect", "text.h5"])
    #expect(
      outcome.error == "espalier: text.h5: not an HDF5 file (first bytes 6e 6f 20 48 44 46 35); expected an HDF5 file\n"
        && outcome.status == 2)
    #expect(try !sandbox.espalier(["--help"]).output.contains("probe"))
  }

  private static func corpus(_ name: String) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: tests.appendingPathComponent("Corpus/\(name)")))
  }
}
