import Files
import NeuralNetwork

/// Turns Keras' layers into primitive ones, each with its weights.
final class KerasTranslation {
  typealias Value = GraphBuilder.Value

  let graph = GraphBuilder()
  /// By node and by the name of the layer's array: where it is in the file.
  private(set) var origins: [Int: [String: String]] = [:]
  private let location: String
  private let generation: Int
  /// (H, W, C) of the images, for sizes that the model leaves open.
  private let imageShape: [Int]?
  private var values: [String: Value] = [:]
  /// Layers that could not be read, and all behind them.
  private var unknown: Set<String> = []
  private var problems: [any Error] = []

  init(location: String, generation: Int, imageShape: [Int]?) {
    (self.location, self.generation, self.imageShape) = (location, generation, imageShape)
  }

  /// The network of these layers.
  /// - Parameter weights: the arrays of a layer, given the shape of its first input.
  /// - Throws: all that cannot be read, in one error.
  func network(_ layers: [KerasLayer], weights: (KerasLayer, Shape?) throws -> KerasWeights) throws -> Network {
    let turnsImages = layers.contains {
      ["channels_first", "th"].contains($0.settings["data_format"]?.string ?? $0.settings["dim_ordering"]?.string)
    }
    for layer in layers {
      do {
        if let refusal = layer.refusal {
          throw InputError("\(location): \(layer.name)", found: refusal, expected: "layers that Keras itself has")
        }
        if layer.inputs.contains(where: unknown.contains) {
          // What it reads is not known; whether its class is can be told.
          unknown.insert(layer.name)
          guard Self.classes.contains(layer.className) || layer.isOperator else { throw unknownClass(layer) }
          continue
        }
        try add(layer, turnsImages: turnsImages, weights: weights)
      } catch let error where error is InputError || error is NetworkError {
        unknown.insert(layer.name)
        problems.append(error)
        guard problems.count < 1000 else { break }
      }
    }
    if problems.count > 1 {
      throw InputError(
        location,
        found: "\(problems.count) layers that cannot be read: "
          + problems.map { "\($0)".replacing("\(location): ", with: "") }.joined(separator: " · "),
        expected: "layers as these messages say")
    }
    if let problem = problems.first { throw problem }
    guard let last = layers.last, let output = values[last.name] else {
      throw InputError(location, found: "no layers", expected: "a network")
    }
    _ = try graph.plain(output, for: last.name)
    if graph.shapes[output.node].count == 1 {
      guard try Network(nodes: graph.nodes).endsInSigmoid(output.node) else {
        throw InputError(
          "\(location): \(last.name)", found: "one output that is no sigmoid",
          expected: "one number for each class, or a sigmoid for two classes")
      }
      _ = try graph.add(BinaryLogits().layer, [output.node], name: graph.unused("\(last.name)/classes"))
      return try Network(nodes: graph.nodes)
    }
    var nodes = graph.nodes
    // The output is the last node, whatever came behind it.
    if let index = nodes.indices.last, !output.isTurned, output.node != index {
      nodes.append(
        Network.Node(name: graph.unused("\(last.name)/output"), layer: .dropout(rate: 0), inputs: [output.node]))
    }
    guard graph.shapes[output.node].dimensions.count < 3 || graph.shapes[output.node].positions == 1 else {
      throw InputError(
        "\(location): \(last.name)", found: "an output of shape \(graph.shapes[output.node])",
        expected: "one number for each class")
    }
    return try Network(nodes: nodes)
  }

  private func add(
    _ layer: KerasLayer, turnsImages: Bool, weights: (KerasLayer, Shape?) throws -> KerasWeights
  ) throws {
    let inputs = try layer.inputs.map { name in
      guard let value = values[name] else {
        throw InputError(
          "\(location): \(layer.name)", found: "an input \(name) that is no layer", expected: "a layer's name")
      }
      return value
    }
    guard !inputs.isEmpty || layer.className == "InputLayer" else {
      throw InputError("\(location): \(layer.name)", found: "no input", expected: "the output of a layer")
    }
    guard inputs.count <= 1024 else {
      throw InputError(
        "\(location): \(layer.name)", found: "\(inputs.count) inputs", expected: "1...1024 layers before it")
    }
    let stored = try weights(layer, inputs.first.map { graph.shapes[$0.node] })
    let settings = KerasSettings(layer: layer, location: location, generation: generation, weights: stored)
    values[layer.name] =
      layer.className == "InputLayer"
      ? try input(settings, turnsImages: turnsImages) : try value(settings, inputs)
  }

  /// The value of a layer that was read; nil for none.
  func value(of name: String) -> Value? { values[name] }

  func unknownClass(_ layer: KerasLayer) -> InputError {
    InputError(
      "\(location): \(layer.name)",
      found:
        "a layer of class \(layer.className.hasPrefix("ops.") ? String(layer.className.dropFirst(4)) : layer.className)",
      expected: "a layer for images of keras.layers, or an operator on them")
  }

  /// Adds the node that bears the layer's name.
  /// - Parameter arrays: the layer's arrays of the file by the node's own names for them, where these differ.
  func emit(
    _ layer: Layer, _ inputs: [Int], _ settings: KerasSettings, suffix: String = "", arrays: [String: String] = [:],
    isTurned: Bool = false
  ) throws -> Value {
    let name = suffix.isEmpty ? settings.layer.name : graph.unused(settings.layer.name + suffix)
    let node = try graph.add(layer, inputs, name: name, isShared: settings.layer.isShared)
    var paths: [String: String] = [:]
    for array in layer.weights {
      if let path = settings.weights[arrays[array.name] ?? array.name]?.path { paths[array.name] = path }
    }
    if !paths.isEmpty { origins[node] = paths }
    return Value(node: node, isTurned: isTurned)
  }

  // MARK: Images

  /// Images are (H, W, C) or (H, W) in the data, whatever the model's order of axes.
  private func input(_ settings: KerasSettings, turnsImages: Bool) throws -> Value {
    let own = settings.layer.settings
    let value = own["batch_input_shape"] ?? own["batch_shape"] ?? own["shape"]
    // The first extent is the batch's, which may be anything; a bare "shape" has none.
    let all = value?.array ?? []
    let extents = Array(all.dropFirst(own["shape"] != nil && value == own["shape"] ? 0 : 1))
    var sizes = extents.map { $0 == .null ? nil : $0.integer ?? 0 } as [Int?]
    func mismatch() -> InputError {
      settings.error(
        "an input shape of \(settings.describe(value))", expected: "(batch, height, width, channels) with known sizes")
    }
    guard sizes.count == 3 || sizes.count == 2, sizes.allSatisfy({ $0.map { $0 > 0 } ?? true }) else {
      throw mismatch()
    }
    let colours = [1, 3] as [Int?]
    let isTurned =
      sizes.count == 3
      && (turnsImages || colours.contains(sizes[0]) && !(colours + [4]).contains(sizes[2]) && sizes[1] != 1)
    if isTurned { sizes = [sizes[1], sizes[2], sizes[0]] }
    if sizes.contains(where: { $0 == nil }) {
      guard let imageShape, imageShape.count == 3 else {
        throw settings.error(
          "an input shape of \(settings.describe(value))",
          expected: "(batch, height, width, channels) with \(ModelFile.expectedSizes)")
      }
      sizes = zip(sizes, imageShape).map { $0 ?? $1 }
    }
    let known = sizes.compactMap { $0 }
    if known.count == 3 { return try emit(.input(try Shape(known)), [], settings, isTurned: isTurned) }
    // Grey images without an axis of colours.
    let images = try graph.add(.input(try Shape(known + [1])), [], name: graph.unused("\(settings.layer.name)/images"))
    return try emit(Reshaping(known).layer, [images], settings)
  }
}
