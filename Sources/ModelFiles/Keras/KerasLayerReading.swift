import Files
import HDF5
import NeuralNetwork

/// The weights of one layer by their short names (`kernel`, `bias`, `gamma` …), not read yet.
typealias KerasWeights = [String: KerasWeight]

/// An array of a file, read only when it is asked for, or one that is there already.
struct KerasWeight {
  let shape: [Int]
  let read: () throws -> [Float]

  init(_ dataset: HDF5Dataset) {
    shape = dataset.shape
    read = { try dataset.read(Float.self) }
  }

  init(shape: [Int], values: [Float]) {
    self.shape = shape
    read = { values }
  }
}

extension KerasLayer {
  /// The layer with its weights.
  ///
  /// - Parameters:
  ///   - rank: the number of axes of one input image's value.
  ///   - channels: the extent of the last of them.
  ///   - location: the file, for errors.
  func layer(rank: Int, channels: Int, weights: KerasWeights, location: String) throws -> Layer {
    let reader = KerasSettings(layer: self, location: location)
    switch className {
    case "InputLayer": return .input(try reader.inputShape())
    case "Conv2D", "Convolution2D": return .convolution(try reader.convolution(channels: channels, weights))
    case "Dense": return .dense(try reader.dense(inputs: channels, weights))
    case "BatchNormalization", "BatchNormalizationV1":
      return .batchNormalization(try reader.batchNormalization(rank: rank, channels: channels, weights))
    case "MaxPooling2D", "MaxPool2D": return .pooling(Pooling(.maximum, window: try reader.window(size: "pool_size")))
    case "AveragePooling2D", "AvgPool2D":
      return .pooling(Pooling(.average, window: try reader.window(size: "pool_size")))
    case "GlobalAveragePooling2D", "GlobalAvgPool2D":
      try reader.requireChannelsLast()
      return .globalAveragePooling(keepsDimensions: settings["keepdims"]?.bool ?? false)
    case "Flatten":
      try reader.requireChannelsLast()
      return .flatten
    case "Activation": return .activation(try reader.activation())
    case "ReLU": return .activation(.rectifier(try reader.rectifier()))
    case "Softmax":
      try reader.requireLastAxis(rank: rank)
      return .activation(.softmax)
    case "Add": return .add
    case "Concatenate": return .concatenate(axis: try reader.concatenationAxis(rank: rank))
    case "Dropout": return .dropout(rate: settings["rate"]?.number ?? 0)
    case "Rescaling":
      return .rescaling(
        scale: try reader.numbers("scale", default: 1), offset: try reader.numbers("offset", default: 0))
    case _ where KerasLayer.inferenceIdentities.contains(className):
      // Written back as a Dropout of rate 0, which is the identity too.
      return .dropout(rate: 0)
    default:
      throw InputError(
        "\(location): \(name)", found: "a layer of class \(className)", expected: KerasLayer.knownClasses)
    }
  }

  private static let knownClasses = """
    InputLayer, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, BatchNormalization, Flatten, Dense, \
    Activation, ReLU, Softmax, Add, Concatenate, Rescaling, Dropout or another layer of noise or random augmentation
    """

  /// Classes that work in training alone and hand on their input at inference. Not RandomCrop, which crops and resizes at
  /// inference too.
  private static let inferenceIdentities: Set<String> = [
    "ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D", "AugMix",
    "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast",
    "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHeight",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation",
    "RandomSharpness", "RandomShear", "RandomTranslation", "RandomWidth", "RandomZoom",
  ]
}

/// Reads one layer's settings; every error names the file, the layer and the setting.
struct KerasSettings {
  let layer: KerasLayer
  let location: String

  func inputShape() throws -> Shape {
    let value = layer.settings["batch_input_shape"] ?? layer.settings["batch_shape"] ?? layer.settings["shape"]
    // The first extent is the batch's, which may be anything; a bare "shape" has none.
    let extents = (value?.array ?? []).dropFirst(
      layer.settings["shape"] != nil && value == layer.settings["shape"] ? 0 : 1)
    let shape = extents.compactMap(\.integer)
    guard shape.count == 3, extents.count == 3, shape.allSatisfy({ $0 > 0 }) else {
      throw error("an input shape of \(describe(value))", expected: "(batch, height, width, channels) with known sizes")
    }
    return try Shape(shape)
  }

  func convolution(channels: Int, _ weights: KerasWeights) throws -> Convolution {
    try requireChannelsLast()
    guard try pair("dilation_rate", default: 1) == [1, 1] else {
      throw error("dilation_rate \(describe(layer.settings["dilation_rate"]))", expected: "1")
    }
    guard try integer("groups", default: 1) == 1 else {
      throw error("groups \(describe(layer.settings["groups"]))", expected: "1")
    }
    let filters = try integer("filters")
    let window = try window(size: "kernel_size")
    let kernel = try weight("kernel", [window.height, window.width, channels, filters], weights)
    return Convolution(
      window: window, inputChannels: channels, filters: filters, kernel: kernel,
      bias: try flag("use_bias", default: true) ? weight("bias", [filters], weights) : nil, activation: try activation()
    )
  }

  func dense(inputs: Int, _ weights: KerasWeights) throws -> Dense {
    let units = try integer("units")
    return Dense(
      inputs: inputs, units: units, kernel: try weight("kernel", [inputs, units], weights),
      bias: try flag("use_bias", default: true) ? weight("bias", [units], weights) : nil, activation: try activation())
  }

  func batchNormalization(rank: Int, channels: Int, _ weights: KerasWeights) throws -> BatchNormalization {
    try requireLastAxis(rank: rank)
    let epsilon = try number("epsilon", default: 1e-3)
    let variance = try weight("moving_variance", [channels], weights)
    guard epsilon >= 0, variance.allSatisfy({ $0 >= 0 && $0 + Float(epsilon) > 0 }) else {
      throw error("a variance that is not positive", expected: "moving_variance + epsilon > 0")
    }
    return BatchNormalization(
      gamma: try flag("scale", default: true) ? weight("gamma", [channels], weights) : nil,
      beta: try flag("center", default: true) ? weight("beta", [channels], weights) : nil,
      mean: try weight("moving_mean", [channels], weights), variance: variance, epsilon: Float(epsilon))
  }

  func window(size: String) throws -> Window {
    try requireChannelsLast()
    let extents = try pair(size, default: size == "pool_size" ? 2 : nil)
    // A pool without strides moves by its own size; a convolution without them moves by 1.
    let isAbsent = layer.settings["strides"].map { $0 == .null } ?? true
    let strides = isAbsent && size == "pool_size" ? extents : try pair("strides", default: 1)
    let name = layer.settings["padding"]?.string ?? "valid"
    guard let padding = Window.Padding(rawValue: name) else {
      throw error("padding \(name)", expected: "valid or same")
    }
    return try Window(
      height: extents[0], width: extents[1], strideY: strides[0], strideX: strides[1], padding: padding)
  }

  func activation() throws -> Activation {
    let value = layer.settings["activation"] ?? .null
    // Keras 3 may write a function as {"class_name": "function", "config": "relu"}.
    let name = value.string ?? value["config"]?.string
    switch name {
    case nil where value == .null, "linear": return .linear
    case "relu": return .relu
    case "relu6": return .rectifier(Rectifier(maxValue: 6))
    case "softmax": return .softmax
    case "sigmoid": return .sigmoid
    case "tanh": return .tanh
    default:
      throw error("activation \(describe(value))", expected: "linear, relu, relu6, softmax, sigmoid or tanh")
    }
  }

  func rectifier() throws -> Rectifier {
    let maximum = layer.settings["max_value"] ?? .null
    return Rectifier(
      maxValue: maximum == .null ? nil : Float(try number("max_value", default: 0)),
      negativeSlope: Float(try number("negative_slope", default: 0)),
      threshold: Float(try number("threshold", default: 0)))
  }

  func concatenationAxis(rank: Int) throws -> Int {
    let axis = try integer("axis", default: -1)
    // Keras counts the batch as axis 0.
    let own = axis < 0 ? rank + axis : axis - 1
    guard (0..<rank).contains(own) else { throw error("axis \(axis)", expected: "an axis of its inputs but the batch") }
    return own
  }

  func requireLastAxis(rank: Int) throws {
    let value = layer.settings["axis"] ?? .integer(-1)
    let axes = value.array ?? [value]
    guard axes.count == 1, let axis = axes[0].integer, axis == -1 || axis == rank else {
      throw error("axis \(describe(value))", expected: "the last axis")
    }
  }

  func requireChannelsLast() throws {
    let format = layer.settings["data_format"]?.string ?? "channels_last"
    guard format == "channels_last" else { throw error("data_format \(format)", expected: "channels_last") }
  }

  func numbers(_ key: String, default standard: Float) throws -> [Float] {
    guard let value = layer.settings[key], value != .null else { return [standard] }
    let numbers = (value.array ?? [value]).compactMap { $0.number.map { Float($0) } }
    guard numbers.count == value.array?.count ?? 1, !numbers.isEmpty, numbers.allSatisfy(\.isFinite) else {
      throw error("\(key) \(describe(value))", expected: "numbers")
    }
    return numbers
  }

  private func weight(_ name: String, _ shape: [Int], _ weights: KerasWeights) throws -> [Float] {
    let place = "\(layer.name)/\(name)"
    guard let weight = weights[name] else {
      throw InputError(location, found: "no \(place)", expected: "shape \(tuple(shape))")
    }
    // Read behind this check alone: an array that the layer has no use for may be of any size.
    guard weight.shape == shape else {
      throw InputError(location, found: "\(place) has shape \(tuple(weight.shape))", expected: tuple(shape))
    }
    let values = try weight.read()
    guard values.allSatisfy(\.isFinite) else {
      throw InputError(location, found: "\(place) has a weight that is not finite", expected: "finite numbers")
    }
    return values
  }

  private func integer(_ key: String, default standard: Int? = nil) throws -> Int {
    let value = layer.settings[key] ?? standard.map(JSONValue.integer) ?? .null
    guard let integer = value.integer, integer < 1 << 20, integer > -1 << 20 else {
      throw error("\(key) \(describe(value))", expected: "a whole number")
    }
    return integer
  }

  private func number(_ key: String, default standard: Double) throws -> Double {
    guard let value = layer.settings[key], value != .null else { return standard }
    guard let number = value.number, Float(number).isFinite else {
      throw error("\(key) \(describe(value))", expected: "a number")
    }
    return number
  }

  private func flag(_ key: String, default standard: Bool) throws -> Bool {
    guard let value = layer.settings[key] else { return standard }
    guard let flag = value.bool else { throw error("\(key) \(describe(value))", expected: "true or false") }
    return flag
  }

  private func pair(_ key: String, default standard: Int?) throws -> [Int] {
    guard let value = layer.settings[key] ?? standard.map(JSONValue.integer) else {
      throw error("no \(key)", expected: "two whole numbers")
    }
    let numbers = value.array.map { $0.compactMap(\.integer) } ?? Array(repeating: value.integer ?? 0, count: 2)
    guard numbers.count == 2, numbers.allSatisfy({ (1...65_536).contains($0) }) else {
      throw error("\(key) \(describe(value))", expected: "two whole numbers in 1...65536")
    }
    return numbers
  }

  private func error(_ found: String, expected: String) -> InputError {
    InputError("\(location): \(layer.name) (\(layer.className))", found: found, expected: expected)
  }

  private func describe(_ value: JSONValue?) -> String {
    let text = value?.text ?? "nothing"
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}
