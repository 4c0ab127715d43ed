import NeuralNetwork

/// Builds a network from a file whose maps may be (C, H, W): inside they are (H, W, C), and turned only where something
/// reads the file's own order of axes.
final class GraphBuilder {
  /// A value of the file: the node that holds it, and how.
  struct Value {
    let node: Int
    /// Whether the file sees (C, H, W) where the node holds (H, W, C).
    var isTurned = false
  }

  private(set) var nodes: [Network.Node] = []
  private(set) var shapes: [Shape] = []
  private var names: Set<String> = []

  /// Adds a node.
  /// - Parameter isShared: whether another node has the same weights.
  /// - Returns: its index.
  func add(_ layer: Layer, _ inputs: [Int], name: String, isShared: Bool = false) throws -> Int {
    guard layer.arity.contains(inputs.count) else {
      throw NetworkError(name, found: "\(inputs.count) inputs", expected: "\(layer.arity) layers before it")
    }
    do {
      shapes.append(try layer.outputShape(inputs.map { shapes[$0] }))
    } catch let error as NetworkError {
      throw NetworkError("\(name)/\(error.location)", found: error.found, expected: error.expected)
    }
    nodes.append(Network.Node(name: name, layer: layer, inputs: inputs, isShared: isShared))
    names.insert(name)
    return nodes.count - 1
  }

  /// Puts another layer of the same output shape at a node.
  func replace(_ index: Int, by layer: Layer) {
    let node = nodes[index]
    nodes[index] = Network.Node(name: node.name, layer: layer, inputs: node.inputs, isShared: node.isShared)
  }

  /// Whether a node has this name.
  func has(_ name: String) -> Bool { names.contains(name) }

  /// `name`, with as many underscores behind it as make it no node's.
  func unused(_ name: String) -> String {
    var name = name
    while names.contains(name) { name += "_" }
    return name
  }

  /// The extents as the file sees them.
  func extents(of value: Value) -> [Int] {
    let extents = shapes[value.node].dimensions
    return value.isTurned ? [extents[2], extents[0], extents[1]] : extents
  }

  /// A node that holds the value in the file's order of axes.
  func plain(_ value: Value, for name: String) throws -> Int {
    guard value.isTurned else { return value.node }
    return try add(Permutation([2, 0, 1]).layer, [value.node], name: unused("\(name)/channels_first"))
  }

  /// A node that holds as (H, W, C) what the file sees as (C, H, W).
  func channelsLast(_ value: Value, for name: String) throws -> Int {
    guard !value.isTurned else { return value.node }
    return try add(Permutation([1, 2, 0]).layer, [value.node], name: unused("\(name)/channels_last"))
  }

  /// The axis of the node for an axis of the file's value.
  func axis(_ axis: Int, of value: Value) -> Int { value.isTurned ? [2, 0, 1][axis] : axis }

  /// The nodes of several values in one order of axes: as they are held where all are turned, else the file's.
  func together(_ values: [Value], for name: String) throws -> (nodes: [Int], isTurned: Bool) {
    if values.allSatisfy(\.isTurned) { return (values.map(\.node), true) }
    return (try values.map { try plain($0, for: name) }, false)
  }
}
