import Files

/// Turns models inside models, and layers that are used several times, into a flat list of layers.
struct KerasFlattening {
  private(set) var layers: [KerasLayer] = []
  private let place: String
  private var names: Set<String> = []
  /// The first layer with the weights of each place.
  private var owners: [KerasPlace: Int] = [:]
  private var depth = 0

  /// - Parameter place: the file and attribute, for errors.
  init(_ place: String) { self.place = place }

  /// Adds a model's layers.
  /// - Parameters:
  ///   - inputs: the names of the layers that it reads; nil for the outermost model, which has input layers.
  ///   - outputs: those that count; nil for all.
  ///   - owner: the model's place, below the outermost one.
  /// - Returns: the names of the layers that are its outputs.
  mutating func add(
    _ model: KerasModel, inputs: [String]?, outputs: [KerasTensor]? = nil,
    owner: KerasPlace = KerasPlace(names: [], groups: [])
  ) throws -> [String] {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32, layers.count <= KerasModel.maximumLayers else {
      throw InputError(
        place, found: "models inside models with more than \(KerasModel.maximumLayers) layers or deeper than 32",
        expected: "fewer")
    }
    let places = try places(of: model, owner)
    return model.isSequence
      ? try addSequence(model, places, inputs: inputs)
      : try addGraph(model, places, inputs: inputs, outputs: outputs ?? model.outputs(place))
  }

  // MARK: Sequences

  private mutating func addSequence(_ model: KerasModel, _ places: [KerasPlace], inputs: [String]?) throws -> [String] {
    var last = inputs
    for (entry, entryPlace) in zip(model.entries, places) {
      let layer = try KerasLayer(entry, place, entryPlace)
      if layer.className == "InputLayer", last != nil { continue }
      if last == nil, layer.className != "InputLayer" {
        let shape =
          layer.settings["batch_input_shape"] ?? layer.settings["batch_shape"] ?? model.configuration[
            "build_input_shape"]
          ?? innerShape(entry)
        guard let shape else {
          throw InputError(
            "\(place): \(layer.name)", found: "no input shape", expected: "batch_input_shape or batch_shape")
        }
        var name = "input"
        while places.contains(where: { $0.names.last == name }) { name += "_" }
        let input = KerasLayer(
          className: "InputLayer", name: name, settings: .object(["batch_shape": shape]), inputs: [])
        last = try append(input, KerasCall(), [:])
      }
      var call = KerasCall()
      call.positional = (last ?? []).map { .tensor(KerasTensor(layer: $0, call: 0, output: 0)) }
      last = try append(layer, call, nil, entry)
    }
    return last ?? []
  }

  /// The shape of a model that begins a sequence.
  private func innerShape(_ entry: JSONValue) -> JSONValue? {
    guard KerasModel.classes.contains(entry["class_name"]?.string ?? ""),
      let first = (entry["config"]?["layers"] ?? entry["config"])?.array?.first?["config"]
    else { return nil }
    return first["batch_input_shape"] ?? first["batch_shape"]
  }

  // MARK: Graphs

  /// A call of a layer, before its inputs are known by the names of flat layers.
  private struct Item {
    let entry: Int
    let call: KerasCall
    let tensor: KerasTensor
  }

  private mutating func addGraph(
    _ model: KerasModel, _ places: [KerasPlace], inputs: [String]?, outputs: [KerasTensor]
  ) throws -> [String] {
    var listed: [KerasLayer] = []
    var calls: [String: [Item]] = [:]
    for (index, entry) in model.entries.enumerated() {
      let layer = try KerasLayer(entry, place, places[index])
      let parsed = try InboundNodes(
        of: layer.name, isOperator: layer.isOperator,
        isPreprocessing: KerasTranslation.preprocessing.contains(layer.className), place
      ).calls(entry["inbound_nodes"])
      guard calls[layer.name] == nil else {
        throw InputError("\(place): \(layer.name)", found: "a second layer of this name", expected: "unique names")
      }
      listed.append(layer)
      calls[layer.name] = (parsed.isEmpty ? [KerasCall()] : parsed).enumerated().map {
        Item(entry: index, call: $1, tensor: KerasTensor(layer: layer.name, call: $0, output: 0))
      }
    }
    let shifts = shifts(calls, model, outputs)
    func item(_ tensor: KerasTensor, reader: String) throws -> Item {
      guard let items = calls[tensor.layer] else {
        throw InputError(
          "\(place): \(reader)", found: "an input \(tensor.layer) that is no layer", expected: "a layer's name")
      }
      let index = tensor.call - (shifts.contains(tensor.layer) ? 1 : 0)
      let isModel = KerasModel.classes.contains(listed[items[0].entry].className)
      guard items.indices.contains(index), tensor.output == 0 || isModel else {
        throw reader == "output_layers"
          ? InputError(place, found: "output_layers of an unknown form", expected: "the name of one layer")
          : InboundNodes(of: reader, place).unknownForm
      }
      return items[index]
    }
    // What the outputs depend on; others take no part.
    var needed: Set<KerasTensor> = []
    var unvisited = outputs.map { (tensor: $0, reader: "output_layers") }
    while let (tensor, reader) = unvisited.popLast() {
      let item = try item(tensor, reader: reader)
      guard needed.insert(item.tensor).inserted else { continue }
      unvisited += item.call.tensors.map { ($0, item.tensor.layer) }
    }
    var results: [KerasTensor: [String]] = [:]
    let ends = inputs == nil ? [] : try model.ends("input_layers", place)
    var waiting = listed.flatMap { calls[$0.name] ?? [] }.filter { needed.contains($0.tensor) }
    while !waiting.isEmpty {
      var later: [Item] = []
      for next in waiting {
        let layer = listed[next.entry]
        let read = try next.call.tensors.map { ($0, try item($0, reader: layer.name).tensor) }
        guard read.allSatisfy({ results[$0.1] != nil }) else {
          later.append(next)
          continue
        }
        if let inputs, layer.className == "InputLayer" {
          let index = ends.firstIndex { $0.layer == layer.name } ?? 0
          guard inputs.indices.contains(index) else {
            throw InputError("\(place): \(layer.name)", found: "no input \(index)", expected: "a model called with it")
          }
          results[next.tensor] = [inputs[index]]
          continue
        }
        var flat: [KerasTensor: String] = [:]
        for (tensor, source) in read {
          guard let names = results[source], names.indices.contains(tensor.output) else {
            throw InboundNodes(of: layer.name, place).unknownForm
          }
          flat[tensor] = names[tensor.output]
        }
        results[next.tensor] = try append(layer, next.call, flat, model.entries[next.entry])
      }
      guard later.count < waiting.count else {
        throw InputError(
          "\(place): \(later[0].tensor.layer)", found: "a cycle through this layer",
          expected: "a feed-forward network")
      }
      waiting = later
    }
    return try outputs.map { tensor in
      let names = results[try item(tensor, reader: "output_layers").tensor] ?? []
      guard names.indices.contains(tensor.output) else {
        throw InputError(place, found: "output_layers of an unknown form", expected: "the name of one layer")
      }
      return names[tensor.output]
    }
  }

  /// The models inside whose calls Keras 2 counts from 1, because building one is call 0.
  private func shifts(_ calls: [String: [Item]], _ model: KerasModel, _ outputs: [KerasTensor]) -> Set<String> {
    var largest: [String: Int] = [:]
    for tensor in calls.values.joined().flatMap(\.call.tensors) + outputs {
      largest[tensor.layer] = max(largest[tensor.layer] ?? 0, tensor.call)
    }
    return Set(
      calls.compactMap { name, items in
        let className = model.entries[items[0].entry]["class_name"]?.string ?? ""
        return KerasModel.classes.contains(className) && largest[name] == items.count ? name : nil
      })
  }

  // MARK: Layers

  /// Adds a call of a layer, or of a model.
  /// - Parameter flat: the names of the layers behind the tensors of the call; nil where they are those names already.
  private mutating func append(
    _ layer: KerasLayer, _ call: KerasCall, _ flat: [KerasTensor: String]?, _ entry: JSONValue? = nil
  ) throws -> [String] {
    let inputs = call.tensors.map { flat?[$0] ?? $0.layer }
    if KerasModel.classes.contains(layer.className), let entry {
      return try add(KerasModel(entry, place), inputs: inputs, owner: layer.place)
    }
    var layer = layer
    layer.inputs = inputs
    if layer.isOperator, let flat {
      layer.call = KerasCall(
        positional: call.positional.map { $0.renamed(flat) }, keywords: call.keywords.mapValues { $0.renamed(flat) })
    }
    if let owner = owners[layer.place] {
      layers[owner].isShared = true
      layer.isShared = true
      layer.name += ":2"
    } else {
      owners[layer.place] = layers.count
      if names.contains(layer.name) { layer.name = layer.place.names.joined(separator: "/") }
    }
    while names.contains(layer.name) { layer.name += "_" }
    names.insert(layer.name)
    layers.append(layer)
    return [layer.name]
  }

  /// Where each entry's weights are: Keras 3 counts the layers of a class in the order of the model, operators apart.
  private func places(of model: KerasModel, _ owner: KerasPlace) throws -> [KerasPlace] {
    var used: [String: Int] = [:]
    return try model.entries.map { entry in
      let layer = try KerasLayer(entry, place, owner)
      var groups = owner.groups
      if !layer.isOperator {
        let group = KerasPlace.snakeCase(layer.className)
        let count = used[group, default: 0]
        used[group] = count + 1
        groups.append(count == 0 ? group : "\(group)_\(count)")
      }
      return KerasPlace(names: owner.names + [layer.name], groups: groups)
    }
  }
}

extension KerasArgument {
  fileprivate func renamed(_ names: [KerasTensor: String]) -> KerasArgument {
    switch self {
    case .tensor(let tensor): .tensor(KerasTensor(layer: names[tensor] ?? tensor.layer, call: 0, output: 0))
    case .value: self
    case .list(let parts): .list(parts.map { $0.renamed(names) })
    }
  }
}

extension KerasPlace {
  /// `DepthwiseConv2D` → `depthwise_conv2d`. Source: Keras 3, to_snake_case.
  static func snakeCase(_ name: String) -> String {
    let letters = Array(
      name.unicodeScalars.filter { $0 == "_" || $0.properties.isAlphabetic || ("0"..."9").contains($0) })
    func isUpper(_ index: Int) -> Bool { letters.indices.contains(index) && ("A"..."Z").contains(letters[index]) }
    func isLower(_ index: Int) -> Bool { letters.indices.contains(index) && ("a"..."z").contains(letters[index]) }
    var result = ""
    for (index, letter) in letters.enumerated() {
      if index > 0, isUpper(index), isLower(index + 1) || isLower(index - 1) { result += "_" }
      result += String(letter).lowercased()
    }
    return result
  }
}

extension KerasLayer {
  init(_ entry: JSONValue, _ place: String, _ own: KerasPlace) throws {
    guard let className = entry["class_name"]?.string, let settings = entry["config"],
      let name = settings["name"]?.string ?? entry["name"]?.string
    else { throw InputError(place, found: "a layer without class_name, config or name", expected: "all three") }
    let module = entry["module"]?.string ?? ""
    // Keras 3's HDF5 files leave the module out, and a layer's settings have its type.
    let isBare =
      module.isEmpty && settings["trainable"] == nil && settings["dtype"] == nil
      && entry["inbound_nodes"]?.array?.first?["args"] != nil
      && (!KerasTranslation.classes.contains(className) || Self.operatorsAndLayers.contains(className))
    let isKeras3Operator = module.hasPrefix("keras.src.ops") || module.hasPrefix("keras.ops") || isBare
    self.init(
      className: isKeras3Operator ? "ops.\(className)" : className, name: name, settings: settings, inputs: [],
      place: own)
    if className == "Lambda" || className == "TensorFlowOpLayer" {
      refusal = "a \(className) layer: code inside a file is never run"
    } else if let registered = entry["registered_name"]?.string, registered.contains(">"), !module.hasPrefix("keras") {
      refusal = "a layer of the class \(className), whose code is not part of Keras and is never run"
    }
  }

  /// Names that both a layer and an operator have.
  private static let operatorsAndLayers: Set<String> = [
    "Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate",
  ]

  /// Whether it is a function of Keras or TensorFlow rather than a layer.
  var isOperator: Bool {
    className.hasPrefix("ops.") || className == "TFOpLambda" || className == "SlicingOpLambda"
  }
}
