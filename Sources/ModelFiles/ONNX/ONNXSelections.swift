import Files
import NeuralNetwork

/// What takes parts of values, repeats them, or puts them together.
extension ONNXTranslation {
  func concatenation(_ node: ONNXNode) throws -> ONNXImages {
    let values = try node.inputs.indices.map { try settled(node.images($0), for: node) }
    guard let first = values.first else { throw node.error("no inputs", expected: "one or more") }
    let axis = try node.axis(node.integer("axis", default: 1), rank: first.rank)
    let images = first.axes.firstIndex(of: ONNXImages.batch)
    for value in values where value.rank != first.rank || value.axes.firstIndex(of: ONNXImages.batch) != images {
      throw node.error(
        "inputs of shapes \(values.map(describe).joined(separator: " and "))", expected: "equal numbers of axes")
    }
    let own = try node.own(axis, of: first)
    let nodes = try values.map { try arranged($0, first.order, for: node).node }
    let axes = try arranged(first, first.order, for: node).axes
    return ONNXImages(node: try emit(.concatenate(axis: own), nodes, node), axes: axes)
  }

  /// The indices of some of the file's axes, chosen and in order.
  private func selected(
    _ x: ONNXImages, _ indices: [Int: [Int]], _ node: ONNXNode, suffix: String = ""
  ) throws -> ONNXImages {
    var lists = [[Int]?](repeating: nil, count: graph.shapes[x.node].dimensions.count)
    for (axis, list) in indices { lists[try node.own(axis, of: x)] = list }
    if lists.allSatisfy({ $0 == nil }) { return x }
    return try keep(Selection(lists).layer, x, node, suffix: suffix)
  }

  func selection(_ node: ONNXNode) throws -> ONNXImages {
    if let value = try strided(node) { return value }
    let x = try settled(node.images(0), for: node)
    let own = extents(of: x)
    switch node.type {
    case "Slice":
      var indices: [Int: [Int]] = [:]
      for (axis, list) in try slices(own, node) where list != Array(0..<own[axis]) { indices[axis] = list }
      return try selected(x, indices, node)
    case "Gather":
      let axis = try node.axis(node.integer("axis", default: 0), rank: x.rank)
      let constant = try node.constant(1)
      let list = try gathered(constant, own[axis], node)
      guard constant.shape.count <= 1 else {
        throw node.error("indices of shape \(tuple(constant.shape))", expected: "a list, or one number")
      }
      let chosen = try selected(x, [axis: list], node, suffix: constant.shape.isEmpty ? "/chosen" : "")
      guard constant.shape.isEmpty else { return chosen }
      let images = x.axes.firstIndex(of: ONNXImages.batch) ?? 0
      var target = own
      target.remove(at: axis)
      return try reshaped(chosen, to: target, images: images - (axis < images ? 1 : 0), node)
    case "GatherND":
      // Whole rows of the first axis alone.
      let constant = try node.constant(1)
      guard constant.shape.count == 2, constant.shape[1] == 1, node.integer("batch_dims", default: 0) == 0 else {
        throw node.error(
          "indices of shape \(tuple(constant.shape)), batch_dims \(node.integer("batch_dims", default: 0))",
          expected: "(indices, 1) and 0")
      }
      return try selected(x, [0: gathered(constant, own[0], node)], node)
    case "Tile":
      let repeats = try node.integers(1)
      guard repeats.count == x.rank, repeats.allSatisfy({ (1...65_536).contains($0) }) else {
        throw node.error("repeats \(tuple(Array(repeats.prefix(8))))", expected: "\(x.rank) numbers in 1...65536")
      }
      var indices: [Int: [Int]] = [:]
      for axis in own.indices where repeats[axis] > 1 {
        _ = try node.own(axis, of: x)
        try reserve([own[axis], repeats[axis]], for: node)
        indices[axis] = (0..<own[axis] * repeats[axis]).map { $0 % own[axis] }
      }
      return try selected(x, indices, node)
    default:
      let shape = try node.integers(1)
      guard shape.count <= x.rank, let target = onnxBroadcast([own, shape]), shape.allSatisfy({ $0 > 0 }) else {
        throw node.error("a shape \(tuple(Array(shape.prefix(8))))", expected: "one that \(describe(x)) expands to")
      }
      var indices: [Int: [Int]] = [:]
      for axis in own.indices where target[axis] != own[axis] {
        _ = try node.own(axis, of: x)
        try reserve([target[axis]], for: node)
        indices[axis] = [Int](repeating: 0, count: target[axis])
      }
      return try selected(x, indices, node)
    }
  }

  /// Numbers of one image, all in one row, by a table of their places: how PyTorch writes a stride of 0. nil for anything else.
  private func strided(_ node: ONNXNode) throws -> ONNXImages? {
    guard node.type == "Gather", batch == 1, case .images(let x) = try node.value(0), x.merged > 0, x.truth == nil,
      x.rank == x.merged + 1, node.integer("axis", default: 0) == 0
    else { return nil }
    let indices = try node.constant(1)
    guard indices.shape.count > 1, indices.shape[0] == 1 else { return nil }
    var apart = x
    apart.merged = 0
    let value = try plain(apart, for: node)
    let count = graph.shapes[value.node].count
    let list = try gathered(indices, count, node)
    let flat = try emit(.flatten, [value.node], node, suffix: "/row")
    let shape = Array(indices.shape.dropFirst())
    let axes = [ONNXImages.batch] + Array(shape.indices)
    if list == Array(0..<count) { return ONNXImages(node: try emit(Reshaping(shape).layer, [flat], node), axes: axes) }
    let chosen = try emit(Selection([list]).layer, [flat], node, suffix: "/chosen")
    return ONNXImages(node: try emit(Reshaping(shape).layer, [chosen], node), axes: axes)
  }

  /// Indices that count from the end where they are negative.
  func gathered(_ constant: ONNXConstant, _ extent: Int, _ node: ONNXNode) throws -> [Int] {
    guard let integers = constant.integers else { throw node.error("real indices", expected: "whole numbers") }
    return try integers.map { index in
      guard (-extent..<extent).contains(index) else {
        throw node.error("index \(index)", expected: "0...\(extent - 1)")
      }
      return index < 0 ? index + extent : index
    }
  }

  /// By axis: the indices that a slice takes. Bounds are attributes before opset 10, then inputs.
  func slices(_ own: [Int], _ node: ONNXNode) throws -> [Int: [Int]] {
    guard let starts = try node.integers(input: 1, orAttribute: "starts"),
      let ends = try node.integers(input: 2, orAttribute: "ends")
    else { throw node.error("no starts or ends", expected: "both") }
    let given = try node.integers(input: 3, orAttribute: "axes") ?? Array(starts.indices)
    let axes = try node.axes(given, rank: own.count)
    let steps = try node.has(4) ? node.integers(4) : [Int](repeating: 1, count: starts.count)
    guard starts.count == axes.count, ends.count == axes.count, steps.count == axes.count, !steps.contains(0) else {
      throw node.error(
        "\(starts.count) starts, \(ends.count) ends, \(steps.count) steps", expected: "\(axes.count), no step 0")
    }
    var result: [Int: [Int]] = [:]
    for (place, axis) in axes.enumerated() {
      let (extent, step) = (own[axis], min(max(steps[place], -(1 << 30)), 1 << 30))
      func clamped(_ value: Int) -> Int {
        let value = value < 0 ? value + extent : value
        return step > 0 ? min(max(value, 0), extent) : min(max(value, -1), extent - 1)
      }
      // A first index before the first place is that place.
      let start = step > 0 ? clamped(starts[place]) : max(clamped(starts[place]), starts[place] < -extent ? 0 : -1)
      if start == 0, step == 1, ends[place] >= extent { continue }
      guard extent <= 1 << 20 else { throw node.error("a slice of axis \(axis)", expected: "all of it") }
      result[axis] = Array(stride(from: start, to: clamped(ends[place]), by: step))
    }
    return result
  }

  func split(_ node: ONNXNode) throws -> [ONNXImages] {
    let x = try settled(node.images(0), for: node)
    let axis = try node.axis(node.integer("axis", default: 0), rank: x.rank)
    let sizes = try splitSizes(extents(of: x)[axis], node)
    var start = 0
    return try sizes.enumerated().map { index, size in
      defer { start += size }
      return try selected(x, [axis: Array(start..<start + size)], node, suffix: ":\(index)")
    }
  }

  func splitSizes(_ extent: Int, _ node: ONNXNode) throws -> [Int] {
    let count = node.proto.output.count
    let sizes: [Int]
    if let given = try node.integers(input: 1, orAttribute: "split") {
      sizes = given
    } else {
      // The last one may be smaller.
      let size = (extent + count - 1) / max(1, count)
      sizes = (0..<count).map { min(size, max(0, extent - $0 * size)) }
    }
    guard sizes.count == count, sizes.allSatisfy({ (0...extent).contains($0) }), sizes.reduce(0, +) == extent else {
      throw node.error("parts \(tuple(Array(sizes.prefix(8))))", expected: "\(count) that make up \(extent)")
    }
    return sizes
  }

  func padding(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let axes = try node.has(3) ? node.axes(node.integers(3), rank: x.rank) : Array(0..<x.rank)
    guard let pads = try node.integers(input: 1, orAttribute: "pads"), pads.count == 2 * axes.count,
      pads.allSatisfy({ (-65_536...65_536).contains($0) })
    else { throw node.error("no pads of the right form", expected: "\(2 * axes.count) numbers in -65536...65536") }
    let mode: Padding.Mode
    switch node.text("mode", default: "constant") {
    case "constant":
      let given = try node.constantIfGiven(2)?.reals
      mode = .constant(given?.first ?? node.number("value", default: 0))
    case "edge": mode = .edge
    case "reflect": mode = .reflect
    case let other: throw node.error("mode \(other)", expected: "constant, edge or reflect")
    }
    let rank = graph.shapes[x.node].dimensions.count
    var (before, after) = ([Int](repeating: 0, count: rank), [Int](repeating: 0, count: rank))
    for (place, axis) in axes.enumerated() where pads[place] != 0 || pads[place + axes.count] != 0 {
      let own = try node.own(axis, of: x)
      (before[own], after[own]) = (pads[place], pads[place + axes.count])
    }
    if before.allSatisfy({ $0 == 0 }), after.allSatisfy({ $0 == 0 }) { return x }
    return try keep(Padding(before: before, after: after, mode: mode).layer, x, node)
  }
}
