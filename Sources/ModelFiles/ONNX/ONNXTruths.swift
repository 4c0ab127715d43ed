import Files
import NeuralNetwork

/// Comparisons, and choices between two values. A truth value is a number with the question whether it is above 0.
extension ONNXTranslation {
  func truths(_ node: ONNXNode) throws -> ONNXImages {
    switch node.type {
    case "Not":
      var value = try node.anyImages(0)
      guard let truth = value.truth else { throw node.error("numbers", expected: "truth values") }
      value.truth = !truth
      return value
    case "And", "Or":
      let values = try [0, 1].map { try numbers(node.anyImages($0), node, suffix: "/\($0)") }
      return holding(try combined(values, node.type == "And" ? .minimum : .maximum, divides: false, node), where: true)
    default:
      // a > b is a - b > 0, and a <= b is not that.
      let isTurned = ["Less", "GreaterOrEqual"].contains(node.type)
      let truth = ["Greater", "Less"].contains(node.type)
      let (left, right) = isTurned ? (1, 0) : (0, 1)
      switch (try node.value(left), try node.value(right)) {
      case (.images, .images):
        let values = [try node.images(left), try node.images(right)]
        return holding(try combined(values, .subtract, divides: false, node), where: truth)
      case (.images, .constant(let constant)):
        return holding(try combined(node.images(left), constant, .subtract, input: 1, node), where: truth)
      case (.constant(let constant), _):
        return holding(try combined(node.images(right), constant, .subtract, input: 0, node), where: truth)
      }
    }
  }

  private func holding(_ value: ONNXImages, where truth: Bool) -> ONNXImages {
    var value = value
    value.truth = truth
    return value
  }

  /// Truth values as 1 and 0; numbers as they are.
  func numbers(_ value: ONNXImages, _ node: ONNXNode, suffix: String = "") throws -> ONNXImages {
    guard let truth = value.truth else { return value }
    var result = try keep(Choice(positive: truth ? 1 : 0, other: truth ? 0 : 1).layer, value, node, suffix: suffix)
    result.truth = nil
    return result
  }

  /// One of two values: for all places alike where a constant decides, else place by place.
  func choice(_ node: ONNXNode) throws -> ONNXImages {
    if case .images = try node.value(0) { return try choiceByPlace(node) }
    guard let truths = try node.constant(0).integers.map(Set.init), truths.count == 1, let truth = truths.first else {
      throw node.error("a condition that differs between places", expected: "one truth value for all")
    }
    let (chosen, other) = truth != 0 ? (1, 2) : (2, 1)
    let value = try node.images(chosen)
    let shape =
      switch try node.value(other) {
      case .constant(let constant): constant.shape
      case .images(let images): extents(of: images)
      }
    guard onnxBroadcast([extents(of: value), shape, try node.constant(0).shape]) == extents(of: value) else {
      throw node.error("a choice that changes the shape \(describe(value))", expected: "the same shape")
    }
    return value
  }

  private func choiceByPlace(_ node: ONNXNode) throws -> ONNXImages {
    let condition = try node.anyImages(0)
    guard let truth = condition.truth else { throw node.error("a condition of numbers", expected: "truth values") }
    var values = [condition]
    var numbers: [Float?] = []
    var shapes: [[Int]] = []
    for index in truth ? [1, 2] : [2, 1] {
      guard case .constant(let constant) = try node.value(index) else {
        values.append(try node.images(index))
        numbers.append(nil)
        continue
      }
      let all = constant.reals
      guard let first = all.first, all.allSatisfy({ $0 == first }) else {
        throw node.error("a constant of shape \(tuple(constant.shape))", expected: "one number, or a value")
      }
      numbers.append(first)
      shapes.append(constant.shape)
    }
    let arranged = try together(values, node)
    let layer = Choice(positive: numbers[0], other: numbers[1])
    let result = ONNXImages(node: try emit(layer.layer, arranged.map(\.node), node), axes: arranged[0].axes)
    guard onnxBroadcast([extents(of: result)] + shapes) == extents(of: result) else {
      throw node.error(
        "constants of shapes \(shapes.map(tuple).joined(separator: " and "))", expected: "those of the values")
    }
    return result
  }
}
