import Files
import NeuralNetwork

/// Turns ONNX' nodes into primitive layers, each with its weights, and computes what does not depend on the images.
///
/// Maps are (N, C, H, W) in the file and (H, W, C) inside: each value knows where its axes went, so that a graph of maps
/// needs no layers that turn them.
final class ONNXTranslation {
  let graph = GraphBuilder()
  let reader: ONNXTensorReader
  /// How many images there are at once in the file's own arithmetic: a prime that no other extent has, where it is left open.
  var batch = 1_000_003
  /// By node of the network and by the name of its layer's array: where it is in the file.
  private(set) var bindings: [Int: [String: ONNXBinding]] = [:]

  struct Arrangement: Hashable {
    let node: Int
    let source: [Int]
  }
  /// Nodes that hold the values of others with their axes in another order.
  var arrangements: [Arrangement: Int] = [:]
  /// Nodes without a bias that one may be added to, because nothing else reads them.
  var withoutBias: Set<Int> = []
  /// How many nodes had a name.
  private var repeats: [String: Int] = [:]
  /// Numbers computed so far.
  private var computed = 0

  private let functions: [String: ONNXFunctionProto]
  private var problems: [any Error] = []
  /// Nodes seen so far, those of functions at each call.
  private var visited = 0

  /// The most numbers that the file's own arithmetic may produce, in all.
  static let computedLimit = 1 << 25

  init(reader: ONNXTensorReader, functions: [ONNXFunctionProto]) {
    self.reader = reader
    self.functions = Dictionary(functions.map { ("\($0.domain)/\($0.name)", $0) }) { first, _ in first }
  }

  /// The names of a graph, of a branch or of a function.
  struct Scope {
    var values: [String: ONNXValue] = [:]
    var tensors: [String: (tensor: ONNXTensorProto, place: ONNXTensorPlace?)] = [:]
    /// Values that could not be read, and all computed from them.
    var unknown: Set<String> = []
    /// How often each name is read.
    var uses: [String: Int] = [:]
    /// 0 for the graph itself.
    var depth = 0
    var opset: Int
    var prefix = ""
    var arguments: [String: ONNXAttributeProto] = [:]
  }

  /// Translates nodes in their order.
  /// - Parameter needed: the indices that count; nil for all.
  func run(_ nodes: [ONNXNodeProto], needed: Set<Int>?, _ scope: inout Scope) throws {
    guard scope.depth < 16 else {
      throw InputError(reader.path, found: "functions or branches 16 deep", expected: "fewer")
    }
    for (index, proto) in nodes.enumerated() where needed?.contains(index) ?? true {
      visited += 1
      guard visited <= 100_000 else {
        throw InputError(reader.path, found: "more than 100000 nodes", expected: "fewer")
      }
      do {
        try run(proto, index, &scope)
      } catch let error where error is InputError || error is NetworkError {
        scope.unknown.formUnion(proto.output)
        problems.append(error)
        guard problems.count < 1000 else { break }
      }
    }
  }

  private func run(_ proto: ONNXNodeProto, _ index: Int, _ scope: inout Scope) throws {
    let label = [proto.name, proto.output.first ?? "", proto.opType].first { !$0.isEmpty } ?? "a node without a name"
    var node = ONNXNode(
      proto: proto, place: scope.depth == 0 ? index : nil, name: scope.prefix + label, location: reader.path,
      opset: scope.opset, inputs: [])
    node.arguments = scope.arguments
    let function = functions["\(proto.domain)/\(proto.opType)"]
    if function == nil { try requireKnown(node) }
    if proto.input.contains(where: scope.unknown.contains) {
      scope.unknown.formUnion(proto.output)
      return
    }
    for name in proto.input { node.inputs.append(name.isEmpty ? nil : try value(of: name, for: node, scope)) }
    for name in proto.output where !name.isEmpty && (scope.values[name] != nil || scope.tensors[name] != nil) {
      throw node.error("a second value \(name)", expected: "unique names")
    }
    let outputs = try function.map { try call($0, node, scope) } ?? (try translate(node, scope))
    for (name, value) in zip(proto.output, outputs) where !name.isEmpty {
      scope.values[name] = value
      if (scope.uses[name] ?? 0) != 1, case .images(let images) = value { withoutBias.remove(images.node) }
    }
    for name in proto.output.dropFirst(outputs.count) where !name.isEmpty && scope.uses[name] != nil {
      throw node.error("output \(name)", expected: "\(outputs.count) that are read")
    }
  }

  private func value(of name: String, for node: ONNXNode, _ scope: Scope) throws -> ONNXValue {
    let isShared = (scope.uses[name] ?? 0) > 1
    func shared(_ constant: ONNXConstant) -> ONNXValue {
      var constant = constant
      if isShared { constant.view = nil }
      return .constant(constant)
    }
    if let value = scope.values[name] {
      if case .constant(let constant) = value { return shared(constant) }
      return value
    }
    guard let (tensor, place) = scope.tensors[name] else {
      throw node.error("an input \(name) that no node before it makes", expected: "nodes in the order of their values")
    }
    return shared(try reader.constant(tensor, name: name, place: place))
  }

  /// - Throws: where no such operator is read, or an attribute of it.
  private func requireKnown(_ node: ONNXNode) throws {
    let domain = node.proto.domain
    guard ["", "ai.onnx"].contains(domain), let attributes = Self.attributes[node.type] else {
      throw node.error(
        "the operator \(domain.isEmpty || domain == "ai.onnx" ? "" : domain + ".")\(node.type)",
        expected: "one for image classifiers of ONNX itself")
    }
    if let other = node.proto.attribute.first(where: { !attributes.contains($0.name) }) {
      throw node.error("the attribute \(other.name)", expected: "one of the operator's that is read")
    }
  }

  /// Throws all that was wrong, in one error.
  func finish() throws {
    if problems.count > 1 {
      throw InputError(
        reader.path,
        found: "\(problems.count) nodes that cannot be read: "
          + problems.map { "\($0)".replacing("\(reader.path): ", with: "") }.joined(separator: " · "),
        expected: "nodes as these messages say")
    }
    if let problem = problems.first { throw problem }
  }

  // MARK: Functions and branches

  private func call(_ function: ONNXFunctionProto, _ node: ONNXNode, _ scope: Scope) throws -> [ONNXValue] {
    var inner = Scope(depth: scope.depth + 1, opset: opset(function.opsetImport) ?? scope.opset)
    inner.prefix = node.name + "/"
    for (name, value) in zip(function.input, node.inputs) { inner.values[name] = value }
    for attribute in function.attributeProto { inner.arguments[attribute.name] = attribute }
    for attribute in node.proto.attribute { inner.arguments[attribute.name] = node.attribute(attribute.name) }
    inner.uses = Self.uses(function.node, outputs: function.output)
    return try outputs(of: function.node, function.output, node, &inner)
  }

  /// The branch that a constant condition chooses.
  func branch(_ node: ONNXNode, _ scope: Scope) throws -> [ONNXValue] {
    guard let condition = try node.constant(0).integers?.first else {
      throw node.error("a condition without a value", expected: "one truth value")
    }
    guard let graph = node.attribute(condition != 0 ? "then_branch" : "else_branch")?.g else {
      throw node.error("no branch", expected: "then_branch and else_branch")
    }
    var inner = scope
    inner.depth += 1
    inner.prefix = node.name + "/"
    for tensor in graph.initializer { inner.tensors[tensor.name] = (tensor, nil) }
    inner.uses.merge(Self.uses(graph.node, outputs: graph.output.map(\.name))) { $0 + $1 }
    return try outputs(of: graph.node, graph.output.map(\.name), node, &inner)
  }

  private func outputs(
    of nodes: [ONNXNodeProto], _ names: [String], _ node: ONNXNode, _ inner: inout Scope
  ) throws -> [ONNXValue] {
    let before = problems.count
    try run(nodes, needed: nil, &inner)
    guard problems.count == before else {
      // The first of what is wrong inside stands for the node.
      let problem = problems[before]
      problems.removeSubrange(before...)
      throw problem
    }
    return try names.map { try value(of: $0, for: node, inner) }
  }

  func opset(_ imports: [ONNXOperatorSetIdProto]) -> Int? {
    imports.first { ["", "ai.onnx"].contains($0.domain) }.map { Int($0.version) }
  }

  /// How often nodes, and whoever sees the graph's outputs, read each name.
  static func uses(_ nodes: [ONNXNodeProto], outputs: [String]) -> [String: Int] {
    var uses: [String: Int] = [:]
    for name in outputs { uses[name, default: 0] += 1 }
    for node in nodes {
      for name in node.input { uses[name, default: 0] += 1 }
      for graph in node.attribute where graph.hasG {
        uses.merge(Self.uses(graph.g.node, outputs: graph.g.output.map(\.name))) { $0 + $1 }
      }
    }
    return uses
  }

  // MARK: Layers

  /// Adds a node to the network; without a suffix it bears the name of the file's node.
  func emit(_ layer: Layer, _ inputs: [Int], _ node: ONNXNode, suffix: String = "") throws -> Int {
    let name = node.name + suffix
    guard graph.has(name) else { return try graph.add(layer, inputs, name: name) }
    // The second node of a name is called name:2.
    var count = repeats[name] ?? 1
    repeat { count += 1 } while graph.has("\(name):\(count)")
    repeats[name] = count
    return try graph.add(layer, inputs, name: "\(name):\(count)")
  }

  /// Adds a layer that leaves the axes of its one input as they are.
  func keep(_ layer: Layer, _ value: ONNXImages, _ node: ONNXNode, suffix: String = "") throws -> ONNXImages {
    value.with(node: try emit(layer, [value.node], node, suffix: suffix))
  }

  /// Notes where a layer's array is in the file.
  func bind(_ index: Int, _ array: String, to binding: ONNXBinding) { bindings[index, default: [:]][array] = binding }

  /// Counts numbers that the file's own arithmetic makes.
  func reserve(_ shape: [Int], for node: ONNXNode) throws {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, product <= Self.computedLimit - computed else {
        throw node.error(
          "a constant of shape \(tuple(shape))",
          expected: "extents of 0 or more, and at most \(Self.computedLimit) computed numbers in all")
      }
      count = product
    }
    computed += count
  }
}

/// Where a layer's array is in a file: array axis i is axis `order[i]` of a node's input seen as `extents`.
struct ONNXBinding {
  /// The node and its input; nil inside a branch or a function.
  let node: Int?, input: Int
  /// Shape, type and place of the input.
  let shape: [Int], type: ONNXElementType, view: ONNXConstant.View?
  let extents: [Int], order: [Int]
  /// What the file's numbers were multiplied by.
  var factor: Float = 1

  init(
    _ node: ONNXNode, _ input: Int, _ constant: ONNXConstant, extents: [Int]? = nil, order: [Int]? = nil,
    factor: Float = 1
  ) {
    (self.node, self.input) = (node.place, input)
    (shape, type, view) = (constant.shape, constant.type, constant.view)
    self.extents = extents ?? constant.shape
    self.order = order ?? Array(self.extents.indices)
    self.factor = factor
  }
}
