import Files

/// What a layer was called with: a tensor of the model, a plain value, or a list of these.
indirect enum KerasArgument {
  case tensor(KerasTensor)
  case value(JSONValue)
  case list([KerasArgument])

  /// The tensors in it, in order.
  var tensors: [KerasTensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .value: []
    case .list(let parts): parts.flatMap(\.tensors)
    }
  }
}

/// An output of a call of a layer.
struct KerasTensor: Hashable {
  let layer: String
  let call: Int
  let output: Int
}

/// One call of a layer.
struct KerasCall {
  var positional: [KerasArgument] = []
  var keywords: [String: KerasArgument] = [:]

  /// All tensors that it reads: positional ones first, then keywords by their names' bytes.
  var tensors: [KerasTensor] {
    positional.flatMap(\.tensors) + keywords.sorted { $0.key < $1.key }.flatMap(\.value.tensors)
  }
}

/// The calls of one layer in a `model_config`: the tensors that it reads, and what else it was given.
///
/// A keyword of a layer's call changes what the layer computes (`training=True`, `mask=…`), so that one that this program
/// does not honour is refused by its name. Honoured are null, and `training` where it is false: this is inference. The calls
/// of operators (`x * 2`) have values and keywords of their own.
///
/// - Keras 2: `[[["conv_1", 0, 0, {"training": true}], …]]`; keywords stand behind each tensor.
/// - Keras 3: `[{"args": [tensor or list of tensors, …], "kwargs": {"training": true, "mask": …}}]`.
struct InboundNodes {
  private let name: String
  private let place: String
  private let isOperator: Bool
  private let isPreprocessing: Bool

  /// - Parameters:
  ///   - name: the layer's.
  ///   - isOperator: whether its calls may have any values and keywords.
  ///   - isPreprocessing: whether it prepares images. Keras 3 writes `training=true`, its default, for each call of such a
  ///     layer, and still calls it without training at inference.
  ///   - place: the file and attribute, for errors.
  init(of name: String, isOperator: Bool = false, isPreprocessing: Bool = false, _ place: String) {
    self.name = name
    self.place = place
    self.isOperator = isOperator
    self.isPreprocessing = isPreprocessing
  }

  /// The calls in order; none for an input layer.
  /// - Throws: `InputError` for a keyword that is not honoured, or an unknown form.
  func calls(_ nodes: JSONValue?) throws -> [KerasCall] {
    guard let nodes, nodes != .null else { return [] }
    guard let calls = nodes.array else { throw unknownForm }
    // A single call of a single input may stand without lists around it.
    return try calls.map { call in
      guard let list = call.array else { return try arguments(call) }
      let tensors = list.first?.string != nil ? [call] : list
      var result = KerasCall()
      for tensor in tensors {
        let parts = tensor.array ?? []
        guard parts.count <= 4, parts.count > 2 else { throw unknownForm }
        if parts.count == 4 {
          let keywords = try members(parts[3])
          if isOperator { result.keywords.merge(keywords.mapValues(keras2)) { $1 } } else { try honour(keywords) }
        }
        result.positional.append(
          parts[0].string == "_CONSTANT_VALUE" ? .value(parts[2]) : .tensor(try self.tensor(parts[...])))
      }
      return result
    }
  }

  /// A call of Keras 3.
  private func arguments(_ call: JSONValue) throws -> KerasCall {
    guard case .object(let parts) = call, Set(parts.keys).isSubset(of: ["args", "kwargs"]),
      let arguments = parts["args"]?.array
    else { throw unknownForm }
    let keywords = try parts["kwargs"].map(members) ?? [:]
    guard !isOperator else {
      return KerasCall(
        positional: try arguments.map(keras3), keywords: try keywords.mapValues(keras3))
    }
    try honour(keywords.filter { !(isPreprocessing && $0.key == "training" && $0.value == .bool(true)) })
    // Behind the tensors, `layer(x, True)` leaves a value whose name is the layer's own affair.
    for argument in arguments.dropFirst() where argument != .null && argument.array == nil && !isTensor(argument) {
      throw refusal("a positional argument \(short(argument))")
    }
    let tensors = try arguments.filter { $0 != .null }.flatMap { $0.array ?? [$0] }.map { argument in
      KerasArgument.tensor(try tensor((argument["config"]?["keras_history"]?.array ?? [])[...]))
    }
    return KerasCall(positional: tensors)
  }

  private func keras3(_ value: JSONValue) throws -> KerasArgument {
    if isTensor(value) { return .tensor(try tensor((value["config"]?["keras_history"]?.array ?? [])[...])) }
    // A tuple or a constant array has its class around it.
    if let inner = value["config"]?["value"] ?? value["items"], value["class_name"] != nil { return try keras3(inner) }
    return value.array.map { parts in parts.isEmpty ? nil : parts }.flatMap { $0 }.map { parts in
      (try? parts.map(keras3)).map(KerasArgument.list) ?? .value(value)
    } ?? .value(value)
  }

  private func keras2(_ value: JSONValue) -> KerasArgument {
    guard let parts = value.array else { return .value(value) }
    if parts.count >= 3, parts[0].string != nil, let tensor = try? tensor(parts.prefix(3)) { return .tensor(tensor) }
    return .list(parts.map(keras2))
  }

  private func isTensor(_ value: JSONValue) -> Bool { value["config"]?["keras_history"] != nil }

  private func members(_ value: JSONValue) throws -> [String: JSONValue] {
    if value == .null { return [:] }
    guard case .object(let members) = value else { throw unknownForm }
    return members
  }

  /// - Throws: `InputError` that names the first keyword, by its bytes, that is not honoured.
  private func honour(_ keywords: [String: JSONValue]) throws {
    for (keyword, value) in keywords.sorted(by: { $0.key < $1.key }) where value != .null {
      let isInference = value == .bool(false) || value.number == 0
      guard keyword == "training", isInference else { throw refusal("\(keyword)=\(short(value))") }
    }
  }

  private func tensor(_ parts: ArraySlice<JSONValue>) throws -> KerasTensor {
    let numbers = parts.dropFirst().prefix(2).compactMap(\.integer)
    guard let layer = parts.first?.string, numbers.count == 2, numbers.allSatisfy({ (0..<1 << 16).contains($0) }) else {
      throw unknownForm
    }
    return KerasTensor(layer: layer, call: numbers[0], output: numbers[1])
  }

  private func short(_ value: JSONValue) -> String {
    let text = value.text
    return text.count > 60 ? text.prefix(60) + "…" : text
  }

  private func refusal(_ argument: String) -> InputError {
    InputError("\(place): \(name)", found: "a call with \(argument)", expected: "no keyword but training=false")
  }

  var unknownForm: InputError {
    InputError("\(place): \(name)", found: "inbound_nodes of an unknown form", expected: "the output of one layer")
  }
}
