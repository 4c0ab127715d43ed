import HDF5
import Testing

/// Configurations that no network can be made of; every error is one line that names the file and the layer.
@Suite struct KerasErrorTests {
  private let flat = KerasFiles.layer("Flatten", "flat", inputs: ["in"])
  private let out = KerasFiles.layer("Dense", "out", #""units": 2"#, inputs: ["flat"])

  /// The error for `layer` called `x` behind the input.
  private func error(_ className: String, _ settings: String = "") throws -> String {
    try KerasFiles.error(
      KerasFiles.functional([
        KerasFiles.input, KerasFiles.layer(className, "x", settings, inputs: ["in"]),
        KerasFiles.layer("Flatten", "flat", inputs: ["x"]), out,
      ]))
  }

  @Test func readsTheSoundOne() throws {
    #expect(try KerasFiles.error(KerasFiles.functional([KerasFiles.input, flat, out])) == "no error")
  }

  @Test func namesLayersAndSettingsThatItDoesNotKnow() throws {
    #expect(
      try error("LSTM")
        == "m.h5: x: a layer of class LSTM; expected a layer for images of keras.layers, or an operator on them")
    #expect(
      try error("Lambda")
        == "m.h5: x: a Lambda layer: code inside a file is never run; expected layers that Keras itself has")
    let functions = "expected a function of keras.activations without code of its own"
    #expect(
      try error("Activation", #""activation": "mine""#) == #"m.h5: x (Activation): activation "mine"; \#(functions)"#)
    // A layer as an activation has settings of its own.
    #expect(
      try error("Activation", #""activation": {"class_name": "Mine", "config": {"max_value": 6}}"#)
        == #"m.h5: x (Activation): activation {"class_name":"Mine","config":{"max_value":6}}; \#(functions)"#)
    #expect(
      try error("Conv2D", #""filters": 1, "kernel_size": 1, "data_format": "channels""#)
        == "m.h5: x (Conv2D): data_format channels; expected channels_last or channels_first")
    #expect(
      try error("Conv2D", #""filters": 4, "kernel_size": 3, "groups": 2"#)
        == "m.h5: x (Conv2D): groups 2; expected a divisor of 1 channels")
    #expect(
      try error("Conv2D", #""filters": 1, "kernel_size": 3, "padding": "causal""#)
        == "m.h5: x (Conv2D): padding causal; expected valid or same")
    #expect(
      try error("Conv2D", #""filters": 1, "kernel_size": [3]"#)
        == "m.h5: x (Conv2D): kernel_size [3]; expected two whole numbers in 1...65536")
    #expect(
      try error("MaxPooling2D", #""pool_size": 0"#)
        == "m.h5: x (MaxPooling2D): pool_size 0; expected two whole numbers in 1...65536")
    #expect(try error("Dense", #""units": 2.5"#) == "m.h5: x (Dense): units 2.5; expected a whole number")
    #expect(
      try KerasFiles.error(
        KerasFiles.functional([
          KerasFiles.input, flat, KerasFiles.layer("Dense", "out", #""units": 2, "use_bias": 1"#, inputs: ["flat"]),
        ])) == "m.h5: out (Dense): use_bias 1; expected true or false")
    #expect(
      try error("Softmax", #""axis": 0"#) == "m.h5: x (Softmax): axis 0; expected an axis of its inputs but the batch")
    #expect(
      try error("BatchNormalization", #""axis": [1, 2]"#)
        == "m.h5: x (BatchNormalization): axis [1,2]; expected one axis")
    #expect(
      try error("Concatenate", #""axis": 0"#)
        == "m.h5: x (Concatenate): axis 0; expected an axis of its inputs but the batch")
    #expect(try error("Rescaling", #""scale": ["a"]"#) == #"m.h5: x (Rescaling): scale ["a"]; expected numbers"#)
    #expect(try error("Rescaling", #""scale": 1e200"#) == "m.h5: x (Rescaling): scale 1e+200; expected numbers")
    #expect(try error("ReLU", #""max_value": 1e300"#) == "m.h5: x (ReLU): max_value 1e+300; expected a number")
    #expect(
      try error("MaxPooling2D", #""pool_size": 5"#) == "m.h5: x/window: an input of 4 pixels; expected at least 5")
  }

  @Test func namesWeightsThatAreMissingOrWrong() throws {
    let configuration = KerasFiles.functional([KerasFiles.input, flat, out])
    func error(_ weights: [KerasFiles.Weights]) throws -> String { try KerasFiles.error(configuration, weights) }
    let sound = KerasFiles.dense("out", 16, 2)
    #expect(try error([sound[0]]) == "m.h5: no out/bias; expected shape (2)")
    #expect(try error([("out", "bias", [2], [0, 0])]) == "m.h5: no out/kernel; expected shape (16, 2)")
    #expect(try error(KerasFiles.dense("out", 15, 2)) == "m.h5: out/kernel has shape (15, 2); expected (16, 2)")
    #expect(
      try error([sound[0], ("out", "bias", [2], [0, .nan])])
        == "m.h5: out/bias has a weight that is not finite; expected finite numbers")
    let normalised = KerasFiles.functional([
      KerasFiles.input,
      KerasFiles.layer("BatchNormalization", "x", #""scale": false, "center": false"#, inputs: ["in"]),
      KerasFiles.layer("Flatten", "flat", inputs: ["x"]), out,
    ])
    #expect(
      try KerasFiles.error(
        normalised, sound + [("x", "moving_mean", [1], [0]), ("x", "moving_variance", [1], [-0.5])])
        == "m.h5: x (BatchNormalization): a variance that is not positive; expected moving_variance + epsilon > 0")
  }

  @Test func namesGraphsThatAreNoNetwork() throws {
    let input = KerasFiles.input
    func error(_ layers: String..., outputs: String = #"[["out", 0, 0]]"#) throws -> String {
      try KerasFiles.error(KerasFiles.functional(layers, outputs: outputs))
    }
    let place = "m.h5: model_config"
    let second = KerasFiles.layer("Dense", "out", #""units": 2"#, inputs: ["flat"], node: 1)
    #expect(
      try error(input, flat, second)
        == "\(place): out: inbound_nodes of an unknown form; expected the output of one layer")
    let (a, b) = (
      KerasFiles.layer("Add", "a", inputs: ["in", "b"]), KerasFiles.layer("ReLU", "b", inputs: ["a"])
    )
    #expect(
      try error(input, a, b, outputs: #"[["b", 0, 0]]"#)
        == "\(place): a: a cycle through this layer; expected a feed-forward network")
    #expect(
      try error(input, KerasFiles.layer("Flatten", "flat", inputs: ["nowhere"]), out)
        == "\(place): flat: an input nowhere that is no layer; expected a layer's name")
    #expect(
      try error(input, KerasFiles.layer("Flatten", "flat", inputs: []), out)
        == "m.h5: flat: no input; expected the output of a layer")
    #expect(try error(input, flat, flat, out) == "\(place): flat: a second layer of this name; expected unique names")
    #expect(
      try error(input, flat, out, outputs: "[]")
        == "\(place): output_layers of an unknown form; expected the name of one layer")
    #expect(
      try error(input, flat, out, outputs: #"[["out", 1, 0]]"#)
        == "\(place): output_layers of an unknown form; expected the name of one layer")
    #expect(try error(input, flat, out, outputs: "3") == "\(place): 0 outputs; expected one output")
    #expect(
      try error(input, flat, out, outputs: #"[["lost", 0, 0]]"#)
        == "\(place): output_layers: an input lost that is no layer; expected a layer's name")
    let other = KerasFiles.layer("InputLayer", "other", #""batch_shape": [null, 4, 4, 1]"#, inputs: [])
    #expect(
      try error(
        input, other, KerasFiles.layer("Add", "x", inputs: ["in", "other"]),
        KerasFiles.layer("Flatten", "flat", inputs: ["x"]), out)
        == "m.h5: other: a second input layer; expected one InputLayer")
    #expect(
      try error(KerasFiles.layer("InputLayer", "in", #""batch_shape": [null, null, 4, 1]"#, inputs: []), flat, out)
        == "m.h5: in (InputLayer): an input shape of [null,null,4,1]; expected (batch, height, width, channels) "
        + "with known sizes, or images beside the model that tell them")
  }

  /// What a call gives to a layer beside its input, in the forms of Keras 2 and 3; all but what inference does anyway is
  /// refused by its name.
  @Test func namesWhatACallAdds() throws {
    let history = { (name: String, node: Int) in
      #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["\#(name)", \#(node), 0]}}"#
    }
    func error(_ inbound: String, _ className: String = "Dropout") throws -> String {
      let layer = KerasFiles.layer(className, "x", #""rate": 0.5"#)
      let called = layer.dropLast() + #", "inbound_nodes": [\#(inbound)]}"#
      return try KerasFiles.error(
        KerasFiles.functional([
          KerasFiles.input, String(called), KerasFiles.layer("Flatten", "flat", inputs: ["x"]), out,
        ]))
    }
    func keras2(_ keywords: String) -> String { #"[["in", 0, 0, \#(keywords)]]"# }
    func keras3(_ keywords: String) -> String { #"{"args": [\#(history("in", 0))], "kwargs": \#(keywords)}"# }
    for sound in ["{}", "null", #"{"training": false}"#, #"{"training": null, "mask": null}"#, #"{"training": 0}"#] {
      #expect(try error(keras2(sound)) == "no error", "\(sound)")
      #expect(try error(keras3(sound)) == "no error", "\(sound)")
    }
    for (keywords, found) in [
      (#"{"training": true}"#, "training=true"), (#"{"training": 1}"#, "training=1"),
      (#"{"training": "false"}"#, #"training="false""#), (#"{"mask": ["in", 0, 0]}"#, #"mask=["in",0,0]"#),
      (#"{"mask": false}"#, "mask=false"), (#"{"initial_state": [], "training": true}"#, "initial_state=[]"),
      (#"{"noise_shape": 2}"#, "noise_shape=2"), (#"{"y": ["in", 0, 0]}"#, #"y=["in",0,0]"#),
    ] {
      let message = "m.h5: model_config: x: a call with \(found); expected no keyword but training=false"
      #expect(try error(keras2(keywords)) == message)
      #expect(try error(keras3(keywords)) == message)
      // A single input, without a list around it.
      #expect(try error(#"["in", 0, 0, \#(keywords)]"#) == message)
      #expect(try error(keras2(keywords), "BatchNormalization") == message)
    }
    // Behind the second of two inputs.
    #expect(
      try error(#"[["in", 0, 0, {}], ["in", 0, 0, {"training": true}]]"#, "Add")
        == "m.h5: model_config: x: a call with training=true; expected no keyword but training=false")
    #expect(
      try error(#"{"args": [\#(history("in", 0)), true], "kwargs": {}}"#)
        == "m.h5: model_config: x: a call with a positional argument true; expected no keyword but training=false")
    let unknown = "m.h5: model_config: x: inbound_nodes of an unknown form; expected the output of one layer"
    for form in [
      #"[["in", 0, 1, {}]]"#, #"[["in", 0, 0, {}, 1]]"#, #"[["in", 0, 0, true]]"#, #"{"args": []"# + #", "more": 1}"#,
      #"{"args": [\#(history("in", 1))], "kwargs": {}}"#, #"{"kwargs": {}}"#, #"{"args": [true], "kwargs": {}}"#,
    ] { #expect(try error(form) == unknown, "\(form)") }
  }

  @Test func namesTextThatIsNoConfiguration() throws {
    let place = "m.h5: model_config"
    for (text, byte) in [
      ("", 0), ("{", 1), (#"{"class_name": Nan}"#, 15), ("-Inf", 1), ("[Infinite]", 1), ("NaNs", 3), ("[1, 2", 5),
      ("[1,]", 3), ("[01]", 3), ("[-]", 2), ("[1.]", 3),
      ("[1e]", 3), ("[1e999]", 6), ("{1: 2}", 1), (#"{"a" 1}"#, 5), ("nul", 0), ("[] []", 3), (#"["a"#, 3),
      ("[\"\t\"]", 2),
      (#"["\x"]"#, 4), (#"["\u12g4"]"#, 4), (#"["\ud800"]"#, 8), (#"["\ud800\u0041"]"#, 14), ("+1", 0),
    ] {
      #expect(
        try KerasFiles.error(text) == "\(place): text that is not JSON at byte \(byte); expected a JSON document",
        "\(text)")
    }
    let deep = "\(place): JSON nested deeper than 512; expected a flatter document"
    #expect(try KerasFiles.error(String(repeating: "[", count: 100_000)) == deep)
    #expect(try KerasFiles.error(String(repeating: #"{"a":"#, count: 100_000)) == deep)
    #expect(try KerasFiles.error("[]") == "\(place): no class_name or config; expected a Keras model's configuration")
    #expect(
      try KerasFiles.error(#"{"class_name": "Mine", "config": [1]}"#)
        == "\(place): a model of class Mine; expected Sequential, Model or Functional")
    #expect(
      try KerasFiles.error(#"{"class_name": "Sequential", "config": {"layers": []}}"#)
        == "\(place): no list of layers; expected at least one layer")
    #expect(
      try KerasFiles.error(#"{"class_name": "Sequential", "config": [7]}"#)
        == "\(place): a layer without class_name, config or name; expected all three")
    #expect(
      try KerasFiles.error(#"{"class_name": "Sequential", "config": [\#(KerasFiles.layer("Flatten", "flat"))]}"#)
        == "\(place): flat: no input shape; expected batch_input_shape or batch_shape")
  }

  @Test func refusesHugeListsQuickly() throws {
    let many = (0..<5000).map { KerasFiles.layer("ReLU", "r\($0)", inputs: ["in"]) }
    #expect(
      try KerasFiles.error(KerasFiles.functional(many)) == "m.h5: model_config: 5000 layers; expected at most 4096")
    let wide = KerasFiles.layer("Add", "out", inputs: [String](repeating: "in", count: 20_000))
    #expect(
      try KerasFiles.error(KerasFiles.functional([KerasFiles.input, wide])).hasPrefix(
        "m.h5: out: 20000 inputs; expected"))
  }

  /// Reading a list twice at each level takes twice as long for each level.
  @Test(.timeLimit(.minutes(1))) func refusesDeepListsQuickly() throws {
    let tensor = #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}"#
    let deep = "[0, " + String(repeating: "[", count: 200) + "1" + String(repeating: "]", count: 201)
    let layer =
      #"{"class_name": "Add", "config": {"name": "x"}, "inbound_nodes": [{"args": [\#(tensor), \#(deep)], "kwargs": {}}]}"#
    let message = try KerasFiles.error(
      KerasFiles.functional([KerasFiles.input, layer, KerasFiles.layer("Flatten", "flat", inputs: ["x"]), out]))
    #expect(message == "m.h5: x (Add): an operand of an unknown form; expected a layer's output or numbers")
  }

  @Test func namesAPermutationOfFewerAxes() throws {
    let permute = KerasFiles.layer("Permute", "x", #""dims": [3, 1, 2]"#, inputs: ["flat"])
    #expect(
      try KerasFiles.error(
        KerasFiles.functional([
          KerasFiles.input, flat, permute, KerasFiles.layer("RepeatVector", "again", #""n": 2"#, inputs: ["x"]),
          KerasFiles.layer("Flatten", "flat_2", inputs: ["again"]),
          KerasFiles.layer("Dense", "out", #""units": 2"#, inputs: ["flat_2"]),
        ])) == "m.h5: x/Permutation: axes (2, 0, 1) of an input of shape (16); expected each of its axes once")
  }
}
