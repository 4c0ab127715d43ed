import Files
import NeuralNetwork

/// One node of an ONNX graph with its inputs; every error names the file, the node, its operator and the attribute.
struct ONNXNode {
  let proto: ONNXNodeProto
  /// Its index among the graph's own nodes; nil inside a branch or a function.
  let place: Int?
  /// As the network calls it: the node's name, or that of its first output.
  let name: String
  let location: String
  /// The version of the operators.
  let opset: Int
  /// nil for one that was left out.
  var inputs: [ONNXValue?]
  /// What an attribute of a function's node refers to.
  var arguments: [String: ONNXAttributeProto] = [:]

  var type: String { proto.opType }

  func error(_ found: String, expected: String) -> InputError {
    InputError("\(location): \(name) (\(type))", found: found, expected: expected)
  }

  // MARK: Inputs

  func has(_ index: Int) -> Bool { inputs.indices.contains(index) && inputs[index] != nil }

  func value(_ index: Int) throws -> ONNXValue {
    guard inputs.indices.contains(index), let value = inputs[index] else {
      throw error("no input \(index)", expected: "one")
    }
    return value
  }

  /// An input that each image has its own of, as it lies.
  func images(_ index: Int) throws -> ONNXImages {
    let value = try anyImages(index)
    guard value.truth == nil else { throw error("truth values as input \(index)", expected: "numbers") }
    guard value.merged == 0 || Self.takesRows.contains(type) else {
      throw error("the positions of all images as one axis", expected: "an axis of the images alone")
    }
    return value
  }

  /// Operators that treat each row of numbers alike, whichever image it is of.
  private static let takesRows = Set(
    ["MatMul", "Gemm", "Add", "Sub", "Mul", "Div", "Pow", "Reshape", "Cast"] + ONNXTranslation.elementwise)

  /// The same, truth values too.
  func anyImages(_ index: Int) throws -> ONNXImages {
    guard case .images(let value) = try value(index) else {
      throw error("a constant as input \(index)", expected: "a value computed from the images")
    }
    return value
  }

  /// A constant input, such as weights.
  func constant(_ index: Int) throws -> ONNXConstant {
    guard case .constant(let value) = try value(index) else {
      throw error("input \(index) computed from the images", expected: "a constant")
    }
    return value
  }

  /// nil where there is none.
  func constantIfGiven(_ index: Int) throws -> ONNXConstant? { has(index) ? try constant(index) : nil }

  /// A constant input of real numbers with one axis of `count`.
  func vector(_ index: Int, _ count: Int) throws -> ONNXConstant {
    let constant = try constant(index)
    guard constant.shape == [count], constant.type.isReal else {
      throw error("input \(index) of shape \(tuple(constant.shape))", expected: "(\(count))")
    }
    return constant
  }

  /// A constant input of whole numbers.
  func integers(_ index: Int) throws -> [Int] {
    guard let integers = try constant(index).integers else {
      throw error("real numbers in input \(index)", expected: "whole ones")
    }
    return integers
  }

  // MARK: Attributes

  func attribute(_ key: String) -> ONNXAttributeProto? {
    guard let attribute = proto.attribute.first(where: { $0.name == key }) else { return nil }
    return attribute.hasRefAttrName ? arguments[attribute.refAttrName] : attribute
  }

  func has(_ key: String) -> Bool { attribute(key) != nil }

  func integer(_ key: String, default standard: Int) -> Int { attribute(key).map { Int($0.i) } ?? standard }

  /// A whole number in a range.
  func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) throws -> Int {
    let value = integer(key, default: standard)
    guard range.contains(value) else {
      throw error("\(key) \(value)", expected: "\(range.lowerBound)...\(range.upperBound)")
    }
    return value
  }

  func flag(_ key: String, default standard: Bool) -> Bool { integer(key, default: standard ? 1 : 0) != 0 }

  func number(_ key: String, default standard: Float) -> Float { attribute(key)?.f ?? standard }

  func text(_ key: String, default standard: String) -> String {
    attribute(key).map { String(decoding: $0.s, as: UTF8.self) } ?? standard
  }

  func integers(_ key: String) -> [Int]? { attribute(key)?.ints.map { Int($0) } }

  /// Whole numbers in a range, as many as wanted.
  func integers(_ key: String, default standard: [Int], in range: ClosedRange<Int> = 1...65_536) throws -> [Int] {
    let values = integers(key) ?? standard
    guard values.count == standard.count, values.allSatisfy(range.contains) else {
      throw error(
        "\(key) \(tuple(Array(values.prefix(8))))",
        expected: "\(standard.count) numbers in \(range.lowerBound)...\(range.upperBound)")
    }
    return values
  }

  /// Whole numbers that newer operators take as an input and older ones as an attribute; nil where neither is there.
  func integers(input: Int, orAttribute key: String) throws -> [Int]? {
    has(input) ? try integers(input) : integers(key)
  }

  // MARK: Axes

  /// An axis counted from the front.
  func axis(_ axis: Int, rank: Int, key: String = "axis") throws -> Int {
    guard (-rank..<rank).contains(axis) else { throw error("\(key) \(axis)", expected: "\(-rank)...\(rank - 1)") }
    return axis < 0 ? axis + rank : axis
  }

  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank, key: "axes") }
    guard Set(result).count == result.count else { throw error("axes \(tuple(axes))", expected: "each axis once") }
    return result
  }

  /// The axis of one image's value for the file's axis.
  /// - Throws: for that of the images.
  func own(_ axis: Int, of value: ONNXImages) throws -> Int {
    guard value.axes[axis] != ONNXImages.batch else {
      throw error("axis \(axis), along which the images lie", expected: "another axis")
    }
    return value.axes[axis]
  }
}
