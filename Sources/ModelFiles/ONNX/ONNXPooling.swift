import Files
import NeuralNetwork

/// What keeps one number of several: pools, reductions and softmax.
extension ONNXTranslation {
  func pooling(_ node: ONNXNode) throws -> ONNXImages {
    let x = try node.images(0)
    guard let size = node.integers("kernel_shape") else { throw node.error("no kernel_shape", expected: "one") }
    guard x.rank == size.count + 2, x.rank <= 16, x.axes[0] == ONNXImages.batch else {
      throw node.error(
        "an input of \(x.rank) axes", expected: "\(size.count + 2), of which the first is that of the images")
    }
    guard x.rank != 4 else {
      let map = try map(x, for: node)
      let window = try ONNXWindow(node, size: size, extents: graph.shapes[map.node].dimensions)
      return try pooled(map, window, node)
    }
    // Windows that reach over two axes at most, as one over maps whose channels are all other axes.
    let count = size.count
    let strides = try node.integers("strides", default: [Int](repeating: 1, count: count))
    let pads = try node.integers("pads", default: [Int](repeating: 0, count: 2 * count), in: 0...65_536)
    var axes: [Int?] = (0..<count).filter { size[$0] != 1 || strides[$0] != 1 || pads[$0] + pads[$0 + count] > 0 }
    guard axes.count <= 2 else { throw node.error("a window over \(axes.count) axes", expected: "two") }
    axes += [Int?](repeating: nil, count: 2 - axes.count)
    let moved = axes.compactMap { $0 }
    let others = (1..<x.rank).filter { !moved.contains($0 - 2) }
    let value = try arranged(x, moved.map { $0 + 2 } + others, for: node)
    let extents = graph.shapes[value.node].dimensions
    let rest = Array(extents[moved.count...])
    let map = (0..<2).map { $0 < moved.count ? extents[$0] : 1 } + [rest.reduce(1, *)]
    let flat = try emit(Reshaping(map).layer, [value.node], node, suffix: "/map")
    let window = try ONNXWindow(node, size: axes.map { $0.map { size[$0] } ?? 1 }, extents: map, axes: axes, of: count)
    let result = try pooled(.map(flat), window, node)
    let after = graph.shapes[result.node].dimensions
    let shape = Array(after[..<moved.count]) + rest
    return value.with(node: try emit(Reshaping(shape).layer, [result.node], node, suffix: "/axes"))
  }

  private func pooled(_ x: ONNXImages, _ window: ONNXWindow, _ node: ONNXNode) throws -> ONNXImages {
    let size = window.size
    guard node.type != "LpPool" else { return try lengthPooling(x, window, node) }
    let isMaximum = node.type == "MaxPool"
    let countsPadding = node.flag("count_include_pad", default: false)
    let noEdges = window.edges == [0, 0, 0, 0]
    if window.dilations == [1, 1], !window.roundsUp, noEdges || window.isSame, isMaximum || noEdges || !countsPadding {
      let own = try Window(
        height: size[0], width: size[1], strideY: window.strides[0], strideX: window.strides[1],
        padding: noEdges ? .valid : .same)
      return try keep(.pooling(Pooling(isMaximum ? .maximum : .average, window: own)), x, node)
    }
    let kind: WindowPooling.Kind = isMaximum ? .maximum : .average(countsPadding: countsPadding)
    return try keep(WindowPooling(kind, geometry: window.geometry()).layer, x, node)
  }

  /// (sum |x|^p)^(1/p) under a window, as a mean times its size.
  private func lengthPooling(_ x: ONNXImages, _ window: ONNXWindow, _ node: ONNXNode) throws -> ONNXImages {
    let p = try node.integer("p", default: 2, in: 1...2)
    let powers = try keep(.activation(.function(p == 1 ? .absolute : .square)), x, node, suffix: "/powers")
    let count = Float(window.size[0] * window.size[1])
    // Padding counts as 0s; what rounding up adds beyond it does not, so there its own 0s take part.
    guard !window.roundsUp else { throw node.error("ceil_mode 1", expected: "0") }
    let means = try keep(
      WindowPooling(.average(countsPadding: true), geometry: window.geometry()).layer, powers, node, suffix: "/mean")
    let sums = try keep(
      ConstantCombination(.multiply, values: [count]).layer, means, node, suffix: p == 1 ? "" : "/sum")
    return p == 1 ? sums : try keep(.activation(.function(.squareRoot)), sums, node)
  }

  func globalPooling(_ node: ONNXNode) throws -> ONNXImages {
    let x = try node.images(0)
    let axes = Array(x.axes.indices.dropFirst(2))
    guard x.rank > 2, x.axes[0] == ONNXImages.batch else {
      throw node.error("an input of \(x.rank) axes", expected: "(batch, channels, height, width)")
    }
    switch node.type {
    case "GlobalAveragePool": return try reduced(x, .mean, axes, keeps: true, node)
    case "GlobalMaxPool": return try reduced(x, .maximum, axes, keeps: true, node)
    default:
      if try node.integer("p", default: 2, in: 1...2) == 1 {
        let sizes = try keep(.activation(.function(.absolute)), x, node, suffix: "/absolute")
        return try reduced(sizes, .sum, axes, keeps: true, node)
      }
      return try reduced(x, .length, axes, keeps: true, node)
    }
  }

  func reduction(_ node: ONNXNode) throws -> ONNXImages {
    var x = try node.images(0)
    let given = try node.integers(input: 1, orAttribute: "axes")
    if given?.isEmpty ?? true, node.flag("noop_with_empty_axes", default: false) { return x }
    let axes = try node.axes(given.flatMap { $0.isEmpty ? nil : $0 } ?? Array(0..<x.rank), rank: x.rank)
    let keeps = node.flag("keepdims", default: true)
    let kind: Reduction.Kind
    switch node.type {
    case "ReduceMean": kind = .mean
    case "ReduceMax": kind = .maximum
    case "ReduceMin": kind = .minimum
    case "ReduceProd": kind = .product
    case "ReduceL2": kind = .length
    default:
      kind = .sum
      if node.type == "ReduceL1" { x = try keep(.activation(.function(.absolute)), x, node, suffix: "/absolute") }
      if node.type == "ReduceSumSquare" { x = try keep(.activation(.function(.square)), x, node, suffix: "/squares") }
    }
    guard node.type == "ReduceLogSum" else { return try reduced(x, kind, axes, keeps: keeps, node) }
    let sums = try reduced(x, kind, axes, keeps: keeps, node, suffix: "/sum")
    return try keep(.activation(.function(.logarithm)), sums, node)
  }

  private func reduced(
    _ x: ONNXImages, _ kind: Reduction.Kind, _ axes: [Int], keeps: Bool, _ node: ONNXNode, suffix: String = ""
  ) throws -> ONNXImages {
    let x = try settled(x, for: node)
    let own = try axes.map { try node.own($0, of: x) }.sorted()
    let isMap = graph.shapes[x.node].dimensions.count == 3 && own == [0, 1]
    let layer =
      kind == .mean && isMap
      ? Layer.globalAveragePooling(keepsDimensions: keeps) : Reduction(kind, axes: own, keepsDimensions: keeps).layer
    let index = try emit(layer, [x.node], node, suffix: suffix)
    guard !keeps else { return ONNXImages(node: index, axes: x.axes) }
    let left = x.axes.indices.filter { !axes.contains($0) }.map { x.axes[$0] }
    return ONNXImages(node: index, axes: left.map { axis in axis < 0 ? axis : axis - own.count { $0 < axis } })
  }

  /// Before opset 13 along all axes from one on, then along that one.
  func softmax(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let axis = try node.axis(node.integer("axis", default: node.opset < 13 ? 1 : -1), rank: x.rank)
    let extents = extents(of: x)
    guard node.opset >= 13 || extents[axis...].count(where: { $0 > 1 }) < 2 else {
      throw node.error("axis \(axis) of an input of shape \(describe(x))", expected: "the last axis, or opset 13")
    }
    // Of several axes together the one that has more than one place.
    let along = node.opset < 13 ? (axis..<x.rank).first { extents[$0] > 1 } ?? axis : axis
    let own = try node.own(along, of: x)
    let function: Activation = node.type == "Softmax" ? .softmax : .logSoftmax
    let isLast = own == graph.shapes[x.node].dimensions.count - 1
    return try keep(isLast ? .activation(function) : AxisActivation(function, axis: own).layer, x, node)
  }

  /// A value's shape for an error, the images' axis as N.
  func describe(_ value: ONNXImages) -> String {
    let extents = zip(value.axes, extents(of: value)).map { $0 == ONNXImages.batch ? "N" : "\($1)" }
    return "(\(extents.joined(separator: ", ")))"
  }
}
