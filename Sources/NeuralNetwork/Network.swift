/// A feed-forward network: layers in an order in which each one's inputs come before it. A value: changing a copy
/// leaves the original as it was.
public struct Network: Equatable, Sendable {
  /// One layer at its place in the graph.
  public struct Node: Equatable, Sendable {
    /// Unique in its network.
    public let name: String
    /// What it computes.
    public var layer: Layer
    /// Indices of the nodes that it reads.
    public let inputs: [Int]
    /// Whether another node has the same weights, so that they cannot change for this one alone.
    public var isShared = false

    /// A node that reads the nodes at `inputs`.
    public init(name: String, layer: Layer, inputs: [Int], isShared: Bool = false) {
      self.isShared = isShared
      self.name = name
      self.layer = layer
      self.inputs = inputs
    }
  }

  /// The first node is the input, the last one the output.
  public private(set) var nodes: [Node]
  /// The shape of one image's value at each node.
  public let shapes: [Shape]

  /// - Parameter nodes: the input first, the output last, each after the nodes that it reads.
  /// - Throws: `NetworkError` for a graph that is no such network; it names the layer.
  public init(nodes: [Node]) throws {
    guard case .input? = nodes.first?.layer else {
      throw NetworkError("network", found: "no input layer at its start", expected: "one InputLayer")
    }
    var shapes: [Shape] = []
    var names: Set<String> = []
    for (index, node) in nodes.enumerated() {
      if case .input = node.layer, index > 0 {
        throw NetworkError(node.name, found: "a second input layer", expected: "one InputLayer")
      }
      guard names.insert(node.name).inserted else {
        throw NetworkError(node.name, found: "a second layer of this name", expected: "unique layer names")
      }
      guard node.layer.arity.contains(node.inputs.count), node.inputs.allSatisfy({ (0..<index).contains($0) }) else {
        throw NetworkError(
          node.name, found: "\(node.inputs.count) inputs", expected: "\(node.layer.arity) layers before it")
      }
      do {
        shapes.append(try node.layer.outputShape(node.inputs.map { shapes[$0] }))
      } catch let error as NetworkError {
        throw NetworkError("\(node.name)/\(error.location)", found: error.found, expected: error.expected)
      }
    }
    self.nodes = nodes
    self.shapes = shapes
  }

  /// The shape of one image: (H, W, C).
  public var inputShape: Shape { shapes[0] }
  /// How many classes the network tells apart.
  public var classes: Int { shapes[shapes.count - 1].count }
  /// The index of the last node.
  public var output: Int { nodes.count - 1 }

  /// The index of the layer called `name`.
  /// - Throws: `NetworkError` that lists the layers there are.
  public func index(of name: String) throws -> Int {
    guard let index = nodes.firstIndex(where: { $0.name == name }) else {
      throw NetworkError(
        "layer \(name)", found: "no such layer", expected: "one of \(nodes.map(\.name).joined(separator: ", "))")
    }
    return index
  }

  /// The nodes that read node `index`.
  public func readers(of index: Int) -> [Int] { nodes.indices.filter { nodes[$0].inputs.contains(index) } }

  /// Trainable and stored numbers.
  public var parameterCount: Int { nodes.reduce(0) { $0 + $1.layer.parameterCount } }

  /// The same network with the layer at `index` replaced by one of the same shapes.
  func replacing(_ index: Int, by layer: Layer) -> Network {
    var copy = self
    copy.nodes[index].layer = layer
    return copy
  }

  /// Moves the stored statistics of batch normalisations towards those of a batch: see `BatchNormalization.moved`.
  /// - Parameter batches: by node.
  public mutating func moveStatistics(towards batches: [Int: BatchStatistics], share: Float) {
    for (index, batch) in batches {
      guard case .batchNormalization(let layer) = nodes[index].layer else { continue }
      nodes[index].layer = .batchNormalization(layer.moved(towards: batch, share: share))
    }
  }

  /// The network up to its logits: without the softmax (or other rising function) at its very end, which changes no prediction.
  public var logitsNetwork: Network {
    let last = nodes[output]
    switch last.layer {
    case .dense(var dense) where dense.activation.isSoftmax:
      dense.activation = .linear
      return replacing(output, by: .dense(dense))
    case .convolution(var convolution) where convolution.activation.isSoftmax:
      convolution.activation = .linear
      return replacing(output, by: .convolution(convolution))
    case .activation(let activation) where activation.isSoftmax: return replacing(output, by: .activation(.linear))
    case .operation(let box):
      guard let rows = box.operation as? AxisActivation, rows.function.isSoftmax,
        shapes[output].dimensions[rows.axis] == shapes[output].count
      else { return self }
      return replacing(output, by: .activation(.linear))
    default: return self
    }
  }
}

extension Activation {
  /// Whether it only turns logits into probabilities, or into their logarithms.
  var isSoftmax: Bool { self == .softmax || self == .logSoftmax }
}
