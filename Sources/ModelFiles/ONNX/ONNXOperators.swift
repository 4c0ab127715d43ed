import Files
import NeuralNetwork

/// The operators that are read.
extension ONNXTranslation {
  private static let window: Set<String> = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"]
  private static let reduction: Set<String> = ["axes", "keepdims", "noop_with_empty_axes"]
  /// Of operators that read their older versions' attributes too; 0 or an empty list there.
  private static let legacy: Set<String> = ["consumed_inputs"]

  /// By operator: the attributes that are read. Source: ONNX, Operators.md and Changelog.md.
  static let attributes: [String: Set<String>] = {
    var table: [String: Set<String>] = [
      "AveragePool": window.union(["ceil_mode", "count_include_pad"]),
      "BatchNormalization": ["epsilon", "momentum", "training_mode", "spatial"],
      "Cast": ["to", "saturate", "round_mode"], "CastLike": ["saturate", "round_mode"], "Celu": ["alpha"],
      "Clip": ["min", "max"], "Concat": ["axis"],
      "Constant": ["value", "value_float", "value_floats", "value_int", "value_ints"], "ConstantOfShape": ["value"],
      "Conv": window.union(["group"]),
      "ConvTranspose": window.union(["group", "output_padding", "output_shape"]),
      "DepthToSpace": ["blocksize", "mode"], "Dropout": ["ratio", "seed"], "Elu": ["alpha"], "Flatten": ["axis"],
      "Gather": ["axis"], "GatherND": ["batch_dims"], "Gelu": ["approximate"],
      "Gemm": ["alpha", "beta", "transA", "transB", "broadcast"],
      "GlobalLpPool": ["p"], "GroupNormalization": ["epsilon", "num_groups", "stash_type"],
      "HardSigmoid": ["alpha", "beta"], "If": ["then_branch", "else_branch"], "InstanceNormalization": ["epsilon"],
      "LRN": ["alpha", "beta", "bias", "size"], "LayerNormalization": ["axis", "epsilon", "stash_type"],
      "LeakyRelu": ["alpha"], "LogSoftmax": ["axis"], "LpNormalization": ["axis", "p"],
      "LpPool": window.union(["p", "ceil_mode"]), "MaxPool": window.union(["ceil_mode", "storage_order"]),
      "Mod": ["fmod"], "Pad": ["mode", "pads", "value"], "RMSNormalization": ["axis", "epsilon", "stash_type"],
      "Reshape": ["allowzero"],
      "Resize": [
        "antialias", "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside",
        "extrapolation_value",
        "keep_aspect_ratio_policy", "mode", "nearest_mode",
      ],
      "Selu": ["alpha", "gamma"], "Shape": ["start", "end"], "Shrink": ["bias", "lambd"],
      "Slice": ["axes", "starts", "ends"],
      "Softmax": ["axis"], "SpaceToDepth": ["blocksize"], "Split": ["axis", "split", "num_outputs"],
      "Squeeze": ["axes"], "Swish": ["alpha"], "ThresholdedRelu": ["alpha"], "Transpose": ["perm"],
      "Unsqueeze": ["axes"],
      "Upsample": ["mode", "scales"],
    ]
    for name in [
      "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
      "ReduceSumSquare",
    ] {
      table[name] = reduction
    }
    for name in elementwise + ["Identity", "GlobalAveragePool", "GlobalMaxPool", "MatMul", "PRelu", "Where", "Expand"]
      + ["Tile", "Range", "Size", "Not", "Sum", "Mean", "Max", "Min"] + Array(binary.keys) + comparisons
    {
      table[name] = legacy
    }
    return table
  }()

  /// Functions of one number without settings.
  static let elementwise = [
    "Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "HardSwish", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Round",
    "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Sqrt", "Tanh",
  ]

  /// Functions of two numbers.
  static let binary: [String: BinaryFunction] = [
    "Add": .add, "Sub": .subtract, "Mul": .multiply, "Div": .divide, "Pow": .power,
  ]

  /// Functions of two constants alone.
  static let comparisons = ["And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor"]

  /// The values that a node makes.
  func translate(_ node: ONNXNode, _ scope: Scope) throws -> [ONNXValue] {
    if node.type == "If" { return try branch(node, scope) }
    if let constants = try folded(node) { return constants.map { .constant($0) } }
    if node.type == "Split" { return try split(node).map { .images($0) } }
    return [try images(node)].map { .images($0) }
  }

  private func images(_ node: ONNXNode) throws -> ONNXImages {
    switch node.type {
    case "Conv": return try convolution(node)
    case "ConvTranspose": return try transposedConvolution(node)
    case "Gemm": return try gemm(node)
    case "MatMul": return try matrixProduct(node)
    case "MaxPool", "AveragePool", "LpPool": return try pooling(node)
    case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool": return try globalPooling(node)
    case "BatchNormalization": return try batchNormalization(node)
    case "InstanceNormalization": return try instanceNormalization(node)
    case "GroupNormalization": return try groupNormalization(node)
    case "LayerNormalization", "RMSNormalization": return try layerNormalization(node)
    case "LpNormalization": return try lengthNormalization(node)
    case "LRN": return try neighbourNormalization(node)
    case "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean": return try combination(node)
    case "PRelu": return try parametricRectifier(node)
    case "Softmax", "LogSoftmax": return try softmax(node)
    case "Cast", "CastLike": return try cast(node)
    case "Identity", "Dropout": return try identity(node)
    case "Where": return try choice(node)
    case "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Not": return try truths(node)
    case "Reshape", "Flatten", "Squeeze", "Unsqueeze": return try reshape(node)
    case "Transpose": return try transpose(node)
    case "Concat": return try concatenation(node)
    case "Slice", "Gather", "GatherND", "Tile", "Expand": return try selection(node)
    case "Pad": return try padding(node)
    case "DepthToSpace", "SpaceToDepth": return try blocks(node)
    case "Resize", "Upsample": return try resizing(node)
    case let name where name.hasPrefix("Reduce"): return try reduction(node)
    default:
      guard let activation = try activation(node) else {
        throw node.error("inputs computed from the images", expected: "constants")
      }
      return try keep(.activation(activation), node.images(0), node)
    }
  }

  private func identity(_ node: ONNXNode) throws -> ONNXImages {
    if node.type == "Dropout", node.has(2), try node.constant(2).integers?.first != 0 {
      throw node.error("training_mode 1", expected: "a model that was exported for inference")
    }
    return try node.anyImages(0)
  }

  private func cast(_ node: ONNXNode) throws -> ONNXImages {
    let code =
      node.type == "Cast" ? Int32(clamping: node.integer("to", default: 1)) : try node.constant(1).type.rawValue
    let value = try node.anyImages(0)
    guard let type = ONNXElementType(rawValue: code), type.isReal || type == .bool else {
      throw node.error("to \(ONNXElementType.name(code))", expected: "FLOAT, FLOAT16, BFLOAT16, DOUBLE or BOOL")
    }
    if type.isReal { return try numbers(value, node) }
    if value.truth != nil { return value }
    // What is not 0 is true.
    var sizes = try keep(.activation(.function(.absolute)), value, node)
    sizes.truth = true
    return sizes
  }
}
