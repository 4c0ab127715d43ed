import Files
import NeuralNetwork

/// Layers with a window or a matrix of weights.
extension ONNXTranslation {
  func convolution(_ node: ONNXNode) throws -> ONNXImages {
    let x = try map(node.images(0), for: node)
    let weights = try kernel(node, rank: 4)
    let channels = graph.shapes[x.node].channels
    let groups = try node.integer("group", default: 1, in: 1...65_536)
    let filters = weights.shape[0]
    guard channels % groups == 0, weights.shape[1] == channels / groups, filters % groups == 0 else {
      throw node.error(
        "weights of shape \(tuple(weights.shape)), group \(groups)", expected: "weights for \(channels) channels")
    }
    let window = try ONNXWindow(node, size: Array(weights.shape[2...]), extents: graph.shapes[x.node].dimensions)
    // (filters, in, H, W) → (H, W, in, filters)
    let order = [2, 3, 1, 0]
    let numbers = weights.permuted(order).reals
    let bias = try node.has(2) ? node.vector(2, filters) : nil
    var source = x.node
    let layer: Layer
    if groups == 1, window.dilations == [1, 1] {
      var padding = Window.Padding.valid
      if window.isSame, window.edges != [0, 0, 0, 0] {
        padding = .same
      } else if window.edges != [0, 0, 0, 0] {
        let edges = window.edges
        source = try emit(
          Padding(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]).layer, [source], node,
          suffix: "/padding")
      }
      layer = .convolution(
        Convolution(
          window: try Window(
            height: window.size[0], width: window.size[1], strideY: window.strides[0], strideX: window.strides[1],
            padding: padding), inputChannels: channels, filters: filters, kernel: numbers, bias: bias?.reals))
    } else {
      layer = try GroupedConvolution(
        window.geometry(), inputChannels: channels, filters: filters, groups: groups, kernel: numbers,
        bias: bias?.reals, isDepthwise: groups == channels && groups > 1
      ).layer
    }
    let index = try emit(layer, [source], node)
    bind(index, "kernel", to: ONNXBinding(node, 1, weights, order: order))
    if let bias { bind(index, "bias", to: ONNXBinding(node, 2, bias)) } else { withoutBias.insert(index) }
    return .map(index)
  }

  func transposedConvolution(_ node: ONNXNode) throws -> ONNXImages {
    let x = try map(node.images(0), for: node)
    let weights = try kernel(node, rank: 4)
    let extents = graph.shapes[x.node].dimensions
    let channels = extents[2]
    let groups = try node.integer("group", default: 1, in: 1...65_536)
    guard weights.shape[0] == channels, channels % groups == 0 else {
      throw node.error(
        "weights of shape \(tuple(weights.shape)), group \(groups)", expected: "weights for \(channels) channels")
    }
    let filters = weights.shape[1] * groups
    let size = Array(weights.shape[2...])
    // Negative edges make the output larger.
    let window = try ONNXWindow(node, size: size, extents: nil, smallestEdge: -65_536)
    let extra = try node.integers("output_padding", default: [0, 0], in: 0...65_536)
    let reach = [0, 1].map { (size[$0] - 1) * window.dilations[$0] + 1 }
    // What is cut off the full output in front and behind. Source: ONNX, ConvTranspose.
    var edges = window.edges
    let full = [0, 1].map { (extents[$0] - 1) * window.strides[$0] + reach[$0] }
    var wanted = node.integers("output_shape")
    if window.autoPad.hasPrefix("SAME"), wanted == nil { wanted = [0, 1].map { extents[$0] * window.strides[$0] } }
    if let wanted {
      guard wanted.count == 2 || wanted.count == 4, wanted.allSatisfy({ (1...65_536).contains($0) }) else {
        throw node.error("output_shape \(tuple(Array(wanted.prefix(8))))", expected: "two extents in 1...65536")
      }
      for axis in 0..<2 {
        let total = full[axis] + extra[axis] - wanted[wanted.count - 2 + axis]
        guard total >= 0 else {
          // What is missing comes last.
          (edges[axis], edges[axis + 2]) = (0, total)
          continue
        }
        let less = total / 2
        // The odd one at the end for SAME_UPPER, else in front.
        edges[axis] = window.autoPad == "SAME_UPPER" ? less : total - less
        edges[axis + 2] = total - edges[axis]
      }
    }
    let order = [2, 3, 1, 0]
    let bias = try node.has(2) ? node.vector(2, filters) : nil
    let layer = try TransposedConvolution(
      WindowGeometry(
        height: size[0], width: size[1], strideY: window.strides[0], strideX: window.strides[1],
        dilationY: window.dilations[0], dilationX: window.dilations[1]),
      top: edges[0], left: edges[1], bottom: edges[2] - extra[0], right: edges[3] - extra[1], inputChannels: channels,
      filters: filters, groups: groups, kernel: weights.permuted(order).reals, bias: bias?.reals)
    let index = try emit(layer.layer, [x.node], node)
    bind(index, "kernel", to: ONNXBinding(node, 1, weights, order: order))
    if let bias { bind(index, "bias", to: ONNXBinding(node, 2, bias)) }
    return .map(index)
  }

  private func kernel(_ node: ONNXNode, rank: Int) throws -> ONNXConstant {
    let weights = try node.constant(1)
    guard weights.shape.count == rank, weights.type.isReal, weights.shape.allSatisfy({ (1...65_536).contains($0) })
    else {
      throw node.error("weights of shape \(tuple(weights.shape))", expected: "real numbers with \(rank) axes")
    }
    if let size = node.integers("kernel_shape"), size != Array(weights.shape.dropFirst(2)) {
      throw node.error(
        "kernel_shape \(tuple(Array(size.prefix(8)))) and weights of shape \(tuple(weights.shape))",
        expected: "equal sizes")
    }
    return weights
  }

  // MARK: Matrices

  /// alpha A B + beta C, where A is computed from the images.
  func gemm(_ node: ONNXNode) throws -> ONNXImages {
    let x = try node.images(0)
    let weights = try node.constant(1)
    guard weights.shape.count == 2, weights.type.isReal else {
      throw node.error("weights of shape \(tuple(weights.shape))", expected: "real numbers with 2 axes")
    }
    guard !node.flag("transA", default: false), x.axes == [ONNXImages.batch, 0] || x.rank == x.merged + 2 else {
      throw node.error(
        "transA \(node.integer("transA", default: 0)) and an input of \(x.rank) axes",
        expected: "0, and (batch, features)")
    }
    let (alpha, beta) = (node.number("alpha", default: 1), node.number("beta", default: 1))
    let isTurned = node.flag("transB", default: false)
    let units = weights.shape[isTurned ? 0 : 1]
    var bias: (values: [Float], constant: ONNXConstant)?
    if let constant = try node.constantIfGiven(2) {
      guard constant.type.isReal, constant.count == units || constant.count == 1,
        constant.shape.last ?? 1 == constant.count
      else { throw node.error("C of shape \(tuple(constant.shape))", expected: "(\(units))") }
      let values = constant.count == units ? constant.reals : [Float](repeating: constant.reals[0], count: units)
      bias = (beta == 1 ? values : values.map { $0 * beta }, constant)
    }
    let value = try dense(
      x, node, weights, inputAxis: isTurned ? 1 : 0, bias: bias?.values, factor: alpha, suffix: "")
    if let bias {
      bind(value.node, "bias", to: ONNXBinding(node, 2, bias.constant, factor: beta))
    } else {
      withoutBias.insert(value.node)
    }
    return value
  }

  func matrixProduct(_ node: ONNXNode) throws -> ONNXImages {
    guard case .constant(let weights) = try node.value(1) else {
      let a = try plain(node.images(0), for: node)
      let b = try plain(node.images(1), for: node)
      guard a.rank == b.rank, a.rank >= 3, a.axes[0] == ONNXImages.batch, b.axes[0] == ONNXImages.batch else {
        throw node.error("inputs of \(a.rank) and \(b.rank) axes", expected: "(batch, …, rows, columns) both")
      }
      return a.with(node: try emit(MatrixProduct().layer, [a.node, b.node], node))
    }
    guard weights.shape.count == 2, weights.type.isReal else {
      throw node.error("a constant of shape \(tuple(weights.shape))", expected: "real numbers with 2 axes")
    }
    let x = try node.images(0)
    guard let last = x.axes.last, last != ONNXImages.batch else {
      throw node.error("an input whose last axis is that of the images", expected: "(batch, …, features)")
    }
    let value = try dense(x, node, weights, inputAxis: 0, bias: nil, factor: 1, suffix: "")
    withoutBias.insert(value.node)
    return value
  }

  /// - Parameters:
  ///   - weights: two axes, of which `inputAxis` is that of the input.
  ///   - factor: what the weights are multiplied by.
  private func dense(
    _ x: ONNXImages, _ node: ONNXNode, _ weights: ONNXConstant, inputAxis: Int, bias: [Float]?, factor: Float,
    suffix: String
  ) throws -> ONNXImages {
    let units = weights.shape[1 - inputAxis]
    var value = x
    var (extents, order) = (weights.shape, [inputAxis, 1 - inputAxis])
    if let flattening = x.flattening, weights.shape[inputAxis] == flattening.extents.reduce(1, *) {
      // The rows in the order in which the map lies, instead of the map in the order of the rows.
      let map = flattening.order.map { flattening.extents[$0] }
      extents.replaceSubrange(inputAxis...inputAxis, with: map)
      let first = inputAxis
      let rows = flattening.extents.indices.map { axis in first + (flattening.order.firstIndex(of: axis) ?? 0) }
      order = rows + [inputAxis == 0 ? map.count : 0]
    } else {
      value = try arranged(x, last: x.rank - 1, for: node)
    }
    let inputs = graph.shapes[value.node].channels
    guard weights.shape[inputAxis] == inputs else {
      throw node.error("weights of shape \(tuple(weights.shape))", expected: "weights for \(inputs) features")
    }
    guard units > 0 else { throw node.error("weights of shape \(tuple(weights.shape))", expected: "one unit or more") }
    var kernel = weights.reshaped(extents).permuted(order).reals
    if factor != 1 { for index in kernel.indices { kernel[index] *= factor } }
    let layer = Dense(inputs: inputs, units: units, kernel: kernel, bias: bias)
    let index = try emit(.dense(layer), [value.node], node, suffix: suffix)
    bind(index, "kernel", to: ONNXBinding(node, 1, weights, extents: extents, order: order, factor: factor))
    return ONNXImages(node: index, axes: value.axes, merged: value.merged)
  }

  /// Puts a constant that is added to a layer without a bias into it.
  /// - Returns: nil where it is not one number for each of its channels.
  func addBias(_ constant: ONNXConstant, input: Int, to x: ONNXImages, _ node: ONNXNode) throws -> ONNXImages? {
    guard withoutBias.contains(x.node), constant.type.isReal, constant.count == graph.shapes[x.node].channels else {
      return nil
    }
    let (shape, values, order, extents) = try aligned(constant, to: x, for: node)
    guard shape.last == constant.count, !order.isEmpty else { return nil }
    let layer: Layer
    switch graph.nodes[x.node].layer {
    case .dense(var dense):
      dense.bias = values
      layer = .dense(dense)
    case .convolution(var convolution):
      convolution.bias = values
      layer = .convolution(convolution)
    default: return nil
    }
    withoutBias.remove(x.node)
    graph.replace(x.node, by: layer)
    bind(x.node, "bias", to: ONNXBinding(node, input, constant, extents: Array(extents), order: order))
    return x
  }
}

/// How a window of a convolution or a pool moves over a map.
struct ONNXWindow {
  let size: [Int], strides: [Int], dilations: [Int]
  /// Above, left, below, right.
  let edges: [Int]
  let autoPad: String
  let roundsUp: Bool
  /// Whether the edges are those of Keras' padding "same".
  let isSame: Bool

  /// - Parameters:
  ///   - extents: of the map; nil where `auto_pad` is left to the caller.
  ///   - axes: which of the `count` axes that attributes speak of are the map's two; nil for one that the file does not have.
  init(_ node: ONNXNode, size: [Int], extents: [Int]?, axes: [Int?] = [0, 1], of count: Int = 2, smallestEdge: Int = 0)
    throws
  {
    func numbers(_ key: String) throws -> [Int] {
      let all = try node.integers(key, default: [Int](repeating: 1, count: count))
      return axes.map { $0.map { all[$0] } ?? 1 }
    }
    self.size = size
    strides = try numbers("strides")
    dilations = try numbers("dilations")
    autoPad = node.text("auto_pad", default: "NOTSET")
    roundsUp = try node.integer("ceil_mode", default: 0, in: 0...1) == 1
    guard ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(autoPad) else {
      throw node.error("auto_pad \(autoPad)", expected: "NOTSET, VALID, SAME_UPPER or SAME_LOWER")
    }
    guard size.count == 2, size.allSatisfy({ (1...65_536).contains($0) }) else {
      throw node.error("a window of \(size.count) axes", expected: "height and width in 1...65536")
    }
    var same: [Int]?
    if let extents {
      var (before, after) = ([0, 0], [0, 0])
      for axis in 0..<2 {
        let reach = (size[axis] - 1) * dilations[axis] + 1
        let count = (extents[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (count - 1) * strides[axis] + reach - extents[axis])
        (before[axis], after[axis]) = (total / 2, total - total / 2)
      }
      same = before + after
    }
    switch autoPad {
    case "NOTSET":
      let all = try node.integers("pads", default: [Int](repeating: 0, count: 2 * count), in: smallestEdge...65_536)
      edges = axes.map { $0.map { all[$0] } ?? 0 } + axes.map { $0.map { all[$0 + count] } ?? 0 }
    case "SAME_UPPER": edges = same ?? [0, 0, 0, 0]
    case "SAME_LOWER": edges = same.map { [$0[2], $0[3], $0[0], $0[1]] } ?? [0, 0, 0, 0]
    default: edges = [0, 0, 0, 0]
    }
    isSame = edges == same && !roundsUp
  }

  func geometry() throws -> WindowGeometry {
    try WindowGeometry(
      height: size[0], width: size[1], strideY: strides[0], strideX: strides[1], dilationY: dilations[0],
      dilationX: dilations[1], edge: .explicit(top: edges[0], left: edges[1], bottom: edges[2], right: edges[3]),
      roundsUp: roundsUp)
  }
}
