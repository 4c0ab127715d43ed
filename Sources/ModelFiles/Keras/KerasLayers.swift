import Files
import NeuralNetwork

extension KerasTranslation {
  /// The classes that `value` knows, to tell what is missing behind a layer that cannot be read.
  static let classes: Set<String> = inferenceIdentities.union([
    "InputLayer", "Conv2D", "Convolution2D", "DepthwiseConv2D", "SeparableConv2D", "SeparableConvolution2D",
    "Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D", "Dense", "BatchNormalization",
    "BatchNormalizationV1", "SyncBatchNormalization", "MaxPooling2D", "MaxPool2D", "AveragePooling2D", "AvgPool2D",
    "GlobalAveragePooling2D", "GlobalAvgPool2D", "GlobalMaxPooling2D", "GlobalMaxPool2D", "Flatten", "Activation",
    "ReLU",
    "LeakyReLU", "ThresholdedReLU", "ELU", "PReLU", "Softmax", "Add", "Subtract", "Multiply", "Average", "Maximum",
    "Minimum", "Concatenate", "Merge", "Dot", "Rescaling", "Normalization", "LayerNormalization", "GroupNormalization",
    "UnitNormalization", "RMSNormalization", "ZeroPadding2D", "Cropping2D", "UpSampling2D", "CenterCrop", "Resizing",
    "Reshape", "Permute", "Dropout", "RepeatVector", "Identity", "Masking",
    "LayerScale", "CustomScaleLayer",
  ])

  /// Classes that work in training alone and hand on their input at inference. Not RandomCrop, which crops and resizes at
  /// inference too.
  static let inferenceIdentities: Set<String> = [
    "ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D", "AugMix",
    "AutoContrast", "CutMix", "Equalization", "MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration",
    "RandomColorJitter", "RandomContrast", "RandomElasticTransform", "RandomErasing", "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization",
    "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomWidth",
    "RandomZoom", "Solarization",
  ]

  /// Classes that prepare images (`BaseImagePreprocessingLayer` of Keras 3) and do the same whether trained or not, or nothing
  /// at inference.
  static let preprocessing: Set<String> = inferenceIdentities.subtracting([
    "ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout2D",
  ]).union(["CenterCrop", "Resizing"])

  /// The layer's value.
  func value(_ settings: KerasSettings, _ inputs: [Value]) throws -> Value {
    let layer = settings.layer
    let x = inputs[0]
    switch layer.className {
    case "Conv2D", "Convolution2D": return try convolution(settings, x)
    case "DepthwiseConv2D": return try depthwise(settings, x)
    case "SeparableConv2D", "SeparableConvolution2D": return try separable(settings, x)
    case "Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D": return try transposed(settings, x)
    case "Dense": return try dense(settings, x)
    case "BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization":
      return try batchNormalization(settings, x)
    case "MaxPooling2D", "MaxPool2D": return try pooling(settings, x, .maximum)
    case "AveragePooling2D", "AvgPool2D": return try pooling(settings, x, .average)
    case "GlobalAveragePooling2D", "GlobalAvgPool2D": return try globalPooling(settings, x, isMaximum: false)
    case "GlobalMaxPooling2D", "GlobalMaxPool2D": return try globalPooling(settings, x, isMaximum: true)
    case "Flatten":
      let isFirst = try settings.isChannelsFirst && graph.extents(of: x).count == 3
      let node = isFirst ? try graph.channelsLast(x, for: layer.name) : try graph.plain(x, for: layer.name)
      return try emit(.flatten, [node], settings)
    case "Activation", "ReLU", "LeakyReLU", "ThresholdedReLU", "ELU":
      if layer.settings["activation"]?.string == "glu" { return try gatedLinear(settings, x, axis: -1) }
      return try apply(settings.layerActivation() ?? .linear, to: x, settings)
    case "PReLU": return try parametricRectifier(settings, x)
    case "Softmax":
      let axes = try settings.axes(default: .integer(-1), rank: graph.extents(of: x).count)
      guard axes.count == 1 else { throw settings.error("axis \(axes.count)", expected: "one axis") }
      return try rowFunction(.softmax, to: x, axis: axes[0], settings)
    case "Add": return try combine(inputs, settings, nil)
    case "Subtract": return try combine(inputs, settings, Combination(.subtract))
    case "Multiply": return try combine(inputs, settings, Combination(.multiply))
    case "Average": return try combine(inputs, settings, .mean)
    case "Maximum": return try combine(inputs, settings, Combination(.maximum))
    case "Minimum": return try combine(inputs, settings, Combination(.minimum))
    case "Concatenate": return try concatenate(inputs, settings, axis: settings.integer("axis", default: -1))
    case "Merge":
      // Keras 1's class for all of these.
      switch layer.settings["mode"]?.string ?? "sum" {
      case "sum": return try combine(inputs, settings, nil)
      case "mul": return try combine(inputs, settings, Combination(.multiply))
      case "ave": return try combine(inputs, settings, .mean)
      case "max": return try combine(inputs, settings, Combination(.maximum))
      case "concat": return try concatenate(inputs, settings, axis: settings.integer("concat_axis", default: -1))
      case let mode: throw settings.error("mode \(mode)", expected: "sum, mul, ave, max or concat")
      }
    case "Rescaling": return try rescaling(settings, x)
    case "Normalization": return try normalization(settings, x)
    case "LayerNormalization": return try layerNormalization(settings, x, centers: true)
    case "RMSNormalization": return try layerNormalization(settings, x, centers: false)
    case "GroupNormalization": return try groupNormalization(settings, x)
    case "UnitNormalization":
      let axes = try settings.axes(default: .integer(-1), rank: graph.extents(of: x).count)
      return try emit(
        LengthNormalization(axes: axes.map { graph.axis($0, of: x) }).layer, [x.node], settings, isTurned: x.isTurned)
    case "ZeroPadding2D":
      let rows = try settings.margins("padding", default: 1)
      return try spatial(settings, x, Padding(top: rows[0], left: rows[2], bottom: rows[1], right: rows[3]).layer)
    case "Cropping2D":
      let rows = try settings.margins("cropping", default: 0)
      return try spatial(settings, x, Padding(top: -rows[0], left: -rows[2], bottom: -rows[1], right: -rows[3]).layer)
    case "UpSampling2D", "Resizing", "CenterCrop": return try resizing(settings, x)
    case "Reshape":
      let extents = (layer.settings["target_shape"]?.array ?? []).compactMap(\.integer)
      guard extents.count == layer.settings["target_shape"]?.array?.count ?? 0 else {
        throw settings.error(
          "target_shape \(settings.describe(layer.settings["target_shape"]))", expected: "whole numbers")
      }
      return try emit(Reshaping(extents).layer, [graph.plain(x, for: layer.name)], settings)
    case "Permute":
      let order = (layer.settings["dims"]?.array ?? []).compactMap(\.integer).map { $0 - 1 }
      return try permute(settings, x, order)
    case "RepeatVector":
      let count = try settings.integer("n")
      guard count > 0, graph.extents(of: x).count == 1 else {
        throw settings.error("n \(count)", expected: "a positive number of vectors")
      }
      let row = try emit(Reshaping([1, -1]).layer, [x.node], settings, suffix: "/row")
      return try emit(Selection([Int](repeating: 0, count: count), axis: 0, rank: 2).layer, [row.node], settings)
    case "Dropout":
      return try identity(settings, x, rate: layer.settings["rate"]?.number ?? layer.settings["p"]?.number ?? 0)
    case "LayerScale":
      // ConvNeXt's own, part of keras.applications: a factor for each channel.
      let node = try graph.plain(x, for: layer.name)
      let channels = graph.shapes[node].channels
      let gamma = try settings.weight("gamma", [channels])
      return try emit(ConstantCombination(.multiply, shape: [channels], values: gamma).layer, [node], settings)
    case "CustomScaleLayer":
      // InceptionResNetV2's own, part of keras.applications: x + scale * y.
      let (nodes, isTurned) = try graph.together(inputs, for: layer.name)
      guard nodes.count == 2 else { throw settings.error("\(nodes.count) inputs", expected: "2") }
      let scale = ConstantCombination(.multiply, values: [Float(try settings.number("scale", default: 1))])
      let scaled = try emit(scale.layer, [nodes[1]], settings, suffix: "/scaled", isTurned: isTurned)
      return try emit(.add, [nodes[0], scaled.node], settings, isTurned: isTurned)
    case "Identity", "Masking": return try identity(settings, x, rate: 0)
    case _ where Self.inferenceIdentities.contains(layer.className):
      // Written back as a Dropout of rate 0, which is the identity too.
      return try identity(settings, x, rate: 0)
    case _ where layer.isOperator: return try operatorValue(settings)
    default: throw unknownClass(layer)
    }
  }

  func identity(_ settings: KerasSettings, _ x: Value, rate: Double) throws -> Value {
    try emit(.dropout(rate: rate), [x.node], settings, isTurned: x.isTurned)
  }

  /// A layer for maps, in the order of axes that its data_format says.
  func spatial(_ settings: KerasSettings, _ x: Value, _ layer: Layer, arrays: [String: String] = [:]) throws -> Value {
    let isFirst = try settings.isChannelsFirst
    return try emit(layer, [map(settings, x)], settings, arrays: arrays, isTurned: isFirst)
  }

  /// The node with the map as (H, W, C) that a layer for maps reads.
  func map(_ settings: KerasSettings, _ x: Value) throws -> Int {
    guard graph.extents(of: x).count == 3 else {
      throw NetworkError(
        "\(settings.layer.name)/input", found: "shape \(tuple(graph.extents(of: x)))",
        expected: "a feature map (height, width, channels)")
    }
    return try settings.isChannelsFirst
      ? graph.channelsLast(x, for: settings.layer.name) : graph.plain(x, for: settings.layer.name)
  }

  // MARK: Functions

  func apply(_ activation: Activation, to x: Value, _ settings: KerasSettings) throws -> Value {
    guard !activation.isElementwise else {
      return try emit(.activation(activation), [x.node], settings, isTurned: x.isTurned)
    }
    return try rowFunction(activation, to: x, axis: graph.extents(of: x).count - 1, settings)
  }

  /// A function of rows along an axis of the file's value.
  func rowFunction(_ activation: Activation, to x: Value, axis: Int, _ settings: KerasSettings) throws -> Value {
    let own = graph.axis(axis, of: x)
    let isLast = own == graph.shapes[x.node].dimensions.count - 1
    return try emit(
      isLast ? .activation(activation) : AxisActivation(activation, axis: own).layer, [x.node], settings,
      isTurned: x.isTurned)
  }

  /// The first half of an axis times the sigmoid of the second.
  func gatedLinear(_ settings: KerasSettings, _ x: Value, axis: Int) throws -> Value {
    let node = try graph.plain(x, for: settings.layer.name)
    let extents = graph.shapes[node].dimensions
    let own = try settings.axis(axis, rank: extents.count)
    guard extents[own] % 2 == 0 else { throw settings.error("\(extents[own]) channels", expected: "an even number") }
    let half = extents[own] / 2
    let value = try emit(
      Selection(Array(0..<half), axis: own, rank: extents.count).layer, [node], settings, suffix: "/value")
    let gate = try emit(
      Selection(Array(half..<2 * half), axis: own, rank: extents.count).layer, [node], settings, suffix: "/gate")
    let open = try emit(.activation(.sigmoid), [gate.node], settings, suffix: "/sigmoid")
    return try emit(Combination(.multiply).layer, [value.node, open.node], settings)
  }

  private func parametricRectifier(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let extents = graph.extents(of: x)
    let shared = (settings.layer.settings["shared_axes"]?.array ?? []).compactMap(\.integer)
    let own = try shared.map { try settings.axis($0, rank: extents.count) }
    let shape = extents.indices.map { own.contains($0) ? 1 : extents[$0] }
    let slopes = try settings.weight("alpha", shape)
    return try emit(
      ParametricRectifier(shape: shape, slopes: slopes).layer, [graph.plain(x, for: settings.layer.name)], settings)
  }

  // MARK: Several inputs

  /// - Parameter combination: nil for the sum of equal shapes, which has a layer of its own.
  func combine(_ inputs: [Value], _ settings: KerasSettings, _ combination: Combination?) throws -> Value {
    let (nodes, isTurned) = try graph.together(inputs, for: settings.layer.name)
    let shapes = Set(nodes.map { graph.shapes[$0].dimensions })
    let layer: Layer
    if let combination {
      if combination.function == .subtract, nodes.count != 2 {
        throw settings.error("\(nodes.count) inputs", expected: "2")
      }
      layer = combination.layer
    } else {
      layer = shapes.count == 1 || broadcasts(shapes) == false ? .add : Combination(.add).layer
    }
    return try emit(layer, nodes, settings, isTurned: isTurned)
  }

  private func broadcasts(_ shapes: Set<[Int]>) -> Bool {
    guard Set(shapes.map(\.count)).count == 1, let first = shapes.first else { return false }
    return first.indices.allSatisfy { axis in Set(shapes.map { $0[axis] }).subtracting([1]).count <= 1 }
  }

  func concatenate(_ inputs: [Value], _ settings: KerasSettings, axis: Int) throws -> Value {
    let rank = graph.extents(of: inputs[0]).count
    let own = try settings.axis(axis, rank: rank)
    let (nodes, isTurned) = try graph.together(inputs, for: settings.layer.name)
    return try emit(
      .concatenate(axis: isTurned ? [2, 0, 1][own] : own), nodes, settings, isTurned: isTurned)
  }

  func permute(_ settings: KerasSettings, _ x: Value, _ order: [Int]) throws -> Value {
    // (C, H, W) → (H, W, C) of what is held that way already.
    if x.isTurned, order == [1, 2, 0] { return try emit(.dropout(rate: 0), [x.node], settings) }
    if !x.isTurned, order == [2, 0, 1], graph.extents(of: x).count == 3 {
      return try emit(.dropout(rate: 0), [x.node], settings, isTurned: true)
    }
    return try emit(Permutation(order).layer, [graph.plain(x, for: settings.layer.name)], settings)
  }
}
