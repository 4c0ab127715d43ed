import Files
import NeuralNetwork

/// Layers that scale.
extension ONNXTranslation {
  func batchNormalization(_ node: ONNXNode) throws -> ONNXImages {
    var x = try node.images(0)
    guard !node.flag("training_mode", default: false) else {
      throw node.error("training_mode 1", expected: "a model that was exported for inference")
    }
    guard node.flag("spatial", default: true) else { throw node.error("spatial 0", expected: "1") }
    guard x.rank >= 2, x.axes[0] == ONNXImages.batch else {
      throw node.error("an input of \(x.rank) axes", expected: "(batch, channels, …)")
    }
    x = try arranged(x, last: 1, for: node)
    let channels = graph.shapes[x.node].channels
    let arrays = try (1...4).map { try node.vector($0, channels) }
    let (variance, epsilon) = (arrays[3].reals, node.number("epsilon", default: 1e-5))
    guard epsilon >= 0, variance.allSatisfy({ $0 >= 0 && $0 + epsilon > 0 }) else {
      throw node.error("a variance that is not positive", expected: "variance + epsilon > 0")
    }
    let layer = BatchNormalization(
      gamma: arrays[0].reals, beta: arrays[1].reals, mean: arrays[2].reals, variance: variance, epsilon: epsilon)
    let value = try keep(.batchNormalization(layer), x, node)
    for (index, name) in ["gamma", "beta", "moving_mean", "moving_variance"].enumerated() {
      bind(value.node, name, to: ONNXBinding(node, index + 1, arrays[index]))
    }
    return value
  }

  /// Each channel of each image by its own mean and variance.
  func instanceNormalization(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    guard x.rank >= 3, x.axes[0] == ONNXImages.batch else {
      throw node.error("an input of \(x.rank) axes", expected: "(batch, channels, …)")
    }
    let channels = extents(of: x)[1]
    let (gamma, beta) = (try node.vector(1, channels), try node.vector(2, channels))
    let others = x.axes.dropFirst(2).sorted()
    let shape = graph.shapes[x.node].dimensions.indices.map { $0 == x.axes[1] ? channels : 1 }
    return try normalized(
      x, .axes(others), shape, (gamma, [0], 1), (beta, [0], 2), node.number("epsilon", default: 1e-5), node)
  }

  func groupNormalization(_ node: ONNXNode) throws -> ONNXImages {
    var x = try node.images(0)
    guard x.rank >= 3, x.axes[0] == ONNXImages.batch else {
      throw node.error("an input of \(x.rank) axes", expected: "(batch, channels, …)")
    }
    x = try arranged(x, last: 1, for: node)
    let channels = graph.shapes[x.node].channels
    let groups = try node.integer("num_groups", default: 0, in: 1...65_536)
    guard channels % groups == 0 else {
      throw node.error("num_groups \(groups)", expected: "a divisor of \(channels) channels")
    }
    // One number a group before opset 21, then one a channel.
    let (gamma, beta) = (try node.constant(1), try node.constant(2))
    guard gamma.shape == beta.shape, gamma.shape == [channels] || gamma.shape == [groups], gamma.type.isReal,
      beta.type.isReal
    else {
      throw node.error(
        "scale of shape \(tuple(gamma.shape)), bias of shape \(tuple(beta.shape))", expected: "(\(channels)) both")
    }
    let isOfGroups = gamma.shape == [groups] && (node.opset < 21 || groups != channels) && groups != channels
    func spread(_ constant: ONNXConstant) -> [Float] {
      isOfGroups ? (0..<channels).map { constant.reals[$0 / (channels / groups)] } : constant.reals
    }
    let layer = OwnNormalization(
      .groups(groups), shape: [channels], gamma: spread(gamma), beta: spread(beta),
      epsilon: node.number("epsilon", default: 1e-5))
    let value = try keep(layer.layer, x, node)
    if !isOfGroups {
      bind(value.node, "gamma", to: ONNXBinding(node, 1, gamma))
      bind(value.node, "beta", to: ONNXBinding(node, 2, beta))
    }
    return value
  }

  func layerNormalization(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let first = try node.axis(node.integer("axis", default: -1), rank: x.rank)
    let axes = Array(first..<x.rank)
    let own = try axes.map { try node.own($0, of: x) }
    let extents = extents(of: x)
    let rank = graph.shapes[x.node].dimensions.count
    func affine(_ input: Int) throws -> (ONNXConstant, [Int], Int)? {
      guard node.has(input) else { return nil }
      let constant = try node.constant(input)
      guard constant.type.isReal, constant.shape.count <= axes.count,
        constant.shape == Array(extents.suffix(constant.shape.count)), constant.shape.count == axes.count
      else {
        throw node.error(
          "input \(input) of shape \(tuple(constant.shape))", expected: tuple(axes.map { extents[$0] }))
      }
      // By axis of the node that is normalised: the axis of the constant.
      return (constant, own.indices.sorted { own[$0] < own[$1] }, input)
    }
    let shape = (0..<rank).map { axis in own.contains(axis) ? graph.shapes[x.node].dimensions[axis] : 1 }
    return try normalized(
      x, .axes(own.sorted()), shape, try affine(1), try affine(2), node.number("epsilon", default: 1e-5), node,
      centers: node.type == "LayerNormalization")
  }

  private typealias Affine = (constant: ONNXConstant, order: [Int], input: Int)

  private func normalized(
    _ x: ONNXImages, _ scope: OwnNormalization.Scope, _ shape: [Int], _ gamma: Affine?, _ beta: Affine?,
    _ epsilon: Float, _ node: ONNXNode, centers: Bool = true
  ) throws -> ONNXImages {
    let layer = OwnNormalization(
      scope, shape: shape, gamma: gamma.map { $0.constant.permuted($0.order).reals },
      beta: beta.map { $0.constant.permuted($0.order).reals }, epsilon: epsilon, centers: centers)
    let value = try keep(layer.layer, x, node)
    for (name, affine) in [("gamma", gamma), ("beta", beta)] {
      guard let affine else { continue }
      bind(value.node, name, to: ONNXBinding(node, affine.input, affine.constant, order: affine.order))
    }
    return value
  }

  func lengthNormalization(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let axis = try node.axis(node.integer("axis", default: -1), rank: x.rank)
    guard try node.integer("p", default: 2, in: 1...2) == 2 else { throw node.error("p 1", expected: "2") }
    return try keep(LengthNormalization(axes: [node.own(axis, of: x)], floor: 1e-24).layer, x, node)
  }

  func neighbourNormalization(_ node: ONNXNode) throws -> ONNXImages {
    let x = try map(node.images(0), for: node)
    let layer = NeighbourNormalization(
      size: try node.integer("size", default: 0, in: 1...65_536), alpha: node.number("alpha", default: 1e-4),
      beta: node.number("beta", default: 0.75), offset: node.number("bias", default: 1))
    return try keep(layer.layer, x, node)
  }
}
