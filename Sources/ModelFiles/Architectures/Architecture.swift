import Files
import NeuralNetwork

/// What kind of network is trained.
public struct Architecture: Sendable {
  /// What `--architecture` calls it; of a file its path.
  public let name: String
  /// The layers in order, as a Keras configuration.
  private let layers: @Sendable (_ classes: Int, _ imageShape: [Int]) throws -> [KerasLayer]

  /// Those with a name: a new one is a file in this folder and a line here.
  public static let named = [deepID, resNet18, vgg16]

  init(_ name: String, layers: @escaping @Sendable (_ classes: Int, _ imageShape: [Int]) throws -> [KerasLayer]) {
    (self.name, self.layers) = (name, layers)
  }

  /// The names, for a reader.
  public static var names: String { named.map(\.name).joined(separator: ", ") }

  /// A network to begin a training with.
  ///
  /// - Parameters:
  ///   - name: of one of `named`, or the path of a model file whose layers are taken, but not its weights; nil for DeepID.
  ///   - classes: how many it tells apart; a file's network has to have as many.
  ///   - imageShape: (H, W, C) of the images.
  /// - Throws: `InputError` for an unknown name, images or classes that do not suit, or layers that cannot be trained.
  public static func initialNetwork(
    named name: String?, classes: Int, seed: UInt64, imageShape: Shape
  ) throws -> Network {
    guard let name else { return try deepID.initialNetwork(classes: classes, seed: seed, imageShape: imageShape) }
    if let own = named.first(where: { $0.name == name }) {
      return try own.initialNetwork(classes: classes, seed: seed, imageShape: imageShape)
    }
    return try network(ofFile: name, classes: classes, seed: seed, imageShape: imageShape)
  }

  /// Whether a name is that of a file.
  public static func isFile(_ name: String) -> Bool { !named.contains { $0.name == name } }

  /// - Throws: `InputError` where neither an architecture nor a file has this name.
  public static func check(_ name: String) throws {
    guard isFile(name), (try? FileBytes.start(name, count: 1)) == nil else { return }
    throw InputError("--architecture", found: name, expected: "\(names), or a model file")
  }

  /// Of one of `named`.
  func initialNetwork(classes: Int, seed: UInt64, imageShape: Shape) throws -> Network {
    let network = try KerasModelFile.network(
      layers(classes, imageShape.dimensions), location: name, weights: Self.zeroWeights)
    return try network.beginning(seed: seed)
  }

  private static func network(
    ofFile path: String, classes: Int, seed: UInt64, imageShape: Shape
  ) throws -> Network {
    let network = try ModelFile.contents(path, imageShape: imageShape.dimensions).network
    guard network.inputShape == imageShape else {
      throw InputError(path, found: "a network for images \(network.inputShape)", expected: "one for \(imageShape)")
    }
    guard network.classes == classes else {
      throw InputError(path, found: "a network of \(network.classes) classes", expected: "one of \(classes)")
    }
    guard KerasModelFile.canWrite(network) || ModelFile.ending(of: path) == "h5" else {
      throw InputError(
        path, found: "layers that Keras has no single class for", expected: "an HDF5 file (.h5) of such a network")
    }
    do {
      return try network.beginning(seed: seed)
    } catch let error as NetworkError {
      throw InputError("\(path): \(error.location)", found: error.found, expected: error.expected)
    }
  }

  /// Numbers of the right shapes, which random ones then replace.
  private static func zeroWeights(of layer: KerasLayer, input: Shape?) -> KerasWeights {
    let channels = input?.channels ?? 0
    func all(_ value: Float, _ shape: [Int]) -> KerasWeight {
      KerasWeight(shape: shape, values: [Float](repeating: value, count: shape.reduce(1, *)))
    }
    var kernel: [Int]?
    if let filters = layer.settings["filters"]?.integer, let size = layer.settings["kernel_size"]?.integer {
      kernel = [size, size, channels, filters]
    } else if let units = layer.settings["units"]?.integer {
      kernel = [channels, units]
    }
    if let kernel, let outputs = kernel.last {
      return ["kernel": all(0, kernel), "bias": all(0, [outputs])]
    }
    guard layer.className == "BatchNormalization" else { return [:] }
    let names = ["gamma", "beta", "moving_mean", "moving_variance"]
    return Dictionary(uniqueKeysWithValues: names.map { ($0, all(0, [channels])) })
  }
}

extension Network {
  /// With the random weights of a seed.
  fileprivate func beginning(seed: UInt64) throws -> Network {
    var generator = SeededGenerator(seed: seed, stream: [0x1217])
    return try withInitialWeights(using: &generator)
  }
}

/// Builds the layers of an architecture, each reading the one before it unless told otherwise.
struct ArchitectureBuilder {
  private(set) var layers: [KerasLayer] = []

  init(imageShape: [Int]) {
    add("InputLayer", "input", ["batch_shape": .array([.null] + imageShape.map(JSONValue.integer))], of: [])
  }

  /// The last layer's name.
  var last: String { layers.last?.name ?? "" }

  mutating func add(
    _ className: String, _ name: String, _ settings: [String: JSONValue] = [:], of inputs: [String]? = nil
  ) {
    let inputs = inputs ?? [last]
    layers.append(KerasLayer(className: className, name: name, settings: .object(settings), inputs: inputs))
  }

  /// A convolution without bias and its batch normalisation, `same` at the edge.
  mutating func convolution(_ name: String, filters: Int, size: Int, stride: Int = 1, of input: String? = nil) {
    add(
      "Conv2D", "\(name)_conv",
      [
        "filters": .integer(filters), "kernel_size": .integer(size), "strides": .integer(stride),
        "padding": .string("same"), "use_bias": .bool(false),
      ], of: input.map { [$0] })
    add("BatchNormalization", "\(name)_bn", ["epsilon": .number(1e-5)])
  }

  mutating func rectifier(_ name: String) { add("Activation", name, ["activation": .string("relu")]) }

  mutating func dense(_ name: String, units: Int, activation: String) {
    add("Dense", name, ["units": .integer(units), "activation": .string(activation)])
  }
}
