import Files
import NeuralNetwork

/// What a graph computes of constants alone, such as the shapes of its own values.
extension ONNXTranslation {
  /// The values of a node that does not depend on the images; nil for one that does, or that only layers compute.
  func folded(_ node: ONNXNode) throws -> [ONNXConstant]? {
    switch node.type {
    case "Constant": return [try constant(node)]
    case "Shape": return [try shape(node)]
    case "Size": return [.whole([try extents(node.value(0)).reduce(1, *)], shape: [])]
    default: break
    }
    var inputs: [ONNXConstant] = []
    for case .constant(let constant)? in node.inputs { inputs.append(constant) }
    guard inputs.count == node.inputs.count(where: { $0 != nil }), !inputs.isEmpty else { return nil }
    let first = inputs[0]
    switch node.type {
    case "Identity", "Dropout": return [first]
    case "Cast", "CastLike": return [try cast(first, node)]
    case "ConstantOfShape": return [try filled(node)]
    case "Range": return [try range(inputs, node)]
    case "Reshape":
      let shape = try target(first.shape, node)
      return [first.reshaped(shape)]
    case "Flatten":
      let axis = node.integer("axis", default: 1)
      guard (0...first.shape.count).contains(axis) else { throw node.error("axis \(axis)", expected: "0 or more") }
      return [first.reshaped([first.shape[..<axis].reduce(1, *), first.shape[axis...].reduce(1, *)])]
    case "Squeeze":
      let given = try node.integers(input: 1, orAttribute: "axes").map { try node.axes($0, rank: first.shape.count) }
      let gone = given ?? first.shape.indices.filter { first.shape[$0] == 1 }
      guard gone.allSatisfy({ first.shape[$0] == 1 }) else {
        throw node.error("axes \(tuple(gone)) of shape \(tuple(first.shape))", expected: "axes of extent 1")
      }
      return [first.reshaped(first.shape.indices.filter { !gone.contains($0) }.map { first.shape[$0] })]
    case "Unsqueeze":
      let given = try node.integers(input: 1, orAttribute: "axes") ?? []
      guard given.count <= 8 else { throw node.error("\(given.count) axes", expected: "at most 8") }
      var shape = first.shape
      for axis in try node.axes(given, rank: shape.count + given.count).sorted() { shape.insert(1, at: axis) }
      return [first.reshaped(shape)]
    case "Transpose":
      let order = node.integers("perm") ?? Array(first.shape.indices.reversed())
      guard order.sorted() == Array(first.shape.indices) else {
        throw node.error("perm \(tuple(Array(order.prefix(8))))", expected: "each of \(first.shape.count) axes once")
      }
      return [first.permuted(order)]
    case "Concat": return [try concatenation(inputs, node)]
    case "Slice":
      var lists = first.shape.map { Array(0..<$0) }
      for (axis, list) in try slices(first.shape, node) { lists[axis] = list }
      return [picked(first, lists)]
    case "Gather": return [try gather(first, node)]
    case "Split":
      let axis = try node.axis(node.integer("axis", default: 0), rank: first.shape.count)
      var start = 0
      return try splitSizes(first.shape[axis], node).map { size in
        defer { start += size }
        var lists = first.shape.map { Array(0..<$0) }
        lists[axis] = Array(start..<start + size)
        return picked(first, lists)
      }
    case "Expand", "Tile": return [try repeated(first, node)]
    case "Where":
      guard inputs.count == 3, let shape = onnxBroadcast(inputs.map(\.shape)) else { return nil }
      try reserve(shape, for: node)
      let parts = inputs.map { $0.broadcast(to: shape) }
      let truths = parts[0].integers ?? []
      guard truths.count == parts[1].count else {
        throw node.error("a condition of real numbers", expected: "truth values")
      }
      if let whole = parts[1].integers, let other = parts[2].integers {
        return [
          .whole(truths.indices.map { truths[$0] != 0 ? whole[$0] : other[$0] }, shape: shape, type: parts[1].type)
        ]
      }
      let (a, b) = (parts[1].reals, parts[2].reals)
      return [.real(truths.indices.map { truths[$0] != 0 ? a[$0] : b[$0] }, shape: shape, type: parts[1].type)]
    case let name where name.hasPrefix("Reduce"): return try reduced(first, node).map { [$0] }
    default: return try arithmetic(node, inputs).map { [$0] }
    }
  }

  // MARK: Sources

  private func constant(_ node: ONNXNode) throws -> ONNXConstant {
    if let tensor = node.attribute("value")?.t {
      return try reader.constant(tensor, name: node.name, place: node.place.map { .node($0) })
    }
    if let number = node.attribute("value_float")?.f { return .real([number], shape: []) }
    if let numbers = node.attribute("value_floats")?.floats { return .real(numbers, shape: [numbers.count]) }
    if let number = node.attribute("value_int")?.i { return .whole([Int(number)], shape: []) }
    if let numbers = node.integers("value_ints") { return .whole(numbers) }
    throw node.error("no value", expected: "a tensor or numbers")
  }

  private func extents(_ value: ONNXValue) -> [Int] {
    switch value {
    case .constant(let constant): constant.shape
    case .images(let images): extents(of: images)
    }
  }

  private func shape(_ node: ONNXNode) throws -> ONNXConstant {
    let all = try extents(node.value(0))
    func bound(_ key: String, _ standard: Int) -> Int {
      let value = node.integer(key, default: standard)
      return min(max(value < 0 ? value + all.count : value, 0), all.count)
    }
    let (start, end) = (bound("start", 0), bound("end", all.count))
    return .whole(Array(all[min(start, end)..<end]))
  }

  private func filled(_ node: ONNXNode) throws -> ONNXConstant {
    let shape = alike(try node.integers(0))
    try reserve(shape, for: node)
    guard let tensor = node.attribute("value")?.t else {
      return .real([Float](repeating: 0, count: shape.reduce(1, *)), shape: shape)
    }
    let value = try reader.constant(tensor, name: node.name, place: nil)
    guard value.count == 1 else { throw node.error("a value of shape \(tuple(value.shape))", expected: "one number") }
    return value.reshaped([]).broadcast(to: shape)
  }

  /// The shape without the axis of the images: a constant is the same for all of them.
  private func alike(_ shape: [Int]) -> [Int] {
    batch > 65_536 && shape.first == batch ? [1] + shape.dropFirst() : shape
  }

  private func range(_ inputs: [ONNXConstant], _ node: ONNXNode) throws -> ONNXConstant {
    guard inputs.count == 3, inputs.allSatisfy({ $0.count == 1 }) else {
      throw node.error("\(inputs.count) inputs", expected: "start, limit and delta")
    }
    let numbers = inputs.map { $0.doubles[0] }
    let count = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
    guard count.isFinite, count < Double(Self.computedLimit) else {
      throw node.error("\(count) numbers", expected: "fewer than \(Self.computedLimit)")
    }
    let size = max(0, Int(count))
    try reserve([size], for: node)
    let values = (0..<size).map { numbers[0] + Double($0) * numbers[2] }
    guard values.allSatisfy({ $0.magnitude < 9e18 }) else {
      throw node.error("numbers beyond 9e18", expected: "ones that fit")
    }
    let type = inputs[0].type
    return type.isReal
      ? .real(values.map(type.rounded), shape: [size], type: type)
      : .whole(values.map { Int($0) }, shape: [size], type: type)
  }

  private func cast(_ constant: ONNXConstant, _ node: ONNXNode) throws -> ONNXConstant {
    let code =
      node.type == "Cast" ? Int32(clamping: node.integer("to", default: 1)) : try node.constant(1).type.rawValue
    guard let type = ONNXElementType(rawValue: code) else {
      throw node.error("to \(ONNXElementType.name(code))", expected: "numbers or BOOL")
    }
    var result = constant
    result.type = type
    if type.isReal {
      result.numbers = .real(constant.doubles.map(type.rounded))
    } else if let integers = constant.integers {
      // Whole numbers stay exact.
      result.numbers = .whole(type == .bool ? integers.map { $0 != 0 ? 1 : 0 } : integers)
      result.view = nil
    } else {
      result.view = nil
      let numbers = try constant.doubles.map { value -> Int in
        guard value.magnitude < 9e18 else { throw node.error("\(value) as a whole number", expected: "one that fits") }
        return type == .bool ? (value != 0 ? 1 : 0) : Int(value)
      }
      result.numbers = .whole(numbers)
    }
    return result
  }

  // MARK: Parts

  private func picked(_ constant: ONNXConstant, _ lists: [[Int]]) -> ONNXConstant {
    if zip(lists, constant.shape).allSatisfy({ $0 == Array(0..<$1) }) { return constant }
    var places = [0]
    for (list, stride) in zip(lists, rowStrides(constant.shape)) {
      places = places.flatMap { place in list.map { place + $0 * stride } }
    }
    return constant.picking(places, shape: lists.map(\.count))
  }

  private func gather(_ constant: ONNXConstant, _ node: ONNXNode) throws -> ONNXConstant {
    let axis = try node.axis(node.integer("axis", default: 0), rank: constant.shape.count)
    let indices = try node.constant(1)
    let list = try gathered(indices, constant.shape[axis], node)
    var shape = constant.shape
    shape.replaceSubrange(axis...axis, with: indices.shape)
    try reserve(shape, for: node)
    var lists = constant.shape.map { Array(0..<$0) }
    lists[axis] = list
    return picked(constant, lists).reshaped(shape)
  }

  private func repeated(_ constant: ONNXConstant, _ node: ONNXNode) throws -> ONNXConstant {
    let given = try node.integers(1)
    guard given.count <= 16 else { throw node.error("\(given.count) axes", expected: "at most 16") }
    if node.type == "Expand" {
      guard let shape = onnxBroadcast([constant.shape, alike(given)]) else {
        throw node.error("a shape \(tuple(given))", expected: "one that \(tuple(constant.shape)) expands to")
      }
      try reserve(shape, for: node)
      return constant.broadcast(to: shape)
    }
    guard given.count == constant.shape.count, given.allSatisfy({ (0...Self.computedLimit).contains($0) }) else {
      throw node.error("repeats \(tuple(given))", expected: "\(constant.shape.count) numbers of 0 or more")
    }
    let shape = zip(given, constant.shape).map { $0.multipliedReportingOverflow(by: $1).partialValue }
    try reserve(shape, for: node)
    return picked(constant, zip(shape, constant.shape).map { size, extent in (0..<size).map { $0 % extent } })
  }

  private func concatenation(_ inputs: [ONNXConstant], _ node: ONNXNode) throws -> ONNXConstant {
    let axis = try node.axis(node.integer("axis", default: 1), rank: inputs[0].shape.count)
    var shape = inputs[0].shape
    shape[axis] = 0
    for input in inputs {
      var other = input.shape
      guard other.count == shape.count else { throw node.error("inputs of different ranks", expected: "equal ones") }
      shape[axis] += other[axis]
      other[axis] = shape[axis]
      guard other == shape else {
        throw node.error(
          "inputs of shapes \(inputs.prefix(8).map { tuple($0.shape) }.joined(separator: " and "))",
          expected: "shapes equal but on axis \(axis)")
      }
    }
    try reserve(shape, for: node)
    let outer = shape[..<axis].reduce(1, *)
    func joined<Number>(_ parts: [[Number]]) -> [Number] {
      (0..<outer).flatMap { row in
        parts.flatMap { part in part[row * part.count / outer..<(row + 1) * part.count / outer] }
      }
    }
    let integers = inputs.compactMap(\.integers)
    return outer == 0
      ? inputs[0].picking([], shape: shape)
      : integers.count == inputs.count
        ? .whole(joined(integers), shape: shape, type: inputs[0].type)
        : .real(joined(inputs.map(\.reals)), shape: shape, type: inputs[0].type)
  }
}
