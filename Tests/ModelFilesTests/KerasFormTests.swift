import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// The forms that different versions of Keras give the same model.
@Suite struct KerasFormTests {
  let weights = KerasFiles.dense("out", 16, 2)

  func read(_ configuration: String?, _ weights: [KerasFiles.Weights]) throws -> Network {
    try withTemporaryFolder { folder in
      try KerasFiles.write("\(folder)/m.h5", configuration: configuration, weights)
      return try KerasModelFile.read("\(folder)/m.h5")
    }
  }

  /// input (4, 4, 1) → flat → dense (2).
  func expected(input: String) throws -> Network {
    try Network(nodes: [
      .init(name: input, layer: .input(try Shape([4, 4, 1])), inputs: []),
      .init(name: "flat", layer: .flatten, inputs: [0]),
      .init(
        name: "out",
        layer: .dense(
          Dense(inputs: 16, units: 2, kernel: [Float](repeating: 1, count: 32), bias: [0, 1], activation: .softmax)),
        inputs: [1]),
    ])
  }

  let settings = #""units": 2, "activation": "softmax""#

  @Test func ordersLayersByWhatTheyRead() throws {
    let layers = [
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]), KerasFiles.layer("Flatten", "flat", inputs: ["in"]),
      KerasFiles.input,
    ]
    #expect(try read(KerasFiles.functional(layers), weights) == expected(input: "in"))
    #expect(
      try read(KerasFiles.functional(layers, outputs: #"["out", 0, 0]"#), weights) == expected(input: "in"))
  }

  @Test func leavesOutLayersThatDoNotReachTheOutput() throws {
    let layers = [
      KerasFiles.input, KerasFiles.layer("Flatten", "flat", inputs: ["in"]),
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]),
      KerasFiles.layer("LSTM", "unused", inputs: ["flat"]), KerasFiles.layer("Dropout", "alone", inputs: []),
    ]
    #expect(try read(KerasFiles.functional(layers), weights) == expected(input: "in"))
  }

  @Test(arguments: ["batch_input_shape", "batch_shape"]) func takesTheInputFromTheFirstLayer(_ key: String) throws {
    let layers = [
      KerasFiles.layer("Flatten", "flat", #""\#(key)": [32, 4, 4, 1]"#), KerasFiles.layer("Dense", "out", settings),
    ].joined(separator: ", ")
    // Keras 1 and early Keras 2 wrote the bare list.
    for form in ["[\(layers)]", #"{"layers": [\#(layers)]}"#] {
      #expect(try read(#"{"class_name": "Sequential", "config": \#(form)}"#, weights) == expected(input: "input"))
    }
  }

  @Test func takesTheInputFromTheBuildShape() throws {
    let layers = [KerasFiles.layer("Flatten", "flat"), KerasFiles.layer("Dense", "out", settings)]
    let form = #"{"build_input_shape": [null, 4, 4, 1], "layers": [\#(layers.joined(separator: ", "))]}"#
    #expect(try read(#"{"class_name": "Sequential", "config": \#(form)}"#, weights) == expected(input: "input"))
  }

  @Test func callsTheInputWhatNoLayerIsCalled() throws {
    let layers = [
      KerasFiles.layer("Flatten", "input", #""batch_shape": [null, 4, 4, 1]"#),
      KerasFiles.layer("Dense", "out", settings),
    ].joined(separator: ", ")
    let network = try read(#"{"class_name": "Sequential", "config": [\#(layers)]}"#, weights)
    #expect(network.nodes.map(\.name) == ["input_", "input", "out"])
  }

  @Test func joinsListsOfNamesThatKerasSplit() throws {
    try withTemporaryFolder { folder in
      try writeHDF5("\(folder)/m.h5") { root in
        let sequence = [
          KerasFiles.input, KerasFiles.layer("Flatten", "flat"), KerasFiles.layer("Dense", "out", settings),
        ]
        try root.writeAttribute(
          "model_config", #"{"class_name": "Sequential", "config": [\#(sequence.joined(separator: ", "))]}"#)
        let group = try root.createGroup("model_weights")
        try group.writeAttribute("layer_names0", ["in", "flat"])
        try group.writeAttribute("layer_names1", ["out"])
        for empty in ["in", "flat"] { try group.createGroup(empty) }
        let inner = try group.createGroup("out")
        for (index, weight) in weights.enumerated() {
          try inner.writeAttribute("weight_names\(index)", ["model/out/\(weight.name)"])
          try inner.write(weight.values, shape: weight.shape, to: "model/out/\(weight.name)")
        }
      }
      #expect(try KerasModelFile.read("\(folder)/m.h5") == expected(input: "in"))
    }
  }

  @Test func readsEscapesAndNumbersOfAnyForm() throws {
    let rescaling = KerasFiles.layer(
      "Rescaling", #"\u00e9\ud83d\ude00\n\/\"\\"#, #""scale": [-0.5e0, 1E+2, 2, 0.25], "offset": -0"#, inputs: ["in"])
    let flat = KerasFiles.layer("Flatten", "flat", inputs: [#"\u00e9\ud83d\ude00\n\/\"\\"#])
    let input = KerasFiles.layer(
      "InputLayer", "in", "\"batch_shape\"\t:\r\n[ null ,2,2, 4 ]", inputs: [])
    let network = try read(
      KerasFiles.functional([input, rescaling, flat, KerasFiles.layer("Dense", "out", settings, inputs: ["flat"])]),
      weights)
    #expect(network.nodes[1].layer == .rescaling(scale: [-0.5, 100, 2, 0.25], offset: [0]))
    #expect(network.nodes[1].name == "é😀\n/\"\\")
    try withTemporaryFolder { folder in
      try KerasModelFile.write(network, to: "\(folder)/m.h5")
      #expect(try KerasModelFile.read("\(folder)/m.h5") == network)
    }
  }

  @Test func readsSettingsNestedAsDeepAsTheParserAllows() throws {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    let layers = [
      KerasFiles.input, KerasFiles.layer("Flatten", "flat", #""ignored": \#(deep)"#, inputs: ["in"]),
      KerasFiles.layer("Dense", "out", settings, inputs: ["flat"]),
    ]
    #expect(try read(KerasFiles.functional(layers), weights) == expected(input: "in"))
  }

  @Test func writesRectifiersAndAxesAsTheyWereRead() throws {
    let layers = [
      KerasFiles.input,
      KerasFiles.layer(
        "ReLU", "general", #""max_value": 0.7, "negative_slope": 0.1, "threshold": 0.3"#, inputs: ["in"]),
      KerasFiles.layer("Activation", "six", #""activation": "relu6""#, inputs: ["general"]),
      KerasFiles.layer("Softmax", "soft", inputs: ["in"]),
      KerasFiles.layer("Concatenate", "both", #""axis": 2"#, inputs: ["six", "soft"]),
      KerasFiles.layer(
        "AveragePooling2D", "pool", #""pool_size": [3, 2], "strides": null, "padding": "same""#, inputs: ["both"]),
      KerasFiles.layer("GlobalAveragePooling2D", "mean", #""keepdims": true"#, inputs: ["pool"]),
      KerasFiles.layer("Rescaling", "scaled", #""scale": [0.1], "offset": 1"#, inputs: ["mean"]),
      KerasFiles.layer("Dropout", "dropped", #""rate": 0.3"#, inputs: ["scaled"]),
      KerasFiles.layer("Dense", "out", #""units": 3, "use_bias": false"#, inputs: ["dropped"]),
    ]
    let network = try read(KerasFiles.functional(layers), [KerasFiles.dense("out", 1, 3)[0]])
    #expect(
      network.nodes[1].layer == .activation(.rectifier(Rectifier(maxValue: 0.7, negativeSlope: 0.1, threshold: 0.3))))
    #expect(network.nodes[2].layer == .activation(.rectifier(Rectifier(maxValue: 6))))
    #expect(network.shapes[4].dimensions == [4, 8, 1])
    #expect(network.shapes[5].dimensions == [2, 4, 1])
    try withTemporaryFolder { folder in
      try KerasModelFile.write(network, to: "\(folder)/m.h5")
      #expect(try KerasModelFile.read("\(folder)/m.h5") == network)
    }
  }

  /// DeepID's arrays, all zero.
  func deepID(classes: Int) -> [KerasFiles.Weights] {
    let kernels: [(String, [Int])] = [
      ("conv_1", [4, 4, 3, 20]), ("conv_2", [3, 3, 20, 40]), ("conv_3", [3, 3, 40, 60]), ("conv_4", [2, 2, 60, 80]),
      ("fc_1", [1200, 160]), ("fc_2", [960, 160]), ("output", [160, classes]),
    ]
    return kernels.flatMap { name, shape -> [KerasFiles.Weights] in
      let units = shape[shape.count - 1]
      return [
        (name, "kernel", shape, [Float](repeating: 0, count: shape.reduce(1, *))),
        (name, "bias", [units], [Float](repeating: 0, count: units)),
      ]
    }
  }

  @Test func takesBareWeightsForDeepID() throws {
    let network = try read(nil, deepID(classes: 1283))
    #expect(network.parameterCount == 601_643)
    #expect(network.inputShape.dimensions == [55, 47, 3])
    #expect(network.shapes[try network.index(of: "pool_3")].dimensions == [5, 4, 60])
    #expect(try read(nil, deepID(classes: 10)).classes == 10)
  }

  @Test func namesTheArrayOfDeepIDThatIsWrong() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/w.h5"
      var weights = deepID(classes: 4)
      let index = try #require(weights.firstIndex { $0.layer == "conv_3" })
      weights[index].shape = [3, 3, 40, 50]
      weights[index].values = [Float](repeating: 0, count: 3 * 3 * 40 * 50)
      try KerasFiles.write(path, configuration: nil, weights)
      #expect(
        errorText(in: folder) { try KerasModelFile.read(path) }
          == "w.h5: conv_3/kernel has shape (3, 3, 40, 50); expected (3, 3, 40, 60)")
      try KerasFiles.write(path, configuration: nil, deepID(classes: 4).filter { $0.layer != "output" })
      #expect(
        errorText(in: folder) { try KerasModelFile.read(path) }
          == "w.h5: no output/kernel of two axes; expected a DeepID network's, since the file has no model_config")
      try writeHDF5(path) { try $0.write([1.5], shape: [1], to: "data") }
      #expect(
        errorText(in: folder) { try KerasModelFile.read(path) }
          == "w.h5: no attribute layer_names; expected a Keras HDF5 model or weights file (.h5)")
    }
  }

  @Test func refusesToWriteWhatKerasCannotName() throws {
    let leaky = Activation.rectifier(Rectifier(negativeSlope: 0.1))
    let network = try Network(nodes: [
      .init(name: "in", layer: .input(try Shape([2])), inputs: []),
      .init(
        name: "out", layer: .dense(Dense(inputs: 2, units: 1, kernel: [1, 2], bias: nil, activation: leaky)),
        inputs: [0]),
    ])
    try withTemporaryFolder { folder in
      #expect(
        errorText(in: folder) { try KerasModelFile.write(network, to: "\(folder)/m.h5") }
          == "out: a rectifier with settings inside the layer; expected relu, relu6, or an activation layer")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func keepsTheEarlierFileWhereItCannotWrite() throws {
    try withTemporaryFolder { folder in
      try "taken".write(toFile: "\(folder)/file", atomically: true, encoding: .utf8)
      #expect(
        errorText(in: folder) { try KerasModelFile.write(expected(input: "in"), to: "\(folder)/file/m.h5") }
          == "file: a file; expected a folder")
      #expect(try fileBytes("\(folder)/file") == Array("taken".utf8))
    }
  }
}
