import NeuralNetwork

/// What a name of an ONNX graph stands for.
enum ONNXValue {
  case constant(ONNXConstant)
  case images(ONNXImages)
}

/// A value that each image has its own of, with the file's axes in any order inside.
struct ONNXImages {
  /// Marks the axis along which the images lie.
  static let batch = -1

  /// The node that holds it.
  let node: Int
  /// By axis of the file: the axis of the node, or `batch`. Axes of the node that are not named have extent 1.
  var axes: [Int]
  /// For a vector whose numbers are in another order than the file has them.
  var flattening: Flattening?
  /// For truth values: whether they hold where the number is above 0, or where it is not; nil for numbers.
  var truth: Bool?
  /// How many axes after that of the images the file counts with it, as (N x H x W, C); `axes` has them apart.
  var merged = 0

  /// A feature map that was made a vector as it lies.
  struct Flattening {
    /// The extents of the map as the node had them.
    let extents: [Int]
    /// By axis of the map as the file has it: the axis among `extents`.
    let order: [Int]
  }

  /// (N, C, H, W) in the file, (H, W, C) inside.
  static func map(_ node: Int) -> ONNXImages { ONNXImages(node: node, axes: [batch, 2, 0, 1]) }

  var rank: Int { axes.count }

  /// The file's axes of one image, in the order in which the node has them.
  var order: [Int] { axes.indices.filter { axes[$0] != Self.batch }.sorted { axes[$0] < axes[$1] } }

  /// The same axes of another node.
  func with(node: Int) -> ONNXImages { ONNXImages(node: node, axes: axes, flattening: flattening, merged: merged) }
}

extension ONNXTranslation {
  /// The extents as the file has them, that of the images too.
  func extents(of value: ONNXImages) -> [Int] {
    let extents = graph.shapes[value.node].dimensions
    let all = value.axes.map { $0 == ONNXImages.batch ? batch : extents[$0] }
    return value.merged == 0 ? all : [all[...value.merged].reduce(1, *)] + all[(value.merged + 1)...]
  }

  /// The same value with its axes in a given order.
  /// - Parameter order: by axis of the node: the file's axis.
  func arranged(_ value: ONNXImages, _ order: [Int], for node: ONNXNode) throws -> ONNXImages {
    let value = try settled(value, for: node)
    let source = order.map { value.axes[$0] }
    let extents = graph.shapes[value.node].dimensions
    var axes = value.axes
    for (position, axis) in order.enumerated() { axes[axis] = position }
    var result = value
    result.axes = axes
    result.truth = nil
    if source == Array(extents.indices) || source.isEmpty { return result }
    if let known = arrangements[Arrangement(node: value.node, source: source)] { return result.with(node: known) }
    let target = source.map { extents[$0] }
    let long = source.filter { extents[$0] > 1 }
    let layer: Layer
    if source.count < extents.count || long == long.sorted() {
      // Nothing moves but axes of one place.
      guard long == long.sorted() else {
        throw node.error("an order of axes \(tuple(source))", expected: "all axes of \(tuple(extents))")
      }
      layer = Reshaping(target).layer
    } else {
      layer = Permutation(source).layer
    }
    let index = try emit(layer, [value.node], node, suffix: "/permuted")
    arrangements[Arrangement(node: value.node, source: source)] = index
    return result.with(node: index)
  }

  /// The same value with one of the file's axes as the node's last.
  func arranged(_ value: ONNXImages, last axis: Int, for node: ONNXNode) throws -> ONNXImages {
    let value = try settled(value, for: node)
    return try arranged(value, value.order.filter { $0 != axis } + [axis], for: node)
  }

  /// The same value in the file's order of axes.
  func plain(_ value: ONNXImages, for node: ONNXNode) throws -> ONNXImages {
    try arranged(value, value.axes.indices.filter { value.axes[$0] != ONNXImages.batch }, for: node)
  }

  /// A feature map as (H, W, C).
  func map(_ value: ONNXImages, for node: ONNXNode) throws -> ONNXImages {
    guard value.rank == 4, value.axes[0] == ONNXImages.batch else {
      throw node.error("an input of \(value.rank) axes", expected: "(batch, channels, height, width)")
    }
    return try arranged(value, [2, 3, 1], for: node)
  }

  /// The same value with the numbers of a vector in the file's order.
  func settled(_ value: ONNXImages, for node: ONNXNode) throws -> ONNXImages {
    guard let flattening = value.flattening else { return value }
    let map = try emit(Reshaping(flattening.extents).layer, [value.node], node, suffix: "/map")
    let turned = try emit(Permutation(flattening.order).layer, [map], node, suffix: "/permuted")
    return ONNXImages(node: try emit(.flatten, [turned], node, suffix: "/flat"), axes: value.axes)
  }

  /// A constant as a node's axes lie, for a value of the file that it is combined with.
  /// - Returns: the extents, one for each axis of the node, and the numbers.
  func aligned(
    _ constant: ONNXConstant, to value: ONNXImages, for node: ONNXNode
  ) throws -> (shape: [Int], values: [Float], order: [Int], extents: [Int]) {
    if constant.count == 1 { return ([], constant.reals, [], []) }
    let rank = value.rank
    guard constant.shape.count <= rank else {
      throw node.error("a constant of shape \(tuple(constant.shape))", expected: "at most \(rank) axes")
    }
    let extents = [Int](repeating: 1, count: rank - constant.shape.count) + constant.shape
    guard let images = value.axes.firstIndex(of: ONNXImages.batch),
      extents[images...images + value.merged].allSatisfy({ $0 == 1 })
    else {
      throw node.error("a constant of shape \(tuple(constant.shape))", expected: "the same numbers for every image")
    }
    let nodeRank = graph.shapes[value.node].dimensions.count
    // The node's axes that the file does not have take axes of extent 1 behind all others.
    let order = (0..<nodeRank).map { axis in value.axes.firstIndex(of: axis) ?? rank }
    let all = extents + [1]
    let strides = rowStrides(all)
    let places = stridedPlaces(order.map { all[$0] }, strides: order.map { strides[$0] })
    let numbers = constant.reals
    return (order.map { all[$0] }, places.map { numbers[$0] }, order, all)
  }
}
