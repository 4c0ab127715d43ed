import Files
import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Models that PyTorch exported or that have the forms of other exporters, compared with what ONNX Runtime answers to them.
@Suite struct ONNXFixtureTests {
  static let names = [
    "activations", "arithmetic", "convolutions", "external", "half", "last_axis", "newer", "norms", "old", "pools",
    "residual",
    "resizes", "shapes", "sharing",
  ]

  private struct Reference: Decodable {
    let images: [Float]
    let logits: [Float]
  }

  private func reference(_ name: String, _ network: Network) throws -> (images: Tensor, logits: [Float]) {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("onnx/\(name).json")))
    let reference = try JSONDecoder().decode(Reference.self, from: data)
    let count = reference.images.count / network.inputShape.count
    return (Tensor(count: count, shape: network.inputShape, values: reference.images), reference.logits)
  }

  @Test(arguments: names) func answersAsONNXRuntimeDoes(name: String) throws {
    let network = try ModelFile.read(fixture("onnx/\(name).onnx"))
    let (images, expected) = try reference(name, network)
    let logits = try ForwardPass(network, threads: 2).logits(of: images).values
    #expect(network.inputShape == (try Shape([8, 6, 3])) && logits.count == expected.count)
    let largest = expected.map(abs).max() ?? 0
    // Sums in another order; half precision itself is coarser.
    let tolerance: Float = name == "half" ? 5e-3 : 1e-5
    for (ours, theirs) in zip(logits, expected) { #expect(abs(ours - theirs) <= tolerance * largest) }
  }

  /// Maps stay as they are inside: no layers that turn them, and a dense layer's weights turned instead.
  @Test func turnsNoMaps() throws {
    for name in ["convolutions", "pools", "external", "residual", "half", "last_axis"] {
      let network = try ModelFile.read(fixture("onnx/\(name).onnx"))
      #expect(!network.nodes.contains { $0.name.contains("/permuted") || $0.name.contains("/map") }, "\(name)")
    }
  }

  @Test func namesLayersByTheFilesNodes() throws {
    let network = try ModelFile.read(fixture("onnx/last_axis.onnx"))
    #expect(
      network.nodes.map(\.name) == [
        "x", "model/conv/Conv2D", "model/conv/Relu", "model/flatten/Reshape", "model/dense/MatMul",
      ])
    #expect(network.defaultPrunedLayer == 2)
  }

  // MARK: Repaired networks

  /// Writes a pruned network and reads it again.
  private func rewritten(_ name: String, _ channels: [Int], of layer: String) throws -> (Network, Network, [UInt8]) {
    let source = fixture("onnx/\(name).onnx")
    let pruned = try ModelFile.read(source).pruning(channels, of: layer)
    return try withTemporaryFolder { folder in
      let path = "\(folder)/repaired.onnx"
      try ModelFile.write(pruned, like: source, now: path)
      let first = try fileBytes(path)
      try ModelFile.write(pruned, like: source, now: path)
      #expect(try fileBytes(path) == first)
      return (pruned, try ModelFile.read(path), first)
    }
  }

  @Test(arguments: [
    ("external", "node_relu_1"), ("last_axis", "model/conv/Relu"), ("residual", "node_relu_4"),
    ("residual", "node_add_1"), ("half", "/1/Relu"),
  ]) func writesWhatItReadsBack(name: String, layer: String) throws {
    let (pruned, again, _) = try rewritten(name, [0, 2], of: layer)
    #expect(again == pruned)
  }

  /// Weights of another file move into the model, and nothing else changes: what differs are the silenced numbers.
  @Test func changesOnlyTheWeights() throws {
    let (_, again, bytes) = try rewritten("residual", [3], of: "node_relu_4")
    let source = try fileBytes(fixture("onnx/residual.onnx"))
    #expect(bytes.count > source.count)
    let network = try ModelFile.read(fixture("onnx/residual.onnx"))
    for (old, new) in zip(network.nodes, again.nodes) {
      guard old.layer != new.layer else { continue }
      guard case .batchNormalization(let before) = old.layer, case .batchNormalization(let after) = new.layer else {
        Issue.record("\(old.name) changed")
        continue
      }
      #expect(before.mean == after.mean && before.variance == after.variance)
      for channel in before.mean.indices {
        #expect(after.gamma?[channel] == (channel == 3 ? 0 : before.gamma?[channel]))
        #expect(after.beta?[channel] == (channel == 3 ? 0 : before.beta?[channel]))
      }
    }
    // Without a change the file is the same message, field by field in another order at most.
    let (_, same, _) = try rewritten("residual", [], of: "node_relu_4")
    #expect(same == (try ModelFile.read(fixture("onnx/residual.onnx"))))
  }

  /// Two nodes share a kernel and three a bias: the silenced one gets its own.
  @Test func givesANodeItsOwnTensorWhereWeightsAreShared() throws {
    let (pruned, again, bytes) = try rewritten("sharing", [1], of: "second")
    #expect(again == pruned)
    #expect(pruned.nodes.first { $0.name == "third" } == again.nodes.first { $0.name == "third" })
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("v_repaired") && text.contains("b_repaired") && !text.contains("w_repaired"))
    // A constant that a node holds, turned by another, is changed where it is held, and the factor alpha taken off.
    let (dense, readAgain, _) = try rewritten("sharing", [2], of: "last")
    #expect(dense == readAgain)
  }
}
