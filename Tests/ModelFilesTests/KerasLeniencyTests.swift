import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// What Keras reads although no current version writes it so.
extension KerasFormTests {
  /// Keras assigns arrays by their order, so that files with names of their own, and of Keras 3's weights alone, are read
  /// as the same network.
  @Test func takesArraysByTheirOrder() throws {
    func numbered(_ weights: [KerasFiles.Weights]) -> [KerasFiles.Weights] {
      weights.enumerated().map { index, array in
        var array = array
        array.values = array.values.indices.map { Float(index) + Float($0 % 7) }
        return array
      }
    }
    let own = numbered(deepID(classes: 4))
    let plain = try read(nil, own)
    let renamed = own.map { array in
      var array = array
      array.name = "\(array.layer)_\(array.name == "kernel" ? "W" : "b")_1"
      return array
    }
    #expect(try read(nil, renamed) == plain)

    let classes = [
      "conv_1": "conv2d", "conv_2": "conv2d_1", "conv_3": "conv2d_2", "conv_4": "conv2d_3", "fc_1": "dense",
      "fc_2": "dense_1", "output": "dense_2",
    ]
    for (outer, isNamed) in [("layers", true), ("layers", false), ("_layer_checkpoint_dependencies", false)] {
      try withTemporaryFolder { folder in
        try writeHDF5("\(folder)/m.weights.h5") { root in
          try root.createGroup("vars").writeAttribute("name", "functional")
          let layers = try root.createGroup(outer)
          try layers.createGroup("flatten").createGroup("vars")
          for (layer, name) in classes {
            let variables = try layers.createGroup(name).createGroup("vars")
            if isNamed { try variables.writeAttribute("name", layer) }
            for (index, array) in own.filter({ $0.layer == layer }).enumerated() {
              try variables.write(array.values, shape: array.shape, to: "\(index)")
            }
          }
        }
        #expect(try KerasModelFile.read("\(folder)/m.weights.h5") == plain, "\(outer)")
      }
    }

    let normalised = KerasFiles.functional([
      KerasFiles.input, KerasFiles.layer("BatchNormalization", "x", #""scale": false"#, inputs: ["in"]),
      KerasFiles.layer("Flatten", "flat", inputs: ["x"]),
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]),
    ])
    let statistics: [Float] = [1, 2, 3]
    func arrays(_ names: [String]) -> [KerasFiles.Weights] {
      weights + zip(names, statistics).map { (layer: "x", name: $0, shape: [1], values: [$1]) }
    }
    #expect(
      try read(normalised, arrays(["a", "b", "c"]))
        == read(normalised, arrays(["beta", "moving_mean", "moving_variance"])))
  }

  @Test func readsNumbersThatPythonWritesBesideJSON() throws {
    let layers = [
      KerasFiles.input,
      KerasFiles.layer(
        "Flatten", "flat", #""a": Infinity, "b": [-Infinity, NaN], "c": {"max_value": Infinity}"#, inputs: ["in"]),
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]),
    ]
    #expect(try read(KerasFiles.functional(layers), weights) == expected(input: "in"))
    // Where it matters, it is refused as before.
    let scaled = KerasFiles.layer("Rescaling", "x", #""scale": NaN, "offset": -Infinity"#, inputs: ["in"])
    #expect(
      try KerasFiles.error(
        KerasFiles.functional([
          KerasFiles.input, scaled, layers[1].replacing(#"["in", 0"#, with: #"["x", 0"#), layers[2],
        ]))
        == "m.h5: x (Rescaling): scale NaN; expected numbers")
  }

  /// Layers of noise and random augmentation hand on their input at inference.
  @Test(arguments: [
    "GaussianNoise", "GaussianDropout", "AlphaDropout", "SpatialDropout2D", "ActivityRegularization", "RandomFlip",
    "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
  ]) func noiseIsTheIdentity(_ className: String) throws {
    let layers = [
      KerasFiles.input,
      KerasFiles.layer(className, "x", #""stddev": 0.1, "rate": 0.3, "factor": [-0.2, 0.2]"#, inputs: ["in"]),
      KerasFiles.layer("Flatten", "flat", inputs: ["x"]),
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]),
    ]
    let network = try read(KerasFiles.functional(layers), weights)
    #expect(network.nodes[1].layer == .dropout(rate: 0) && network.shapes[1].dimensions == [4, 4, 1])
    let images = Tensor(count: 1, shape: network.inputShape, values: (0..<16).map(Float.init))
    #expect(
      try ForwardPass(network, threads: 1).logits(of: images).values
        == ForwardPass(expected(input: "in"), threads: 1).logits(of: images).values)
  }
}
