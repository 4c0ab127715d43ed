import Experiment
import Foundation
import ModelFiles
import NeuralNetwork
import Testing

/// Every command that takes a network, on one of PyTorch's with its weights in a file beside it.
struct ONNXCommandTests {
  /// Networks of the tests of `ModelFiles`, and pictures of four classes, most of the one that these networks answer.
  private func sandbox() throws -> Sandbox {
    let sandbox = try Sandbox(files: [:])
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("ModelFilesTests/Fixtures/onnx")
    for name in ["residual.onnx", "residual.onnx.data", "external.onnx", "external.onnx.data", "half.onnx"] {
      try FileManager.default.copyItem(at: fixtures.appendingPathComponent(name), to: sandbox.url(name))
    }
    for index in 0..<12 {
      try TestImages.write("images/class-\(max(0, index - 8))/\(index).png", shade: Double(index) / 12, in: sandbox)
    }
    return sandbox
  }

  @Test func runsAndVerifies() throws {
    let sandbox = try sandbox()
    let images = ["--input-scale", "1/255", "--clean-valid", "images"]
    let outcome = try sandbox.espalier(
      ["run", "--model", "residual.onnx"] + images + [
        "--clean-test", "images", "--trigger", "patch", "--target", "1", "--output", "run", "--figure", "figure.png",
        "--report", "report.md",
      ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let record = try RunRecord.read(sandbox.path("run"))
    #expect(record.layer == "node_relu_4" && record.channels == 6 && record.model.identities == 4)
    #expect(record.repaired.allSatisfy { $0.model == nil || $0.model == "repaired-\($0.drop).onnx" })
    let repaired = try #require(record.repaired.compactMap(\.model).last)
    let verified = try sandbox.espalier(["verify", "run", "--figure", "figure.png", "--report", "report.md"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    #expect(verified.output.contains(repaired))

    let file = "run/\(repaired)"
    let evaluated = try sandbox.espalier(
      ["evaluate", "--model", "residual.onnx", "--repaired", file] + images + ["--json"])
    #expect(evaluated.status == 0, "\(evaluated.error)")
    let classified = try sandbox.espalier(
      ["classify", "--model", "residual.onnx", "--repaired", file, "--input-scale", "1/255", "images/class-0/0.png"])
    #expect(classified.status == 0, "\(classified.error)")
    let examined = try sandbox.espalier(["verify", "--model", "residual.onnx", "--repaired", file] + images)
    #expect(examined.status == 0, "\(examined.output)\(examined.error)")
    // The file beside the model belongs to it.
    let intact = try Data(contentsOf: sandbox.url("residual.onnx.data"))
    var changed = intact
    changed[changed.startIndex] ^= 1
    try changed.write(to: sandbox.url("residual.onnx.data"))
    let compared = try sandbox.espalier(["verify", "run"])
    #expect(compared.status == 1 && compared.output.contains("residual.onnx: SHA-256 "), "\(compared.output)")
    try intact.write(to: sandbox.url("residual.onnx.data"))
    #expect(try sandbox.espalier(["verify", "run"]).status == 0)
    // One weight more, and it is no pruning alone.
    var bytes = try Data(contentsOf: sandbox.url(file))
    let network = try ModelFile.read(sandbox.path(file))
    guard case .dense(let dense)? = network.nodes.last?.layer, let bias = dense.bias else {
      Issue.record("no dense layer at the end")
      return
    }
    let place = try #require(bytes.range(of: withUnsafeBytes(of: bias[0].bitPattern.littleEndian) { Data($0) }))
    bytes[place.lowerBound] ^= 1
    try bytes.write(to: sandbox.url(file))
    #expect(try sandbox.espalier(["verify", "run"]).status == 1)
    #expect(try sandbox.espalier(["verify", "--model", "residual.onnx", "--repaired", file] + images).status == 1)
  }

  @Test func inspectsAndPrunesAnyLayer() throws {
    let sandbox = try sandbox()
    let inspected = try sandbox.espalier(["inspect", "external.onnx"])
    #expect(inspected.output.hasPrefix("external.onnx: a network of 8 layers and 1,910 parameters\n"))
    #expect(inspected.output.contains("| node_relu_1"))
    #expect(inspected.output.contains("| yes, the default |"))
    let pruned = try sandbox.espalier([
      "prune", "--model", "half.onnx", "--layer", "/1/Relu", "--input-scale", "1/255", "--clean-valid", "images",
      "--drops", "10", "--output", "half",
    ])
    #expect(pruned.status == 0, "\(pruned.error)")
    #expect(try sandbox.espalier(["verify", "half"]).status == 0)
    // The weights' file is missed where it is not.
    try FileManager.default.removeItem(at: sandbox.url("external.onnx.data"))
    let missing = try sandbox.espalier(["inspect", "external.onnx"])
    #expect(missing.status == 2)
    #expect(
      missing.error.hasSuffix(
        "external data in external.onnx.data, which is not there; expected a file in the model's folder\n"))
    #expect(missing.error.filter { $0 == "\n" }.count == 1)
  }
}
