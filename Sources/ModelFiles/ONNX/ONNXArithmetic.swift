import Files
import NeuralNetwork

/// Arithmetic of constants, number by number. Whole numbers wrap around, as elsewhere.
extension ONNXTranslation {
  /// nil for an operator that is none of these.
  func arithmetic(_ node: ONNXNode, _ inputs: [ONNXConstant]) throws -> ONNXConstant? {
    if let result = try unary(node, inputs[0]) { return result }
    let isVariadic = ["Max", "Min", "Sum", "Mean"].contains(node.type)
    guard isVariadic || inputs.count == 2 else { return nil }
    guard let shape = onnxBroadcast(inputs.map(\.shape)) else {
      throw node.error(
        "constants of shapes \(inputs.prefix(8).map { tuple($0.shape) }.joined(separator: " and "))",
        expected: "equal extents, or 1")
    }
    try reserve(shape, for: node)
    let parts = inputs.map { $0.broadcast(to: shape) }
    let integers = parts.compactMap(\.integers)
    if integers.count == parts.count {
      guard let function = try whole(node) else { return nil }
      var values = integers[0]
      for other in integers.dropFirst() {
        for index in values.indices { values[index] = try function(values[index], other[index]) }
      }
      let type: ONNXElementType = Self.comparisons.contains(node.type) ? .bool : inputs[0].type
      return .whole(values, shape: shape, type: type)
    }
    let type = inputs[0].type
    let numbers = parts.map(\.doubles)
    if let function = Self.comparisons(of: Double.self)[node.type] {
      return .whole(zip(numbers[0], numbers[1]).map { function($0, $1) ? 1 : 0 }, shape: shape, type: .bool)
    }
    guard let function = Self.real[node.type] else { return nil }
    var values = numbers[0]
    for other in numbers.dropFirst() {
      for index in values.indices { values[index] = Double(type.rounded(function(values[index], other[index]))) }
    }
    if node.type == "Mean" { values = values.map { $0 / Double(inputs.count) } }
    return .real(values.map(type.rounded), shape: shape, type: type)
  }

  private func unary(_ node: ONNXNode, _ constant: ONNXConstant) throws -> ONNXConstant? {
    if let integers = constant.integers {
      let function: ((Int) -> Int)? =
        switch node.type {
        case "Neg": { 0 &- $0 }
        case "Abs": { $0 < 0 ? 0 &- $0 : $0 }
        case "Sign": { $0.signum() }
        case "Not": { $0 == 0 ? 1 : 0 }
        default: nil
        }
      return function.map { .whole(integers.map($0), shape: constant.shape, type: constant.type) }
    }
    guard Self.elementwise.contains(node.type) || node.type == "Clip" else { return nil }
    switch try activation(node) {
    case .function(let function)?:
      return .real(constant.reals.map(function.value), shape: constant.shape, type: constant.type)
    case .relu?: return .real(constant.reals.map { max($0, 0) }, shape: constant.shape, type: constant.type)
    default: return nil
    }
  }

  private func whole(_ node: ONNXNode) throws -> ((Int, Int) throws -> Int)? {
    func divided(_ a: Int, _ b: Int) throws -> (quotient: Int, remainder: Int) {
      guard b != 0 else { throw node.error("a division by 0", expected: "another divisor") }
      return b == -1 ? (0 &- a, 0) : a.quotientAndRemainder(dividingBy: b)
    }
    if let function = Self.comparisons(of: Int.self)[node.type] { return { function($0, $1) ? 1 : 0 } }
    switch node.type {
    case "Add", "Sum": return { $0 &+ $1 }
    case "Sub": return { $0 &- $1 }
    case "Mul": return { $0 &* $1 }
    case "Div": return { try divided($0, $1).quotient }
    case "Max": return { max($0, $1) }
    case "Min": return { min($0, $1) }
    case "And": return { $0 != 0 && $1 != 0 ? 1 : 0 }
    case "Or": return { $0 != 0 || $1 != 0 ? 1 : 0 }
    case "Xor": return { ($0 != 0) != ($1 != 0) ? 1 : 0 }
    case "Mod":
      let isSigned = node.flag("fmod", default: false)
      return {
        let rest = try divided($0, $1).remainder
        // The sign of the divisor, or with fmod of the dividend.
        return !isSigned && rest != 0 && (rest < 0) != ($1 < 0) ? rest + $1 : rest
      }
    case "Pow":
      return { base, exponent in
        guard (0...64).contains(exponent) else { throw node.error("an exponent \(exponent)", expected: "0...64") }
        return (0..<exponent).reduce(1) { product, _ in product &* base }
      }
    default: return nil
    }
  }

  private static let real: [String: @Sendable (Double, Double) -> Double] = [
    "Add": { $0 + $1 }, "Sum": { $0 + $1 }, "Mean": { $0 + $1 }, "Sub": { $0 - $1 }, "Mul": { $0 * $1 },
    "Div": { $0 / $1 }, "Max": { max($0, $1) }, "Min": { min($0, $1) },
    "Pow": { $1 == 0.5 ? $0.squareRoot() : $1 == 2 ? $0 * $0 : $1 == 1 ? $0 : $1 == -1 ? 1 / $0 : .nan },
  ]

  private static func comparisons<Number: Comparable>(of: Number.Type) -> [String: (Number, Number) -> Bool] {
    [
      "Equal": { $0 == $1 }, "Greater": { $0 > $1 }, "GreaterOrEqual": { $0 >= $1 }, "Less": { $0 < $1 },
      "LessOrEqual": { $0 <= $1 },
    ]
  }

  /// A reduction of constants; nil for one that shapes are not computed with.
  func reduced(_ constant: ONNXConstant, _ node: ONNXNode) throws -> ONNXConstant? {
    let rank = constant.shape.count
    let given = try node.integers(input: 1, orAttribute: "axes")
    if given?.isEmpty ?? true, node.flag("noop_with_empty_axes", default: false) { return constant }
    let axes = try node.axes(given.flatMap { $0.isEmpty ? nil : $0 } ?? Array(0..<rank), rank: rank)
    let kept = constant.shape.indices.map { axes.contains($0) ? 1 : constant.shape[$0] }
    let strides = zip(kept, rowStrides(kept)).map { $0 == 1 ? 0 : $1 }
    let targets = stridedPlaces(constant.shape, strides: strides)
    let count = kept.reduce(1, *)
    let members = constant.count / max(1, count)
    let shape =
      node.flag("keepdims", default: true)
      ? kept : rank == 0 ? [] : kept.indices.filter { !axes.contains($0) }.map { kept[$0] }
    guard members > 0 else { return nil }
    if let integers = constant.integers {
      var values = [Int?](repeating: nil, count: count)
      for (value, target) in zip(integers, targets) {
        let before = values[target]
        switch node.type {
        case "ReduceSum": values[target] = (before ?? 0) &+ value
        case "ReduceProd": values[target] = (before ?? 1) &* value
        case "ReduceMax": values[target] = max(before ?? value, value)
        case "ReduceMin": values[target] = min(before ?? value, value)
        default: return nil
        }
      }
      return .whole(values.map { $0 ?? 0 }, shape: shape, type: constant.type)
    }
    var values = [Double?](repeating: nil, count: count)
    for (value, target) in zip(constant.doubles, targets) {
      let before = values[target]
      switch node.type {
      case "ReduceSum", "ReduceMean": values[target] = (before ?? 0) + value
      case "ReduceProd": values[target] = (before ?? 1) * value
      case "ReduceMax": values[target] = max(before ?? value, value)
      case "ReduceMin": values[target] = min(before ?? value, value)
      default: return nil
      }
    }
    let divisor = node.type == "ReduceMean" ? Double(members) : 1
    return .real(values.map { constant.type.rounded(($0 ?? 0) / divisor) }, shape: shape, type: constant.type)
  }
}
