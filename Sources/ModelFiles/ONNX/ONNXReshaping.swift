import Files
import NeuralNetwork

/// What gives the same numbers another shape or another order of axes.
extension ONNXTranslation {
  func transpose(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let order = node.integers("perm") ?? Array((0..<x.rank).reversed())
    guard order.sorted() == Array(0..<x.rank) else {
      throw node.error("perm \(tuple(Array(order.prefix(8))))", expected: "each of \(x.rank) axes once")
    }
    // No number moves: the value only knows its axes by other names.
    return ONNXImages(node: x.node, axes: order.map { x.axes[$0] })
  }

  func reshape(_ node: ONNXNode) throws -> ONNXImages {
    let x = try node.images(0)
    let own = extents(of: x)
    let images = x.axes.firstIndex(of: ONNXImages.batch) ?? 0
    switch node.type {
    case "Flatten":
      let axis = node.integer("axis", default: 1)
      guard (-x.rank...x.rank).contains(axis) else { throw node.error("axis \(axis)", expected: "0...\(x.rank)") }
      let first = axis < 0 ? axis + x.rank : axis
      return try reshaped(x, to: [own[..<first].reduce(1, *), own[first...].reduce(1, *)], images: nil, node)
    case "Squeeze":
      let given = try node.integers(input: 1, orAttribute: "axes").map { try node.axes($0, rank: x.rank) }
      let gone = given ?? own.indices.filter { own[$0] == 1 && $0 != images }
      guard !gone.contains(images), gone.allSatisfy({ own[$0] == 1 }) else {
        throw node.error("axes \(tuple(gone)) of shape \(describe(x))", expected: "axes of extent 1")
      }
      return try reshaped(
        x, to: own.indices.filter { !gone.contains($0) }.map { own[$0] }, images: images - gone.count { $0 < images },
        node)
    case "Unsqueeze":
      guard let given = try node.integers(input: 1, orAttribute: "axes") else {
        throw node.error("no axes", expected: "axes")
      }
      guard given.count <= 8 else { throw node.error("\(given.count) axes", expected: "at most 8") }
      let new = try node.axes(given, rank: x.rank + given.count)
      var target = own
      var place = images
      for axis in new.sorted() {
        target.insert(1, at: axis)
        if axis <= place { place += 1 }
      }
      return try reshaped(x, to: target, images: place, node)
    default: return try reshaped(x, to: target(own, node), images: nil, node)
    }
  }

  /// The extents of a Reshape: 0 keeps one, -1 takes what is left.
  func target(_ own: [Int], _ node: ONNXNode) throws -> [Int] {
    var target = try node.integers(1)
    let wrong = node.error(
      "a shape \(tuple(Array(target.prefix(8))))", expected: "as many numbers as \(tuple(own)) has")
    guard target.count <= 16 else { throw wrong }
    if !node.flag("allowzero", default: false) {
      for axis in target.indices where target[axis] == 0 {
        guard own.indices.contains(axis) else { throw wrong }
        target[axis] = own[axis]
      }
    }
    let total = own.reduce(1, *)
    var known = 1
    for extent in target where extent != -1 {
      let (product, overflow) = known.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { throw wrong }
      known = product
    }
    let open = target.indices.filter { target[$0] == -1 }
    guard open.count <= 1, open.isEmpty ? known == total : known > 0 && total % known == 0 else { throw wrong }
    for axis in open { target[axis] = total / known }
    return target
  }

  /// - Parameters:
  ///   - target: the file's extents.
  ///   - images: the axis of the images among them; nil to find it.
  func reshaped(_ x: ONNXImages, to target: [Int], images: Int?, _ node: ONNXNode) throws -> ONNXImages {
    let own = extents(of: x)
    if let value = merged(x, own, target) { return value }
    let from = x.axes.firstIndex(of: ONNXImages.batch) ?? 0
    let before = own[..<from].reduce(1, *)
    let found = target.indices.first { target[$0] == batch && target[..<$0].reduce(1, *) == before }
    guard x.merged == 0, let to = images ?? found else {
      let extents = target.map { $0 % batch == 0 && batch > 65_536 ? ($0 == batch ? "N" : "\($0 / batch) N") : "\($0)" }
      throw node.error(
        "shape \(describe(x)) as (\(extents.joined(separator: ", ")))", expected: "an axis of the images alone")
    }
    if target == own, to == from { return x }
    let x = try settled(x, for: node)
    guard
      let front = Self.groups(Array(own[..<from]), Array(target[..<to])),
      let back = Self.groups(Array(own[(from + 1)...]), Array(target[(to + 1)...]))
    else { throw node.error("shape \(describe(x)) as \(tuple(target))", expected: "as many numbers for each image") }
    var groups = front
    groups += back.map { (source: $0.source.map { $0 + from + 1 }, target: $0.target.map { $0 + to + 1 }) }
    let extents = graph.shapes[x.node].dimensions
    if target.count == 2, to == 0, from == 0, extents.count > 1 {
      // A vector may keep the order in which the map lies.
      let order = (1..<x.rank).map { x.axes[$0] }
      let long = order.filter { extents[$0] > 1 }
      let index = try emit(.flatten, [x.node], node)
      let isPlain = long == long.sorted() || order.count < extents.count
      return ONNXImages(
        node: index, axes: [ONNXImages.batch, 0], flattening: isPlain ? nil : .init(extents: extents, order: order))
    }
    // Groups in the order in which the node has them, new axes of one place first.
    func place(_ group: (source: [Int], target: [Int])) -> Int {
      (group.source.filter { own[$0] > 1 }.map { x.axes[$0] } + group.source.map { x.axes[$0] + extents.count }).min()
        ?? -1
    }
    groups.sort { place($0) < place($1) }
    let value = try arranged(x, groups.flatMap(\.source), for: node)
    var axes = [Int](repeating: ONNXImages.batch, count: target.count)
    var sizes: [Int] = []
    for axis in groups.flatMap(\.target) {
      axes[axis] = sizes.count
      sizes.append(target[axis])
    }
    if sizes == graph.shapes[value.node].dimensions { return ONNXImages(node: value.node, axes: axes) }
    return ONNXImages(
      node: try emit(sizes.count == 1 ? .flatten : Reshaping(sizes).layer, [value.node], node), axes: axes)
  }

  /// (N, H, W, C) as (N x H x W, C), or back: nothing moves. nil for any other shape.
  private func merged(_ x: ONNXImages, _ own: [Int], _ target: [Int]) -> ONNXImages? {
    guard x.axes.first == ONNXImages.batch, x.flattening == nil else { return nil }
    var apart = x
    apart.merged = 0
    let all = extents(of: apart)
    if x.merged > 0 { return target == all ? apart : nil }
    guard let first = target.first, first != batch, own.count > target.count else { return nil }
    let count = own.count - target.count
    guard all[...count].reduce(1, *) == first, Array(all[(count + 1)...]) == Array(target.dropFirst()) else {
      return nil
    }
    apart.merged = count
    return apart
  }

  /// Neighbouring axes that become neighbouring axes: as few as possible at once; nil where the numbers differ.
  private static func groups(_ source: [Int], _ target: [Int]) -> [(source: [Int], target: [Int])]? {
    var groups: [(source: [Int], target: [Int])] = []
    var (i, j) = (0, 0)
    while i < source.count || j < target.count {
      var group: (source: [Int], target: [Int]) = ([], [])
      if i == source.count || j == target.count {
        group = (Array(i..<source.count), Array(j..<target.count))
        (i, j) = (source.count, target.count)
        guard group.source.allSatisfy({ source[$0] == 1 }), group.target.allSatisfy({ target[$0] == 1 }) else {
          return nil
        }
        groups.append(group)
        continue
      }
      var (left, right) = (source[i], target[j])
      group = ([i], [j])
      (i, j) = (i + 1, j + 1)
      while left != right {
        if left < right {
          guard i < source.count else { return nil }
          left *= source[i]
          group.source.append(i)
          i += 1
        } else {
          guard j < target.count else { return nil }
          right *= target[j]
          group.target.append(j)
          j += 1
        }
      }
      groups.append(group)
    }
    return groups
  }

  /// Blocks of pixels become channels, or the other way round.
  func blocks(_ node: ONNXNode) throws -> ONNXImages {
    let x = try map(node.images(0), for: node)
    let extents = graph.shapes[x.node].dimensions
    let size = try node.integer("blocksize", default: 0, in: 1...65_536)
    let (height, width, channels) = (extents[0], extents[1], extents[2])
    let sizes: [Int]
    let order: [Int]
    let result: [Int]
    if node.type == "DepthToSpace" {
      let mode = node.text("mode", default: "DCR")
      guard ["DCR", "CRD"].contains(mode) else { throw node.error("mode \(mode)", expected: "DCR or CRD") }
      guard channels % (size * size) == 0 else {
        throw node.error("blocksize \(size)", expected: "one whose square divides \(channels) channels")
      }
      let depth = channels / size / size
      sizes = [height, width] + (mode == "DCR" ? [size, size, depth] : [depth, size, size])
      order = mode == "DCR" ? [0, 2, 1, 3, 4] : [0, 3, 1, 4, 2]
      result = [height * size, width * size, depth]
    } else {
      guard height % size == 0, width % size == 0 else {
        throw node.error("blocksize \(size)", expected: "a divisor of \(height) and \(width) pixels")
      }
      sizes = [height / size, size, width / size, size, channels]
      order = [0, 2, 1, 3, 4]
      result = [height / size, width / size, size * size * channels]
    }
    let split = try emit(Reshaping(sizes).layer, [x.node], node, suffix: "/blocks")
    let turned = try emit(Permutation(order).layer, [split], node, suffix: "/permuted")
    return .map(try emit(Reshaping(result).layer, [turned], node))
  }
}
