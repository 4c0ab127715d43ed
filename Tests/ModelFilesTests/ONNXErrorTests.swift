import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Files that are no ONNX model of an image classifier: each is refused in one line.
@Suite struct ONNXErrorTests {
  private typealias Files = ONNXFiles

  /// The error for a node that reads the images and makes `v`, behind which a classifier follows.
  private func error(
    _ type: String, _ inputs: [String] = ["x"], _ attributes: KeyValuePairs<String, Files.Attribute> = [:],
    _ tensors: [[UInt8]] = [], opset: Int = 17
  ) throws -> String {
    try Files.error(
      Files.model(
        [Files.node(type, inputs, ["v"], name: "n", attributes)] + Files.classifier(of: "v"), Files.weights + tensors,
        opset: opset))
  }

  @Test func readsTheSoundOne() throws {
    #expect(try Files.error(Files.model(Files.classifier(of: "x"), Files.weights)) == "no error")
    #expect(try error("Relu") == "no error")
  }

  @Test func refusesWhatIsNoModel() throws {
    let sound = Files.model(Files.classifier(of: "x"), Files.weights)
    let refusal = "m.onnx: not an ONNX model, or a truncated one; expected a protocol buffer of a ModelProto"
    #expect(try Files.error(Array(sound.dropLast(3))) == refusal)
    #expect(try Files.error(Array("no model".utf8)) == refusal)
    #expect(try Files.error([]) == "m.onnx: no graph; expected an ONNX model with one")
    #expect(
      try Files.error(Files.model(Files.classifier(of: "x"), Files.weights, opset: 6))
        == "m.onnx: opset 6; expected 7...26")
    // Two million empty nodes of two bytes would be hundreds of megabytes in memory.
    let many = [UInt8](repeating: 0, count: 5_000_000).enumerated().map { UInt8($0.offset % 2 == 0 ? 0x0A : 0) }
    #expect(
      try Files.error(Files.integer(1, 8) + Files.bytes(7, many))
        == "m.onnx: more than 2000000 messages; expected fewer")
  }

  @Test func namesTheNodeItsOperatorAndTheAttribute() throws {
    #expect(
      try error("NonZero")
        == "m.onnx: n (NonZero): the operator NonZero; expected one for image classifiers of ONNX itself")
    #expect(
      try error("Relu", ["x"], ["slope": .float(1)])
        == "m.onnx: n (Relu): the attribute slope; expected one of the operator's that is read")
    let kernel = [Files.tensor("k", [3, 3, 1, 1], [Float](repeating: 1, count: 9))]
    #expect(
      try error("Conv", ["x", "k"], ["auto_pad": .text("SOME")], kernel)
        == "m.onnx: n (Conv): auto_pad SOME; expected NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    #expect(
      try error("Conv", ["x", "k"], ["strides": .ints([0, 1])], kernel)
        == "m.onnx: n (Conv): strides (0, 1); expected 2 numbers in 1...65536")
    #expect(
      try error("Conv", ["x", "k"], ["group": .int(2)], kernel)
        == "m.onnx: n (Conv): weights of shape (3, 3, 1, 1), group 2; expected weights for 3 channels")
    #expect(
      try error("Transpose", ["x"], ["perm": .ints([0, 1, 1, 2])])
        == "m.onnx: n (Transpose): perm (0, 1, 1, 2); expected each of 4 axes once")
    #expect(
      try error("Concat", ["x", "x"], ["axis": .int(0)])
        == "m.onnx: n (Concat): axis 0, along which the images lie; expected another axis")
    #expect(
      try error("Resize", ["x", "", "s"], ["mode": .text("area")], [Files.tensor("s", [4], [1, 1, 2, 2])])
        == "m.onnx: n (Resize): mode area; expected nearest, linear or cubic")
    #expect(
      try error("MaxPool", ["x"], ["kernel_shape": .ints([5, 5])])
        == "m.onnx: n/window: an input of 4 pixels; expected at least 5")
    #expect(
      try error(
        "BatchNormalization", ["x", "a", "a", "a", "a"], ["training_mode": .int(1)],
        [Files.tensor("a", [3], [1, 1, 1])])
        == "m.onnx: n (BatchNormalization): training_mode 1; expected a model that was exported for inference")
  }

  @Test func namesAllThatIsMissingAtOnce() throws {
    let nodes = [
      Files.node("NonZero", ["x"], ["a"], name: "first"), Files.node("Relu", ["a"], ["b"]),
      Files.node("LSTM", ["b"], ["c"], name: "second"), Files.node("Selu", ["x"], ["d"], ["steep": .int(1)]),
      Files.node("Add", ["c", "d"], ["v"]),
    ]
    #expect(
      try Files.error(Files.model(nodes + Files.classifier(of: "v"), Files.weights))
        == "m.onnx: 3 nodes that cannot be read: first (NonZero): the operator NonZero; expected one for image classifiers of "
        + "ONNX itself · second (LSTM): the operator LSTM; expected one for image classifiers of ONNX itself · selu (Selu): the "
        + "attribute steep; expected one of the operator's that is read; expected nodes as these messages say")
  }

  @Test func refusesGraphsThatAreNone() throws {
    let relu = Files.node("Relu", ["v"], ["u"], name: "one")
    let cycle = [relu, Files.node("Relu", ["u"], ["v"], name: "two")]
    #expect(
      try Files.error(Files.model(cycle + Files.classifier(of: "v"), Files.weights))
        == "m.onnx: one (Relu): an input v that no node before it makes; expected nodes in the order of their values")
    let twice = [Files.node("Relu", ["x"], ["v"], name: "one"), Files.node("Neg", ["x"], ["v"], name: "two")]
    #expect(
      try Files.error(Files.model(twice + Files.classifier(of: "v"), Files.weights))
        == "m.onnx: two (Neg): a second value v; expected unique names")
    #expect(
      try Files.error(Files.model(Files.classifier(of: "x"), Files.weights + [Files.tensor("w", [1], [1])]))
        == "m.onnx: w: a second initializer of this name; expected unique names")
    #expect(
      try Files.error(Files.model(Files.classifier(of: "x"), Files.weights, inputs: []))
        == "m.onnx: 0 inputs; expected one, of images")
    #expect(
      try Files.error(
        Files.model(
          Files.classifier(of: "x"), Files.weights,
          inputs: [Files.value("x", [nil, 3, 4, 4]), Files.value("z", [nil, 1])]))
        == "m.onnx: 2 inputs: x, z; expected one, of images")
    #expect(
      try Files.error(Files.model(Files.classifier(of: "x"), Files.weights, input: [nil, 48]))
        == "m.onnx: x: an input of shape (N, 48); expected (batch, channels, height, width) or (batch, height, width, channels)"
    )
    #expect(
      try Files.error(Files.model(Files.classifier(of: "x"), Files.weights, input: [nil, 3, nil, nil]))
        == "m.onnx: x: an input of shape (N, 3, N, N); expected known sizes, or images beside the model that tell them")
    #expect(
      try Files.error(
        Files.model([Files.node("ReduceMax", ["x"], ["y"], ["axes": .ints([1, 2, 3]), "keepdims": .int(0)])]))
        == "m.onnx: y: an output of shape (N); expected (batch, classes)")
    #expect(
      try Files.error(Files.model([Files.node("Constant", [], ["y"], ["value_float": .float(1)])]))
        == "m.onnx: y: an output that no node computes from the images; expected one")
  }

  /// A network of maps can be looked at; whoever uses it is told what its classes are.
  @Test func notesAnOutputOfMaps() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/m.onnx"
      try Data(Files.model([Files.node("Relu", ["x"]), Files.node("Neg", ["x"], ["z"])], outputs: ["y", "z"]))
        .write(to: URL(fileURLWithPath: path))
      let contents = try ModelFile.contents(path)
      #expect(contents.network.classes == 48)
      #expect(
        contents.note?.replacing(folder + "/", with: "")
          == "m.onnx has 2 outputs; the first, y, counts, not z; m.onnx: the output y of shape (N, 3, 4, 4) counts as 48 classes"
      )
      #expect(try ModelFile.contents(path, outputLayer: "neg").network.nodes[1].name == "neg")
      #expect(
        errorText(in: folder) { try ModelFile.contents(path, outputLayer: "w") }
          == "m.onnx: output layer w: no such output; expected one of y, z")
    }
  }

  /// Comparisons and choices place by place, and constants as large as the images.
  @Test func choosesByPlace() throws {
    let shape = Files.node("Shape", ["x"], ["s"])
    let nodes = [
      shape, Files.node("ConstantOfShape", ["s"], ["zeros"]), Files.node("Greater", ["x", "zeros"], ["t"]),
      Files.node("Cast", ["t"], ["u"], ["to": .int(9)]), Files.node("Not", ["u"], ["not"]),
      Files.node("Where", ["not", "zeros", "x"], ["v"], name: "chosen"),
    ]
    let mixed = nodes.dropLast() + [Files.node("Where", ["not", "two", "x"], ["v"], name: "chosen")]
    #expect(
      try Files.error(
        Files.model(mixed + Files.classifier(of: "v"), Files.weights + [Files.tensor("two", [4], [0, 0, 1, 1])]))
        == "m.onnx: chosen (Where): a constant of shape (4); expected one number, or a value")
    try withTemporaryFolder { folder in
      let path = "\(folder)/m.onnx"
      try Data(Files.model(nodes + Files.classifier(of: "v"), Files.weights)).write(to: URL(fileURLWithPath: path))
      let network = try ModelFile.read(path)
      var values = [Float](repeating: -1, count: 48)
      values[0] = 16
      let images = Tensor(count: 1, shape: network.inputShape, values: values)
      // The mean of the first channel is 1, of the others 0.
      #expect(try ForwardPass(network, threads: 1).logits(of: images).values == [1, 3])
    }
  }

  @Test func refusesTensorsThatCannotBe() throws {
    func error(_ tensor: [UInt8]) throws -> String {
      try Files.error(Files.model(Files.classifier(of: "x"), [tensor, Files.weights[1]]))
    }
    let limit = "expected extents of 0 or more, and at most 268435456 numbers"
    #expect(try error(Files.tensor("w", [1 << 20, 1 << 20], [])) == "m.onnx: w: shape (1048576, 1048576); \(limit)")
    #expect(
      try error(Files.tensor("w", [1 << 62, 1 << 62], []))
        == "m.onnx: w: shape (4611686018427387904, 4611686018427387904); \(limit)")
    #expect(try error(Files.tensor("w", [-3, 2], [])) == "m.onnx: w: shape (-3, 2); \(limit)")
    #expect(try error(Files.tensor("w", [3, 2], [1, 2, 3])) == "m.onnx: w: 12 bytes of raw data; expected 24")
    #expect(
      try error(Files.integer(1, 3) + Files.integer(1, 2) + Files.integer(2, 1) + Files.text(8, "w"))
        == "m.onnx: w: 0 numbers; expected 6")
    #expect(
      try error(Files.integer(1, 1) + Files.integer(2, 8) + Files.text(8, "w"))
        == "m.onnx: w: numbers of type STRING; expected FLOAT, FLOAT16, BFLOAT16, DOUBLE, integers or BOOL")
    #expect(
      try error(Files.tensor("w", [2, 3], [1, 2, 3, 4, 5, 6]))
        == "m.onnx: out (Gemm): C of shape (2); expected (3)")
    #expect(
      try error(Files.tensor("w", [2, 2], [1, 2, 3, 4]))
        == "m.onnx: out (Gemm): weights of shape (2, 2); expected weights for 3 features")
  }

  /// The file's own arithmetic makes no more numbers than memory is for.
  @Test func limitsWhatIsComputed() throws {
    let huge = Files.tensor("s", integers: [1 << 20, 1 << 20])
    let nodes = [Files.node("ConstantOfShape", ["s"], ["c"], name: "huge"), Files.node("Add", ["x", "c"], ["v"])]
    #expect(
      try Files.error(Files.model(nodes + Files.classifier(of: "v"), Files.weights + [huge]))
        == "m.onnx: huge (ConstantOfShape): a constant of shape (1048576, 1048576); expected extents of 0 or more, and at most "
        + "33554432 computed numbers in all")
    #expect(
      try error("Expand", ["x", "s"], [:], [Files.tensor("s", integers: [1, 3, 4, 1 << 40])])
        == "m.onnx: n (Expand): a shape (1, 3, 4, 1099511627776); expected one that (N, 3, 4, 4) expands to")
    #expect(
      try error("Reshape", ["x", "s"], [:], [Files.tensor("s", integers: [-1, 1 << 62, 4])])
        == "m.onnx: n (Reshape): a shape (-1, 4611686018427387904, 4); expected as many numbers as (1000003, 3, 4, 4) has"
    )
    #expect(
      try error("Reshape", ["x", "s"], [:], [Files.tensor("s", integers: [-1, 24, 4])])
        == "m.onnx: n (Reshape): a shape (-1, 24, 4); expected as many numbers as (1000003, 3, 4, 4) has")
  }

  // MARK: Files beside the model

  @Test func readsNoFileOutsideTheModelsFolder() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/in", withIntermediateDirectories: true)
      let data = Data(Files.raw([1, 2, 3, 4, 5, 6]))
      for name in ["outside.data", "in/inside.data"] { try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/in/link.data", withDestinationPath: "../outside.data")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/in/same.data", withDestinationPath: "inside.data")
      try FileManager.default.createDirectory(atPath: "\(folder)/in/sub", withIntermediateDirectories: true)
      func error(_ location: String, _ more: [String: String] = [:]) throws -> String {
        let path = "\(folder)/in/m.onnx"
        let tensor = Files.external("w", [3, 2], more.merging(["location": location]) { $1 })
        try Data(Files.model(Files.classifier(of: "x"), [tensor, Files.weights[1]])).write(
          to: URL(fileURLWithPath: path))
        do {
          _ = try ModelFile.read(path)
          return "no error"
        } catch { return "\(error)".replacing("\(folder)/in/", with: "").replacing(folder, with: "FOLDER") }
      }
      #expect(try error("inside.data") == "no error")
      #expect(try error("same.data") == "no error")
      #expect(
        try error("sub/../inside.data")
          == "m.onnx: w: external data in sub/../inside.data; expected a file in the model's folder")
      for place in ["../outside.data", "../../etc/passwd", "/etc/passwd", "link.data", "."] {
        #expect(try error(place) == "m.onnx: w: external data in \(place); expected a file in the model's folder")
      }
      #expect(
        try error("none.data")
          == "m.onnx: w: external data in none.data, which is not there; expected a file in the model's folder")
      #expect(try error("sub") == "sub: is not a regular file; expected a file")
      #expect(try error("inside.data", ["length": "23"]) == "m.onnx: w: 23 bytes of external data; expected 24")
      #expect(
        try error("inside.data", ["offset": "8"]) == "m.onnx: w: 16 bytes from byte 8 of inside.data; expected 24")
      #expect(
        try error("inside.data", ["offset": "9223372036854775807"])
          == "m.onnx: w: 0 bytes from byte 9223372036854775807 of inside.data; expected 24")
      #expect(
        try error("inside.data", ["offset": "-8"])
          == "m.onnx: w: offset -8 of its external data; expected a whole number")
    }
  }
}
