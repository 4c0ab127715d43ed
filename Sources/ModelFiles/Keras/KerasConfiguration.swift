import Files

/// One layer of a `model_config`: its class, name, settings and the layers that it reads.
struct KerasLayer {
  let className: String
  let name: String
  let settings: JSONValue
  var inputs: [String]
}

/// The layers of a `model_config`, each behind those that it reads; the last one is the output.
///
/// Reads what Keras 2.x and Keras 3 write for `Sequential`, `Model` and `Functional`: `batch_input_shape` or
/// `batch_shape`, and `inbound_nodes` as nested lists or as dictionaries.
struct KerasConfiguration {
  private(set) var layers: [KerasLayer]

  /// Far more than any network that can be pruned by hand; keeps a hostile file from taking hours.
  private static let maximumLayers = 4096

  /// - Parameters:
  ///   - text: the attribute `model_config`.
  ///   - location: the file, for errors.
  init(parsing text: String, location: String) throws {
    let place = "\(location): model_config"
    let document = try JSONValue(parsing: text, location: place)
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
    layers = []
    switch className {
    case "Sequential": try readSequence(entries, build: configuration["build_input_shape"], place)
    case "Model", "Functional": try readGraph(entries, outputs: configuration["output_layers"], place)
    default:
      throw InputError(place, found: "a model of class \(className)", expected: "Sequential, Model or Functional")
    }
  }

  private mutating func readSequence(_ entries: [JSONValue], build: JSONValue?, _ place: String) throws {
    for entry in entries {
      var layer = try KerasLayer(entry, place)
      if layers.isEmpty, layer.className != "InputLayer" {
        let shape = layer.settings["batch_input_shape"] ?? layer.settings["batch_shape"] ?? build
        guard let shape else {
          throw InputError(
            "\(place): \(layer.name)", found: "no input shape", expected: "batch_input_shape or batch_shape")
        }
        layers.append(
          KerasLayer(
            className: "InputLayer", name: unusedName("input", entries), settings: .object(["batch_shape": shape]),
            inputs: []))
      }
      layer.inputs = layers.last.map { [$0.name] } ?? []
      layers.append(layer)
    }
  }

  /// `name`, with as many underscores behind it as make it no layer's.
  private func unusedName(_ name: String, _ entries: [JSONValue]) -> String {
    let taken = Set(entries.compactMap { $0["config"]?["name"]?.string ?? $0["name"]?.string })
    var name = name
    while taken.contains(name) { name += "_" }
    return name
  }

  private mutating func readGraph(_ entries: [JSONValue], outputs: JSONValue?, _ place: String) throws {
    var listed: [KerasLayer] = []
    var names: Set<String> = []
    for entry in entries {
      var layer = try KerasLayer(entry, place)
      layer.inputs = try InboundNodes(of: layer.name, place).inputs(entry["inbound_nodes"])
      guard names.insert(layer.name).inserted else {
        throw InputError("\(place): \(layer.name)", found: "a second layer of this name", expected: "unique names")
      }
      listed.append(layer)
    }
    // One output is written as ["name", 0, 0] by some versions, as [["name", 0, 0]] by others.
    let named = outputs?.array.map { $0.first?.array != nil ? $0 : [.array($0)] } ?? []
    guard named.count == 1 else {
      throw InputError(place, found: "\(named.count) outputs", expected: "one output")
    }
    let parts = named[0].array ?? []
    guard let output = parts.first?.string, parts.dropFirst().allSatisfy({ $0.integer == 0 }) else {
      throw InputError(place, found: "output_layers of an unknown form", expected: "the name of one layer")
    }
    layers = try order(listed, endingIn: output, place)
  }

  /// The layers that `output` depends on, inputs first and otherwise as they are listed; others take no part.
  private func order(
    _ listed: [KerasLayer], endingIn output: String, _ place: String
  ) throws -> [KerasLayer] {
    let layers = Dictionary(uniqueKeysWithValues: listed.map { ($0.name, $0) })
    var needed: Set<String> = []
    var unvisited = [(name: output, reader: "output_layers")]
    while let (name, reader) = unvisited.popLast() {
      guard let layer = layers[name] else {
        throw InputError("\(place): \(reader)", found: "an input \(name) that is no layer", expected: "a layer's name")
      }
      guard needed.insert(name).inserted else { continue }
      unvisited += layer.inputs.map { ($0, name) }
    }
    var ordered: [KerasLayer] = []
    var placed: Set<String> = []
    var waiting = listed.filter { needed.contains($0.name) }
    while !waiting.isEmpty {
      var later: [KerasLayer] = []
      for layer in waiting {
        if layer.inputs.allSatisfy(placed.contains) {
          placed.insert(layer.name)
          ordered.append(layer)
        } else {
          later.append(layer)
        }
      }
      guard later.count < waiting.count else {
        throw InputError(
          "\(place): \(later[0].name)", found: "a cycle through this layer", expected: "a feed-forward network")
      }
      waiting = later
    }
    return ordered
  }
}

extension KerasLayer {
  fileprivate init(_ entry: JSONValue, _ place: String) throws {
    guard let className = entry["class_name"]?.string, let settings = entry["config"],
      let name = settings["name"]?.string ?? entry["name"]?.string
    else { throw InputError(place, found: "a layer without class_name, config or name", expected: "all three") }
    self.init(className: className, name: name, settings: settings, inputs: [])
  }
}
