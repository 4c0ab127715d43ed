import Files
import NeuralNetwork

/// Layers that scale, and those that change the size of maps.
extension KerasTranslation {
  func batchNormalization(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let extents = graph.extents(of: x)
    let axes = try settings.axes(default: .integer(-1), rank: extents.count)
    guard axes.count == 1 else {
      throw settings.error("axis \(settings.describe(settings.layer.settings["axis"]))", expected: "one axis")
    }
    let channels = extents[axes[0]]
    let epsilon = try settings.number("epsilon", default: 1e-3)
    let variance = try settings.weight("moving_variance", [channels])
    guard epsilon >= 0, variance.allSatisfy({ $0 >= 0 && $0 + Float(epsilon) > 0 }) else {
      throw settings.error("a variance that is not positive", expected: "moving_variance + epsilon > 0")
    }
    let layer = BatchNormalization(
      gamma: try settings.flag("scale", default: true) ? settings.weight("gamma", [channels]) : nil,
      beta: try settings.flag("center", default: true) ? settings.weight("beta", [channels]) : nil,
      mean: try settings.weight("moving_mean", [channels]), variance: variance, epsilon: Float(epsilon))
    let own = graph.axis(axes[0], of: x)
    let rank = graph.shapes[x.node].dimensions.count
    if own == rank - 1 { return try emit(.batchNormalization(layer), [x.node], settings, isTurned: x.isTurned) }
    var order = Array(0..<rank)
    order.swapAt(own, rank - 1)
    let turned = try emit(Permutation(order).layer, [x.node], settings, suffix: "/turned")
    let value = try emit(.batchNormalization(layer), [turned.node], settings)
    return try emit(Permutation(order).layer, [value.node], settings, suffix: "/back", isTurned: x.isTurned)
  }

  func rescaling(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let scale = try settings.numbers("scale", default: 1)
    let offset = try settings.numbers("offset", default: 0)
    // One number serves every order of axes; several are along the file's last one.
    let node = scale.count == 1 && offset.count == 1 ? x.node : try graph.plain(x, for: settings.layer.name)
    return try emit(
      .rescaling(scale: scale, offset: offset), [node], settings, isTurned: node == x.node && x.isTurned)
  }

  /// (x - mean) / max(sqrt(variance), 1e-7). Source: Keras 3, Normalization.
  func normalization(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try graph.plain(x, for: settings.layer.name)
    let extents = graph.shapes[node].dimensions
    let hasAxes = settings.has("axis")
    let axes = hasAxes ? try settings.axes(default: .integer(-1), rank: extents.count) : []
    let shape = extents.indices.map { axes.contains($0) ? extents[$0] : 1 }
    let count = shape.reduce(1, *)
    func statistics(_ name: String, _ array: String) throws -> [Float] {
      if settings.has(name) {
        let numbers = try settings.numbers(name, default: 0)
        guard numbers.count == 1 || numbers.count == count else {
          throw settings.error("\(numbers.count) numbers in \(name)", expected: "1 or \(count)")
        }
        return numbers.count == count ? numbers : [Float](repeating: numbers[0], count: count)
      }
      return try settings.weight(array, axes.isEmpty ? [] : axes.sorted().map { extents[$0] })
    }
    let mean = try statistics("mean", "mean")
    let deviation = try statistics("variance", "variance").map { max($0.squareRoot(), 1e-7) }
    guard try settings.flag("invert", default: false) == false else {
      let scaled = try emit(
        ConstantCombination(.multiply, shape: shape, values: deviation).layer, [node], settings, suffix: "/scaled")
      return try emit(ConstantCombination(.add, shape: shape, values: mean).layer, [scaled.node], settings)
    }
    let centred = try emit(
      ConstantCombination(.subtract, shape: shape, values: mean).layer, [node], settings, suffix: "/centred")
    return try emit(ConstantCombination(.divide, shape: shape, values: deviation).layer, [centred.node], settings)
  }

  func layerNormalization(_ settings: KerasSettings, _ x: Value, centers: Bool) throws -> Value {
    let node = try graph.plain(x, for: settings.layer.name)
    let extents = graph.shapes[node].dimensions
    let axes = try settings.axes(default: .integer(-1), rank: extents.count).sorted()
    let shape = extents.indices.map { axes.contains($0) ? extents[$0] : 1 }
    let stored = axes.map { extents[$0] }
    guard try settings.flag("rms_scaling", default: false) == false else {
      throw settings.error("rms_scaling true", expected: "false, or RMSNormalization")
    }
    let hasGamma = centers ? try settings.flag("scale", default: true) : true
    let hasBeta = centers ? try settings.flag("center", default: true) : false
    let layer = OwnNormalization(
      .axes(axes), shape: shape, gamma: hasGamma ? try settings.weight(centers ? "gamma" : "scale", stored) : nil,
      beta: hasBeta ? try settings.weight("beta", stored) : nil,
      epsilon: Float(try settings.number("epsilon", default: centers ? 1e-3 : 1e-6)), centers: centers)
    return try emit(layer.layer, [node], settings, arrays: centers ? [:] : ["gamma": "scale"])
  }

  func groupNormalization(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let extents = graph.extents(of: x)
    let axes = try settings.axes(default: .integer(-1), rank: extents.count)
    let own = axes.count == 1 ? graph.axis(axes[0], of: x) : -1
    guard own == graph.shapes[x.node].dimensions.count - 1 else {
      throw settings.error(
        "axis \(settings.describe(settings.layer.settings["axis"]))", expected: "the axis of the channels")
    }
    let channels = extents[axes[0]]
    let groups = try settings.integer("groups", default: 32)
    let layer = OwnNormalization(
      .groups(groups == -1 ? channels : groups), shape: [channels],
      gamma: try settings.flag("scale", default: true) ? settings.weight("gamma", [channels]) : nil,
      beta: try settings.flag("center", default: true) ? settings.weight("beta", [channels]) : nil,
      epsilon: Float(try settings.number("epsilon", default: 1e-3)))
    return try emit(layer.layer, [x.node], settings, isTurned: x.isTurned)
  }

  // MARK: Sizes

  func resizing(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try map(settings, x)
    let extents = graph.shapes[node].dimensions
    let isFirst = try settings.isChannelsFirst
    let size: [Int]
    if settings.layer.className == "UpSampling2D" {
      let factors = try settings.pair("size", default: 2)
      size = [extents[0] * factors[0], extents[1] * factors[1]]
    } else {
      size = [try settings.integer("height"), try settings.integer("width")]
    }
    guard size.allSatisfy({ (1...65_536).contains($0) }) else {
      throw settings.error("a size of \(tuple(size))", expected: "1...65536")
    }
    if settings.layer.className == "CenterCrop" {
      let spare = [extents[0] - size[0], extents[1] - size[1]]
      guard spare.allSatisfy({ $0 >= 0 }) else {
        throw settings.error("a map of \(extents[0]) x \(extents[1])", expected: "at least \(size[0]) x \(size[1])")
      }
      let (top, left) = (spare[0] / 2, spare[1] / 2)
      let crop = Padding(top: -top, left: -left, bottom: top - spare[0], right: left - spare[1])
      return try emit(crop.layer, [node], settings, isTurned: isFirst)
    }
    for key in ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"]
    where try settings.flag(key, default: false) {
      throw settings.error("\(key) true", expected: "false")
    }
    let name =
      settings.layer.settings["interpolation"]?.string
      ?? (settings.layer.className == "UpSampling2D" ? "nearest" : "bilinear")
    let scales = [Double(extents[0]) / Double(size[0]), Double(extents[1]) / Double(size[1])]
    func taps(_ axis: Int) throws -> [Resampling.Tap] {
      let (extent, count, scale) = (extents[axis], size[axis], scales[axis])
      switch name {
      case "nearest":
        // Half-pixel centres, rounded down.
        return (0..<count).map {
          Resampling.Tap(indices: [min(extent - 1, Int((Double($0) + 0.5) * scale))], weights: [1])
        }
      case "bilinear": return Resampling.linear(from: extent, to: count) { (Double($0) + 0.5) * scale - 0.5 }
      default: throw settings.error("interpolation \(name)", expected: "nearest or bilinear")
      }
    }
    let (rows, columns) = (try taps(0), try taps(1))
    let layer =
      name == "nearest"
      ? Selection([rows.map { $0.indices[0] }, columns.map { $0.indices[0] }, nil]).layer
      : Resampling(rows: rows, columns: columns).layer
    return try emit(layer, [node], settings, isTurned: isFirst)
  }
}
