import Files
import NeuralNetwork

/// Functions of numbers at the same place.
extension ONNXTranslation {
  /// The function of an operator with one input that changes; nil for other operators.
  func activation(_ node: ONNXNode) throws -> Activation? {
    func number(_ key: String, _ standard: Float) -> Float { node.number(key, default: standard) }
    switch node.type {
    case "Relu": return .relu
    case "Sigmoid": return .sigmoid
    case "Tanh": return .tanh
    case "LeakyRelu": return .rectifier(Rectifier(negativeSlope: number("alpha", 0.01)))
    case "ThresholdedRelu": return .function(.threshold(number("alpha", 1), 0))
    case "Elu": return .function(.elu(number("alpha", 1)))
    case "Celu": return .function(.celu(number("alpha", 1)))
    case "Selu": return .function(.selu(alpha: number("alpha", 1.6732632), scale: number("gamma", 1.0507010)))
    case "HardSigmoid": return .function(.hardSigmoid(slope: number("alpha", 0.2), offset: number("beta", 0.5)))
    case "HardSwish": return .function(.hardSilu)
    case "Softplus": return .function(.softplus)
    case "Softsign": return .function(.softsign)
    case "Mish": return .function(.mish)
    case "Gelu":
      let name = node.text("approximate", default: "none")
      guard ["none", "tanh"].contains(name) else { throw node.error("approximate \(name)", expected: "none or tanh") }
      return .function(.gelu(isApproximate: name == "tanh"))
    case "Swish":
      guard number("alpha", 1) == 1 else { throw node.error("alpha \(number("alpha", 1))", expected: "1") }
      return .function(.silu)
    case "Shrink":
      let (bound, less) = (number("lambd", 0.5), number("bias", 0))
      guard less == 0 || less == bound else { throw node.error("bias \(less)", expected: "0, or lambd's \(bound)") }
      return .function(less == 0 ? .hardShrink(bound) : .softShrink(bound))
    case "Clip": return try clip(node)
    default: return Self.functions[node.type].map { .function($0) }
    }
  }

  private static let functions: [String: ElementFunction] = [
    "Abs": .absolute, "Ceil": .ceiling, "Cos": .cosine, "Erf": .errorFunction, "Exp": .exponential, "Floor": .floor,
    "Log": .logarithm, "Neg": .negative, "Reciprocal": .reciprocal, "Round": .round, "Sign": .sign, "Sin": .sine,
    "Sqrt": .squareRoot,
  ]

  /// Bounds are attributes before opset 11, then inputs.
  private func clip(_ node: ONNXNode) throws -> Activation {
    func bound(_ input: Int, _ key: String) throws -> Float? {
      guard let constant = try node.constantIfGiven(input) else { return node.attribute(key)?.f }
      guard constant.count == 1 else {
        throw node.error("\(key) of shape \(tuple(constant.shape))", expected: "one number")
      }
      return constant.reals[0]
    }
    let (low, high) = (try bound(1, "min"), try bound(2, "max"))
    if low == 0, high.map({ $0 > 0 }) ?? true {
      return .rectifier(Rectifier(maxValue: high == .infinity || high == .greatestFiniteMagnitude ? nil : high))
    }
    return .function(.clip(low ?? -.infinity, high ?? .infinity))
  }

  // MARK: Several inputs

  func combination(_ node: ONNXNode) throws -> ONNXImages {
    let function: BinaryFunction
    switch node.type {
    case "Max": function = .maximum
    case "Min": function = .minimum
    case "Sum", "Mean": function = .add
    case let name: function = Self.binary[name] ?? .add
    }
    var (images, constants): ([ONNXImages], [(input: Int, ONNXConstant)]) = ([], [])
    for index in node.inputs.indices {
      switch try node.value(index) {
      case .images(let value): images.append(value)
      case .constant(let constant): constants.append((index, constant))
      }
    }
    guard images.count + constants.count <= 1024 else {
      throw node.error("\(node.inputs.count) inputs", expected: "at most 1024")
    }
    let isMean = node.type == "Mean"
    if !["Max", "Min", "Sum", "Mean"].contains(node.type) {
      guard node.inputs.count == 2 else { throw node.error("\(node.inputs.count) inputs", expected: "2") }
      if let (input, constant) = constants.first {
        return try combined(images[0], constant, function, input: input, node)
      }
    }
    var value =
      images.count == 1 ? images[0] : try combined(images, function, divides: isMean && constants.isEmpty, node)
    for (place, (input, constant)) in constants.enumerated() {
      let isLast = place == constants.count - 1 && !isMean
      value = try combined(value, constant, function, input: input, node, suffix: isLast ? "" : "/\(place)")
    }
    if isMean, !constants.isEmpty {
      value = try keep(
        ConstantCombination(.divide, values: [Float(node.inputs.count)]).layer, value, node)
    }
    return value
  }

  /// - Parameter input: of the constant; 0 where it comes first.
  func combined(
    _ x: ONNXImages, _ constant: ONNXConstant, _ function: BinaryFunction, input: Int, _ node: ONNXNode,
    suffix: String = ""
  ) throws -> ONNXImages {
    if function == .add, x.flattening == nil, let value = try addBias(constant, input: input, to: x, node) {
      return value
    }
    let value = constant.count == 1 ? x : try settled(x, for: node)
    guard constant.count > 0 else { throw node.error("a constant without numbers", expected: "one or more") }
    let (shape, numbers, _, _) = try aligned(constant, to: value, for: node)
    let layer = ConstantCombination(function, shape: shape, values: numbers, comesFirst: input == 0)
    return try keep(layer.layer, value, node, suffix: suffix)
  }

  func combined(
    _ values: [ONNXImages], _ function: BinaryFunction, divides: Bool, _ node: ONNXNode
  ) throws -> ONNXImages {
    let arranged = try together(values, node)
    let shapes = Set(arranged.map { graph.shapes[$0.node].dimensions })
    let layer = function == .add && !divides && shapes.count == 1 ? .add : Combination(function, divides: divides).layer
    return ONNXImages(
      node: try emit(layer, arranged.map(\.node), node), axes: arranged[0].axes, merged: arranged[0].merged)
  }

  /// Values of equal rank, all with the axes of the largest one's node.
  func together(_ values: [ONNXImages], _ node: ONNXNode) throws -> [ONNXImages] {
    let values = try values.map { try settled($0, for: node) }
    guard let first = values.max(by: { graph.shapes[$0.node].count < graph.shapes[$1.node].count }) else {
      throw node.error("no inputs", expected: "one or more")
    }
    let images = first.axes.firstIndex(of: ONNXImages.batch)
    for value in values
    where value.rank != first.rank || value.axes.firstIndex(of: ONNXImages.batch) != images
      || value.merged != first.merged
    {
      throw node.error(
        "inputs of shapes \(values.map(describe).joined(separator: " and "))", expected: "equal numbers of axes")
    }
    return try values.map { try arranged($0, first.order, for: node) }
  }

  func parametricRectifier(_ node: ONNXNode) throws -> ONNXImages {
    let x = try settled(node.images(0), for: node)
    let constant = try node.constant(1)
    guard constant.type.isReal, constant.count > 0 else {
      throw node.error("slopes of whole numbers", expected: "real ones")
    }
    let (shape, slopes, order, extents) = try aligned(constant, to: x, for: node)
    let value = try keep(ParametricRectifier(shape: shape, slopes: slopes).layer, x, node)
    bind(value.node, "alpha", to: ONNXBinding(node, 1, constant, extents: extents, order: order))
    return value
  }
}
