import Files

/// One layer of a network: its class, settings and the layers that it reads.
struct KerasLayer {
  let className: String
  /// Unique in the network.
  var name: String
  let settings: JSONValue
  /// Names of layers.
  var inputs: [String]
  /// What an operator (`x * 2`) was called with; tensors by the names of layers.
  var call: KerasCall?
  /// Where its weights are.
  var place: KerasPlace
  /// Whether another layer of the network has the same weights.
  var isShared = false
  /// Why it cannot be read whatever its settings say; nil for a class of Keras.
  var refusal: String?

  init(className: String, name: String, settings: JSONValue, inputs: [String], place: KerasPlace? = nil) {
    (self.className, self.name, self.settings, self.inputs) = (className, name, settings, inputs)
    self.place = place ?? KerasPlace(names: [name], groups: [])
  }
}

/// Where a layer is in the models around it.
struct KerasPlace: Hashable {
  /// The names of the models around the layer below the outermost one, then its own.
  var names: [String]
  /// The same by the groups of Keras 3's weights: `conv2d_1`.
  var groups: [String]
}

/// The layers of a `model_config`, each behind those that it reads; the last one is the output.
///
/// Reads what Keras 1, 2 and 3 write for `Sequential`, `Model` and `Functional`. Models inside models are taken apart, and a
/// layer that is used several times becomes as many layers.
struct KerasConfiguration {
  private(set) var layers: [KerasLayer] = []
  /// A line for whoever asked, where a choice was made for them.
  private(set) var note: String?

  /// - Parameters:
  ///   - text: the attribute `model_config`.
  ///   - output: the layer whose output counts, of a model with several; nil for the first one.
  ///   - location: the file, for errors.
  init(parsing text: String, output: String? = nil, location: String) throws {
    let place = "\(location): model_config"
    let document = try JSONValue(parsing: text, location: place)
    var flattening = KerasFlattening(place)
    let model = try KerasModel(document, place)
    let outputs = try model.outputs(place)
    var chosen = 0
    if let output {
      guard let index = outputs.firstIndex(where: { $0.layer == output }) else {
        throw InputError(
          "--output-layer", found: output, expected: "one of \(outputs.map(\.layer).joined(separator: ", "))")
      }
      chosen = index
    } else if outputs.count > 1 {
      note = """
        \(location): \(outputs.count) outputs; the first one, \(outputs[0].layer), is taken, and --output-layer takes another
        """
    }
    _ = try flattening.add(model, inputs: nil, outputs: [outputs[chosen]])
    layers = flattening.layers
  }
}

/// A model as a file writes it.
struct KerasModel {
  let className: String
  let configuration: JSONValue
  let entries: [JSONValue]

  /// Classes whose `config` has layers.
  static let classes: Set<String> = ["Sequential", "Model", "Functional"]
  /// Far more than any network that can be pruned by hand; keeps a hostile file from taking hours.
  static let maximumLayers = 4096

  init(_ document: JSONValue, _ place: String) throws {
    guard let className = document["class_name"]?.string, let configuration = document["config"] else {
      throw InputError(place, found: "no class_name or config", expected: "a Keras model's configuration")
    }
    // Keras before 2.2.3 wrote a Sequential model's config as the bare list of its layers.
    guard let entries = (configuration["layers"] ?? configuration).array, !entries.isEmpty else {
      throw InputError(place, found: "no list of layers", expected: "at least one layer")
    }
    guard entries.count <= Self.maximumLayers else {
      throw InputError(place, found: "\(entries.count) layers", expected: "at most \(Self.maximumLayers)")
    }
    guard Self.classes.contains(className) else {
      throw InputError(place, found: "a model of class \(className)", expected: "Sequential, Model or Functional")
    }
    (self.className, self.configuration, self.entries) = (className, configuration, entries)
  }

  var isSequence: Bool { className == "Sequential" }

  /// The outputs of a graph; of a sequence its last layer.
  func outputs(_ place: String) throws -> [KerasTensor] {
    if isSequence {
      let last = entries.last.flatMap { $0["config"]?["name"]?.string ?? $0["name"]?.string }
      return [KerasTensor(layer: last ?? "", call: 0, output: 0)]
    }
    let found = try ends("output_layers", place)
    guard !found.isEmpty else {
      let count = configuration["output_layers"]?.array == nil ? "0 outputs" : nil
      throw InputError(
        place, found: count ?? "output_layers of an unknown form",
        expected: count == nil ? "the name of one layer" : "one output")
    }
    return found
  }

  /// One is written as ["name", 0, 0] by some versions, as [["name", 0, 0]] by others; several as a list or by names.
  func ends(_ key: String, _ place: String) throws -> [KerasTensor] {
    func tensors(_ value: JSONValue) throws -> [KerasTensor] {
      if case .object(let members) = value {
        return try members.sorted { $0.key < $1.key }.flatMap { try tensors($0.value) }
      }
      guard let parts = value.array, !parts.isEmpty else { return [] }
      guard let name = parts[0].string else { return try parts.flatMap(tensors) }
      let numbers = parts.dropFirst().compactMap(\.integer)
      guard numbers.count == 2, numbers.allSatisfy({ (0..<1 << 16).contains($0) }) else {
        throw InputError(place, found: "\(key) of an unknown form", expected: "the name of one layer")
      }
      return [KerasTensor(layer: name, call: numbers[0], output: numbers[1])]
    }
    return try configuration[key].map(tensors) ?? []
  }
}
