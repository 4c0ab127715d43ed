import Files
import HDF5
import NeuralNetwork

extension KerasModelFile {
  /// The form that is written: Keras 2's, which every later Keras opens too.
  private static let kerasVersion = "2.15.0"

  /// Writes a whole model that `keras.models.load_model` opens; the file appears whole or not at all.
  ///
  /// The same network is always the same bytes.
  /// - Throws: `InputError` or `HDF5Error` where the file cannot be written.
  public static func write(_ network: Network, to path: String) throws {
    try OutputFile.replace(path) { try write(network, now: $0) }
  }

  /// The same without a temporary file, for a caller that has one.
  package static func write(_ network: Network, now path: String) throws {
    for node in network.nodes { try requireName(ofActivationIn: node) }
    let file = try HDF5File(creating: path)
    try file.root.writeAttribute("backend", "tensorflow")
    try file.root.writeAttribute("keras_version", kerasVersion)
    try file.root.writeAttribute("model_config", configuration(of: network).text)
    let weights = try file.root.createGroup("model_weights")
    try weights.writeAttribute("backend", "tensorflow")
    try weights.writeAttribute("keras_version", kerasVersion)
    try weights.writeAttribute("layer_names", network.nodes.map(\.name))
    for node in network.nodes {
      let group = try weights.createGroup(node.name)
      let stored = node.layer.weights
      try group.writeAttribute("weight_names", stored.map { "\(node.name)/\($0.name):0" })
      for weight in stored {
        try group.write(weight.values, shape: weight.shape, to: "\(node.name)/\(weight.name):0")
      }
    }
    try file.close()
  }

  /// Whether every layer has a class of its own in Keras.
  package static func canWrite(_ network: Network) -> Bool {
    network.nodes.allSatisfy { (try? requireName(ofActivationIn: $0)) != nil }
  }

  /// Inside a layer Keras names a function alone; only a ReLU layer holds its settings.
  private static func requireName(ofActivationIn node: Network.Node) throws {
    let activation: Activation
    switch node.layer {
    case .operation(let box):
      throw InputError(
        node.name, found: "a layer \(box.name) that came from no file", expected: "one that Keras has in a single layer"
      )
    case .activation(.function(let function)):
      throw InputError(
        node.name, found: "an activation \(function) that came from no file", expected: "relu, softmax, sigmoid or tanh"
      )
    case .convolution(let layer): activation = layer.activation
    case .dense(let layer): activation = layer.activation
    default: return
    }
    if case .function(let function) = activation {
      throw InputError(
        node.name, found: "an activation \(function) that came from no file", expected: "relu, softmax, sigmoid or tanh"
      )
    }
    guard case .rectifier(let rectifier) = activation, ![Rectifier(), Rectifier(maxValue: 6)].contains(rectifier) else {
      return
    }
    throw InputError(
      node.name, found: "a rectifier with settings inside the layer", expected: "relu, relu6, or an activation layer")
  }

  private static func configuration(of network: Network) -> JSONValue {
    let layers = network.nodes.map { node -> JSONValue in
      var (className, settings) = node.layer.configuration
      settings["name"] = .string(node.name)
      settings["dtype"] = .string("float32")
      if className != "InputLayer" { settings["trainable"] = .bool(true) }
      let inputs = node.inputs.map {
        JSONValue.array([.string(network.nodes[$0].name), .integer(0), .integer(0), .object([:])])
      }
      return .object([
        "class_name": .string(className), "name": .string(node.name), "config": .object(settings),
        "inbound_nodes": .array(inputs.isEmpty ? [] : [.array(inputs)]),
      ])
    }
    func end(_ name: String) -> JSONValue { .array([.array([.string(name), .integer(0), .integer(0)])]) }
    return .object([
      "class_name": .string("Functional"),
      "config": .object([
        "name": .string("model"), "trainable": .bool(true), "layers": .array(layers),
        "input_layers": end(network.nodes[0].name), "output_layers": end(network.nodes[network.output].name),
      ]),
    ])
  }
}

extension Layer {
  /// What Keras calls the layer.
  var kerasClassName: String { configuration.className }

  /// The layer's class in Keras and its settings there.
  var configuration: (className: String, settings: [String: JSONValue]) {
    switch self {
    case .input(let shape):
      (
        "InputLayer",
        [
          "batch_input_shape": .array([.null] + shape.dimensions.map(JSONValue.integer)), "sparse": .bool(false),
          "ragged": .bool(false),
        ]
      )
    case .convolution(let layer):
      (
        "Conv2D",
        layer.window.settings(size: "kernel_size").merging([
          "filters": .integer(layer.filters), "use_bias": .bool(layer.bias != nil),
          "activation": .string(layer.activation.kerasName), "groups": .integer(1),
          "dilation_rate": .array([.integer(1), .integer(1)]),
        ]) { $1 }
      )
    case .pooling(let layer):
      (layer.kind == .maximum ? "MaxPooling2D" : "AveragePooling2D", layer.window.settings(size: "pool_size"))
    case .globalAveragePooling(let keeps):
      ("GlobalAveragePooling2D", ["keepdims": .bool(keeps), "data_format": .string("channels_last")])
    case .batchNormalization(let layer):
      (
        "BatchNormalization",
        [
          "axis": .integer(-1), "epsilon": .number(Double(layer.epsilon)), "scale": .bool(layer.gamma != nil),
          "center": .bool(layer.beta != nil),
        ]
      )
    case .flatten: ("Flatten", ["data_format": .string("channels_last")])
    case .dense(let layer):
      (
        "Dense",
        [
          "units": .integer(layer.units), "use_bias": .bool(layer.bias != nil),
          "activation": .string(layer.activation.kerasName),
        ]
      )
    case .activation(.rectifier(let rectifier)) where rectifier != Rectifier():
      (
        "ReLU",
        [
          "max_value": rectifier.maxValue.map { .number(Double($0)) } ?? .null,
          "negative_slope": .number(Double(rectifier.negativeSlope)), "threshold": .number(Double(rectifier.threshold)),
        ]
      )
    case .activation(let activation): ("Activation", ["activation": .string(activation.kerasName)])
    case .add: ("Add", [:])
    case .concatenate(let axis): ("Concatenate", ["axis": .integer(axis + 1)])
    case .dropout(let rate): ("Dropout", ["rate": .number(rate)])
    case .rescaling(let scale, let offset): ("Rescaling", ["scale": numbers(scale), "offset": numbers(offset)])
    case .operation(let box):
      (box.name, Dictionary(box.settings.map { ($0.name, .string($0.value)) }) { first, _ in first })
    }
  }

  private func numbers(_ values: [Float]) -> JSONValue {
    values.count == 1 ? .number(Double(values[0])) : .array(values.map { .number(Double($0)) })
  }

  /// The layer's arrays under Keras' names, in Keras' order.
  package var weights: [(name: String, shape: [Int], values: [Float])] {
    switch self {
    case .convolution(let layer):
      [("kernel", [layer.window.height, layer.window.width, layer.inputChannels, layer.filters], layer.kernel)]
        + (layer.bias.map { [("bias", [layer.filters], $0)] } ?? [])
    case .dense(let layer):
      [("kernel", [layer.inputs, layer.units], layer.kernel)] + (layer.bias.map { [("bias", [layer.units], $0)] } ?? [])
    case .batchNormalization(let layer):
      (layer.gamma.map { [("gamma", [$0.count], $0)] } ?? []) + (layer.beta.map { [("beta", [$0.count], $0)] } ?? [])
        + [
          ("moving_mean", [layer.mean.count], layer.mean), ("moving_variance", [layer.variance.count], layer.variance),
        ]
    case .operation(let box): box.operation.arrays
    default: []
    }
  }
}

extension Window {
  fileprivate func settings(size: String) -> [String: JSONValue] {
    [
      size: .array([.integer(height), .integer(width)]), "strides": .array([.integer(strideY), .integer(strideX)]),
      "padding": .string(padding.rawValue), "data_format": .string("channels_last"),
    ]
  }
}

extension Activation {
  /// The function's name in Keras; a rectifier inside a layer is plain or stops at 6, as it was read.
  fileprivate var kerasName: String {
    switch self {
    case .linear: "linear"
    case .rectifier(let rectifier): rectifier == Rectifier() ? "relu" : "relu6"
    case .softmax: "softmax"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .function(let function): "\(function)"
    case .logSoftmax: "log_softmax"
    case .sparsemax: "sparsemax"
    }
  }
}
