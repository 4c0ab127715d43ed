import Files
import NeuralNetwork

/// Operators: functions of Keras 3's `keras.ops` in a graph, and TensorFlow's in one of Keras 2 (`TFOpLambda`).
extension KerasTranslation {
  /// TensorFlow's functions by the last part of their names, where Keras 3 calls them otherwise.
  private static let functions = [
    "__getitem__": "GetItem", "getitem": "GetItem", "truediv": "Divide", "div": "Divide", "sub": "Subtract",
    "mul": "Multiply", "neg": "Negative", "pow": "Power", "reduce_mean": "Mean", "reduce_sum": "Sum",
    "reduce_max": "Max", "reduce_min": "Min", "reduce_prod": "Prod", "concat": "Concatenate", "swish": "Silu",
    "clip_by_value": "Clip", "true_divide": "Divide", "abs": "Absolute", "convert_to_tensor": "Identity",
    "stop_gradient": "Identity", "cast": "Identity", "identity": "Identity", "permute_dims": "Transpose",
  ]

  private static let unary: [String: ElementFunction] = [
    "Exp": .exponential, "Log": .logarithm, "Sqrt": .squareRoot, "Absolute": .absolute, "Abs": .absolute,
    "Negative": .negative, "Square": .square, "Reciprocal": .reciprocal, "Sin": .sine, "Cos": .cosine,
    "Erf": .errorFunction, "Sign": .sign, "Floor": .floor, "Ceil": .ceiling, "Round": .round,
  ]

  private static let binary: [String: BinaryFunction] = [
    "Add": .add, "Subtract": .subtract, "Multiply": .multiply, "Divide": .divide, "TrueDivide": .divide,
    "Maximum": .maximum, "Minimum": .minimum, "Power": .power,
  ]

  private static let reductions: [String: Reduction.Kind] = [
    "Mean": .mean, "Sum": .sum, "Max": .maximum, "Min": .minimum, "Prod": .product, "Amax": .maximum, "Amin": .minimum,
  ]

  func operatorValue(_ settings: KerasSettings) throws -> Value {
    let name = try operatorName(settings)
    let call = Call(settings)
    if let function = Self.binary[name] { return try binary(function, call) }
    let x = try operand(call, 0, "x", "input_tensor", "features", "logits", "input", "inputs", "value", "tensor", "a")
    if let function = Self.unary[name] { return try apply(.function(function), to: x, settings) }
    if let kind = Self.reductions[name] { return try reduce(kind, x, call) }
    let rank = graph.extents(of: x).count
    switch name {
    case "Identity", "Cast", "StopGradient", "Copy": return try identity(settings, x, rate: 0)
    case "Rsqrt":
      return try emit(
        ConstantCombination(.power, values: [-0.5]).layer, [x.node], settings, isTurned: x.isTurned)
    case "Clip":
      let low = try call.number("x_min", "clip_value_min", at: 1),
        high = try call.number("x_max", "clip_value_max", at: 2)
      return try apply(.function(.clip(low ?? -.infinity, high ?? .infinity)), to: x, settings)
    case "Softmax", "LogSoftmax", "Glu":
      let axis = try settings.axis(call.integer("axis", at: 1) ?? -1, rank: rank)
      if name == "Glu" { return try gatedLinear(settings, x, axis: axis + 1) }
      return try rowFunction(name == "Softmax" ? .softmax : .logSoftmax, to: x, axis: axis, settings)
    case "LeakyRelu":
      let slope = try call.number("negative_slope", "alpha", at: 1) ?? 0.2
      return try apply(.rectifier(Rectifier(negativeSlope: slope)), to: x, settings)
    case "Elu": return try apply(.function(.elu(call.number("alpha", at: 1) ?? 1)), to: x, settings)
    case "Celu": return try apply(.function(.celu(call.number("alpha", at: 1) ?? 1)), to: x, settings)
    case "Gelu":
      // keras.ops takes the approximation by default, unlike keras.activations and TensorFlow.
      let standard = settings.layer.className == "ops.Gelu"
      return try apply(
        .function(.gelu(isApproximate: call.flag("approximate", at: 1) ?? standard)), to: x, settings)
    case "Transpose":
      let axes = try call.integers("axes", "perm", at: 1) ?? Array((0...rank).reversed())
      guard axes.first == 0 else { throw settings.error("axes \(tuple(axes))", expected: "the batch as the first one") }
      return try permute(settings, x, axes.dropFirst().map { $0 - 1 })
    case "Reshape", "Squeeze", "ExpandDims": return try reshape(name, x, call)
    case "Flatten": return try emit(.flatten, [graph.plain(x, for: settings.layer.name)], settings)
    case "Concatenate":
      return try concatenate(call.operands.map(value(named:)), settings, axis: call.integer("axis", at: 1) ?? -1)
    case "GetItem": return try item(x, call)
    case "Matmul":
      let inputs = try call.operands.map { try graph.plain(value(named: $0), for: settings.layer.name) }
      return try emit(MatrixProduct().layer, inputs, settings)
    case "Pad": return try pad(x, call)
    default:
      // `relu`, `hard_sigmoid` …: the functions that layers know by their names.
      let words = KerasPlace.snakeCase(name)
      guard let activation = Self.activationNames.contains(words) ? KerasSettings.activation(named: words, 3) : nil
      else {
        throw unknownClass(settings.layer)
      }
      return try apply(activation, to: x, settings)
    }
  }

  private static let activationNames: Set<String> = [
    "relu", "relu6", "sigmoid", "tanh", "silu", "selu", "softplus", "softsign", "hard_sigmoid", "hard_silu",
    "hard_tanh",
    "log_sigmoid", "mish", "squareplus", "sparse_plus", "sparse_sigmoid", "hard_shrink", "soft_shrink", "tanh_shrink",
    "threshold",
  ]

  private func operatorName(_ settings: KerasSettings) throws -> String {
    let layer = settings.layer
    if layer.className.hasPrefix("ops.") { return String(layer.className.dropFirst(4)) }
    if layer.className == "SlicingOpLambda" { return "GetItem" }
    guard let function = layer.settings["function"]?.string, let last = function.split(separator: ".").last else {
      throw settings.error("function \(settings.describe(layer.settings["function"]))", expected: "a name")
    }
    if let known = Self.functions[String(last)] { return known }
    return last.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// What an operator was called with.
  struct Call {
    let settings: KerasSettings
    let call: KerasCall

    init(_ settings: KerasSettings) { (self.settings, call) = (settings, settings.layer.call ?? KerasCall()) }

    /// The names of the layers that it reads.
    var operands: [String] { call.tensors.map(\.layer) }

    /// An argument by its place, or by its name in the call or in the settings.
    func argument(_ names: [String], at place: Int) -> KerasArgument? {
      if place < call.positional.count { return call.positional[place] }
      for name in names {
        if let argument = call.keywords[name] { return argument }
        if let value = settings.layer.settings[name] { return .value(value) }
      }
      return nil
    }

    func value(_ names: [String], at place: Int) -> JSONValue? {
      guard let value = argument(names, at: place)?.plain, value != .null else { return nil }
      return value
    }

    func number(_ names: String..., at place: Int) throws -> Float? {
      try value(names, at: place).map {
        guard let number = $0.number else {
          throw settings.error("\(names[0]) \(settings.describe($0))", expected: "a number")
        }
        return Float(number)
      }
    }

    func integer(_ names: String..., at place: Int) throws -> Int? {
      try value(names, at: place).map {
        guard let number = $0.integer else {
          throw settings.error("\(names[0]) \(settings.describe($0))", expected: "a whole number")
        }
        return number
      }
    }

    func flag(_ names: String..., at place: Int) -> Bool? { value(names, at: place)?.bool }

    /// Whole numbers, -1 for null.
    func integers(_ names: String..., at place: Int) throws -> [Int]? {
      try value(names, at: place).map { value in
        let parts = value.array ?? [value]
        let numbers = parts.compactMap { $0 == .null ? -1 : $0.integer }
        guard numbers.count == parts.count else {
          throw settings.error("\(names[0]) \(settings.describe(value))", expected: "whole numbers")
        }
        return numbers
      }
    }
  }

  private func value(named name: String) throws -> Value {
    guard let value = value(of: name) else {
      throw InputError(name, found: "no such layer", expected: "a layer before it")
    }
    return value
  }

  private func operand(_ call: Call, _ place: Int, _ names: String...) throws -> Value {
    if case .tensor(let tensor)? = call.argument(names, at: place) { return try value(named: tensor.layer) }
    guard let first = call.operands.first else {
      throw call.settings.error("no input", expected: "the output of a layer")
    }
    return try value(named: first)
  }

  private func binary(_ function: BinaryFunction, _ call: Call) throws -> Value {
    let settings = call.settings
    let arguments = [call.argument(["x", "x1", "a"], at: 0), call.argument(["y", "x2", "b"], at: 1)]
    var operands: [Value] = []
    var constant: (shape: [Int], values: [Float], comesFirst: Bool)?
    for (place, argument) in arguments.enumerated() {
      if case .tensor(let tensor)? = argument {
        operands.append(try value(named: tensor.layer))
      } else if let value = argument?.plain, let (shape, values) = value.constant {
        constant = (shape, values, place == 0)
      } else {
        throw settings.error("an operand of an unknown form", expected: "a layer's output or numbers")
      }
    }
    if operands.count == 2 {
      let ranks = operands.map { graph.extents(of: $0).count }
      guard ranks[0] == ranks[1] else {
        throw settings.error("inputs of \(ranks[0]) and \(ranks[1]) axes", expected: "as many axes")
      }
      return try combine(operands, settings, function == .add ? nil : Combination(function))
    }
    guard let x = operands.first, let constant else {
      throw settings.error("constants alone", expected: "the output of a layer")
    }
    // A constant may have an axis of the batch, of extent 1.
    let rank = graph.extents(of: x).count
    let shape =
      constant.shape.count == rank + 1 && constant.shape[0] == 1 ? Array(constant.shape.dropFirst()) : constant.shape
    let node = shape.allSatisfy { $0 == 1 } ? x.node : try graph.plain(x, for: settings.layer.name)
    return try emit(
      ConstantCombination(
        function, shape: shape.allSatisfy { $0 == 1 } ? [] : shape, values: constant.values,
        comesFirst: constant.comesFirst
      ).layer, [node], settings, isTurned: node == x.node && x.isTurned)
  }

  private func reduce(_ kind: Reduction.Kind, _ x: Value, _ call: Call) throws -> Value {
    let settings = call.settings
    let rank = graph.extents(of: x).count
    guard let given = try call.integers("axis", at: 1) else {
      throw settings.error("a reduction over the batch", expected: "axes of one image")
    }
    let axes = try given.map { try settings.axis($0, rank: rank) }
    let keeps = call.flag("keepdims", "keep_dims", at: 2) ?? false
    if x.isTurned, Set(axes) == [1, 2] {
      return try emit(
        Reduction(kind, axes: [0, 1], keepsDimensions: keeps).layer, [x.node], settings, isTurned: keeps)
    }
    return try emit(
      Reduction(kind, axes: axes, keepsDimensions: keeps).layer, [graph.plain(x, for: settings.layer.name)], settings)
  }

  private func reshape(_ name: String, _ x: Value, _ call: Call) throws -> Value {
    let settings = call.settings
    let node = try graph.plain(x, for: settings.layer.name)
    var extents = graph.shapes[node].dimensions
    switch name {
    case "Squeeze":
      let axes = try call.integers("axis", at: 1).map { try $0.map { try settings.axis($0, rank: extents.count) } }
      let gone = axes ?? extents.indices.filter { extents[$0] == 1 }
      extents = extents.indices.filter { !gone.contains($0) }.map { extents[$0] }
    case "ExpandDims":
      for axis in try call.integers("axis", at: 1) ?? [-1] {
        extents.insert(1, at: try settings.axis(axis, rank: extents.count + 1))
      }
    default:
      guard let target = try call.integers("newshape", "shape", at: 1), !target.isEmpty else {
        throw settings.error("a shape that is computed", expected: "numbers")
      }
      extents = Array(target.dropFirst())
    }
    return try emit(Reshaping(extents).layer, [node], settings)
  }

  /// x[:, 1:, ::2] and the like.
  private func item(_ x: Value, _ call: Call) throws -> Value {
    let settings = call.settings
    let node = try graph.plain(x, for: settings.layer.name)
    let extents = graph.shapes[node].dimensions
    guard let value = call.value(["key", "slice_spec"], at: 1) else {
      throw settings.error("no slice", expected: "one")
    }
    var parts = value["config"] == nil ? value.array ?? [value] : [value]
    if let open = parts.firstIndex(where: { $0.string == "..." || $0["class_name"]?.string == "__ellipsis__" }) {
      let missing = extents.count + 1 - (parts.count - 1)
      let all = JSONValue.object([:])
      parts.replaceSubrange(open...open, with: [JSONValue](repeating: all, count: max(0, missing)))
    }
    var indices = [[Int]?](repeating: nil, count: extents.count)
    var gone: Set<Int> = []
    for (place, part) in parts.enumerated() {
      let slice = part["config"] ?? part
      func bound(_ key: String) -> Int? { slice[key]?.integer }
      guard place > 0 else {
        guard [bound("start"), bound("stop"), bound("step")].allSatisfy({ $0 == nil }), slice.integer == nil else {
          throw settings.error("a slice of the batch", expected: "all images")
        }
        continue
      }
      guard place - 1 < extents.count else {
        throw settings.error("\(parts.count) slices", expected: "as many as axes")
      }
      let extent = extents[place - 1]
      if let index = part.integer {
        let own = index < 0 ? index + extent : index
        guard (0..<extent).contains(own) else { throw settings.error("index \(index)", expected: "0...\(extent - 1)") }
        indices[place - 1] = [own]
        gone.insert(place - 1)
        continue
      }
      let step = bound("step") ?? 1
      guard step != 0 else { throw settings.error("a step of 0", expected: "another one") }
      func clamped(_ value: Int) -> Int {
        min(max(value < 0 ? value + extent : value, step > 0 ? 0 : -1), step > 0 ? extent : extent - 1)
      }
      let start = bound("start").map(clamped) ?? (step > 0 ? 0 : extent - 1)
      let stop = bound("stop").map(clamped) ?? (step > 0 ? extent : -1)
      indices[place - 1] = Array(stride(from: start, to: stop, by: step))
    }
    guard !gone.isEmpty else { return try emit(Selection(indices).layer, [node], settings) }
    let chosen = try emit(Selection(indices).layer, [node], settings, suffix: "/chosen")
    let left = graph.shapes[chosen.node].dimensions.enumerated().filter { !gone.contains($0.offset) }.map(\.element)
    return try emit(Reshaping(left).layer, [chosen.node], settings)
  }

  private func pad(_ x: Value, _ call: Call) throws -> Value {
    let settings = call.settings
    let node = try graph.plain(x, for: settings.layer.name)
    let rank = graph.shapes[node].dimensions.count
    let rows = call.value(["pad_width", "paddings"], at: 1)?.array ?? []
    let pairs = rows.map { ($0.array ?? []).compactMap(\.integer) }
    guard pairs.count == rank + 1, pairs.allSatisfy({ $0.count == 2 && $0.allSatisfy((0..<65_536).contains) }),
      pairs[0] == [0, 0]
    else { throw settings.error("padding of an unknown form", expected: "two numbers for each axis but the batch") }
    let value = try call.number("constant_values", at: 3) ?? 0
    let mode: Padding.Mode
    switch (call.value(["mode"], at: 2)?.string ?? "constant").lowercased() {
    case "constant": mode = .constant(value)
    case "reflect": mode = .reflect
    case "symmetric": mode = .symmetric
    case let other: throw settings.error("mode \(other)", expected: "constant, reflect or symmetric")
    }
    return try emit(
      Padding(before: pairs.dropFirst().map { $0[0] }, after: pairs.dropFirst().map { $0[1] }, mode: mode).layer,
      [node],
      settings)
  }
}

extension KerasArgument {
  /// The value without tensors in it; nil where there is one.
  fileprivate var plain: JSONValue? {
    switch self {
    case .tensor: return nil
    case .value(let value): return value
    case .list(let parts):
      // Each part once, for lists lie in lists.
      let values = parts.compactMap(\.plain)
      return values.count == parts.count ? .array(values) : nil
    }
  }
}

extension JSONValue {
  /// Numbers in lists of equal lengths, with their shape.
  fileprivate var constant: (shape: [Int], values: [Float])? {
    if let inner = self["config"]?["value"] { return inner.constant }
    if let number { return ([], [Float(number)]) }
    if let bool { return ([], [bool ? 1 : 0]) }
    guard let array, !array.isEmpty else { return nil }
    let parts = array.compactMap(\.constant)
    guard parts.count == array.count, parts.allSatisfy({ $0.shape == parts[0].shape }) else { return nil }
    return ([parts.count] + parts[0].shape, parts.flatMap(\.values))
  }
}
