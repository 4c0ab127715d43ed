import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Layers and activations of current Keras, many in one file, compared with what Keras answers (`Tests/Tools/keras_fixtures.py`).
@Suite struct KerasLayerFixtureTests {
  static let names = [
    "activation_layers", "activations", "bfloat16", "containers", "convolutions", "merges",
    "mixed_bfloat16", "normalizations", "open_sizes", "operators", "pools", "residual", "shapes",
  ]

  private struct Reference: Decodable {
    let images: [Float]
    let logits: [Float]
  }

  private func network(_ name: String) throws -> Network {
    try ModelFile.contents(fixture("keras/\(name).keras"), imageShape: [8, 6, 3]).network
  }

  @Test(arguments: names) func answersAsKerasDoes(name: String) throws {
    let network = try network(name)
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture("keras/\(name).json")))
    let reference = try JSONDecoder().decode(Reference.self, from: data)
    #expect(network.inputShape == (try Shape([8, 6, 3])))
    let images = Tensor(count: 2, shape: network.inputShape, values: reference.images)
    let logits = try ForwardPass(network, threads: 2).logits(of: images).values
    #expect(logits.count == reference.logits.count)
    let largest = reference.logits.map(abs).max() ?? 0
    // Sums in another order; Keras computes in half precision where the file says so, and here floats are used.
    let tolerance: Float = name.hasSuffix("bfloat16") ? 3e-2 : 1e-5
    for (ours, theirs) in zip(logits, reference.logits) { #expect(abs(ours - theirs) <= tolerance * largest) }
  }

  @Test(arguments: [
    ("bfloat16", "first"), ("residual", "sum_1"), ("residual", "last_relu"), ("open_sizes", "first"),
    ("mixed_bfloat16", "first"),
  ]) func writesWhatItReadsBack(name: String, layer: String) throws {
    let source = fixture("keras/\(name).keras")
    let pruned = try network(name).pruning([0, 2], of: layer)
    #expect(try pruned != network(name))
    try withTemporaryFolder { folder in
      let path = "\(folder)/repaired.keras"
      try ModelFile.write(pruned, like: source, now: path)
      #expect(try ModelFile.contents(path, imageShape: [8, 6, 3]).network == pruned)
      let first = try fileBytes(path)
      try ModelFile.write(pruned, like: source, now: path)
      #expect(try fileBytes(path) == first)
    }
  }

  /// Keras 3 writes `training=true`, the default of layers that prepare images, into each of their calls.
  @Test func layersThatPrepareImagesDoNothingAtInference() throws {
    #expect(try !network("shapes").nodes.contains { $0.name.hasPrefix("random") && $0.layer.weights.count > 0 })
  }
}
