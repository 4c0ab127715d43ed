import Files

/// The call of one layer in a `model_config`: the tensors that it reads, and what else it was given.
///
/// A keyword of the call changes what the layer computes (`training=True`, `mask=…`), so that one that this program does
/// not honour is refused by its name. Honoured are null, and `training` where it is false: this is inference.
///
/// - Keras 2: `[[["conv_1", 0, 0, {"training": true}], …]]`; keywords stand behind each tensor.
/// - Keras 3: `[{"args": [tensor or list of tensors, …], "kwargs": {"training": true, "mask": …}}]`.
struct InboundNodes {
  private let name: String
  private let place: String

  /// - Parameters:
  ///   - name: the layer's.
  ///   - place: the file and attribute, for errors.
  init(of name: String, _ place: String) {
    self.name = name
    self.place = place
  }

  /// The names of the layers that are read, in order; none for an input layer.
  /// - Throws: `InputError` for a layer that is called twice, a keyword that is not honoured, or an unknown form.
  func inputs(_ nodes: JSONValue?) throws -> [String] {
    guard let nodes, nodes != .null else { return [] }
    guard let calls = nodes.array else { throw unknownForm }
    guard calls.count <= 1 else {
      throw InputError("\(place): \(name)", found: "used \(calls.count) times", expected: "layers used once")
    }
    guard let call = calls.first else { return [] }
    if let list = call.array {
      // A single input may stand without a list around it.
      let tensors = list.first?.string != nil ? [call] : list
      return try tensors.map(tensor)
    }
    return try arguments(call)
  }

  /// A tensor of Keras 2: layer, node, output, keywords of the call.
  private func tensor(_ value: JSONValue) throws -> String {
    let parts = value.array ?? []
    guard parts.count <= 4 else { throw unknownForm }
    if parts.count == 4 { try requireHonoured(parts[3]) }
    return try layerName(parts.prefix(3))
  }

  /// A call of Keras 3.
  private func arguments(_ call: JSONValue) throws -> [String] {
    guard case .object(let members) = call, Set(members.keys).isSubset(of: ["args", "kwargs"]),
      let arguments = members["args"]?.array
    else { throw unknownForm }
    if let keywords = members["kwargs"] { try requireHonoured(keywords) }
    // Behind the tensors, `layer(x, True)` leaves a value whose name is the layer's own affair.
    for argument in arguments.dropFirst() where argument != .null && argument.array == nil && !isTensor(argument) {
      throw refusal("a positional argument \(short(argument))")
    }
    return try arguments.filter { $0 != .null }.flatMap { $0.array ?? [$0] }.map { tensor in
      try layerName((tensor["config"]?["keras_history"]?.array ?? [])[...])
    }
  }

  private func isTensor(_ value: JSONValue) -> Bool { value["config"]?["keras_history"] != nil }

  /// - Throws: `InputError` that names the first keyword, by its bytes, that is not honoured.
  private func requireHonoured(_ keywords: JSONValue) throws {
    if keywords == .null { return }
    guard case .object(let members) = keywords else { throw unknownForm }
    for (keyword, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      let isInference = value == .bool(false) || value.number == 0
      guard keyword == "training", isInference else { throw refusal("\(keyword)=\(short(value))") }
    }
  }

  /// Layers are called once and have one output, so that both numbers behind a name are 0.
  private func layerName(_ parts: ArraySlice<JSONValue>) throws -> String {
    guard let input = parts.first?.string, parts.dropFirst().allSatisfy({ $0.integer == 0 }) else { throw unknownForm }
    return input
  }

  private func short(_ value: JSONValue) -> String {
    let text = value.text
    return text.count > 60 ? text.prefix(60) + "…" : text
  }

  private func refusal(_ argument: String) -> InputError {
    InputError("\(place): \(name)", found: "a call with \(argument)", expected: "no keyword but training=false")
  }

  private var unknownForm: InputError {
    InputError("\(place): \(name)", found: "inbound_nodes of an unknown form", expected: "the output of one layer")
  }
}
