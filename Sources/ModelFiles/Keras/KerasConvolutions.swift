import Files
import NeuralNetwork

/// Layers with a window or a matrix of weights.
extension KerasTranslation {
  func convolution(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try map(settings, x)
    let channels = graph.shapes[node].channels
    let filters = try settings.integer("filters", "nb_filter")
    let size = try kernelSize(settings)
    let strides = try settings.pair("strides", or: "subsample", default: 1)
    let dilation = try settings.pair("dilation_rate", default: 1)
    let groups = try settings.integer("groups", default: 1)
    guard groups > 0, channels % groups == 0 else {
      throw settings.error("groups \(groups)", expected: "a divisor of \(channels) channels")
    }
    let (activation, isGated) = try ending(settings)
    if groups == 1, dilation == [1, 1] {
      let window = try settings.window(size: size, strides: strides)
      let layer = Layer.convolution(
        Convolution(
          window: window, inputChannels: channels, filters: filters,
          kernel: try settings.weight("kernel", size + [channels, filters]), bias: try bias(settings, filters),
          activation: activation))
      return try finish(try spatial(settings, x, node, layer, isGated), isGated, settings)
    }
    let layer = try GroupedConvolution(
      settings.geometry(size: size, strides: strides, dilation: dilation), inputChannels: channels, filters: filters,
      groups: groups, kernel: settings.weight("kernel", size + [channels / groups, filters]),
      bias: bias(settings, filters), activation: activation)
    return try finish(try spatial(settings, x, node, layer.layer, isGated), isGated, settings)
  }

  func depthwise(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try map(settings, x)
    let (activation, isGated) = try ending(settings)
    let layer = try depthwiseLayer(
      settings, node, array: "kernel", bias: bias(settings, filters(settings, node)), activation: activation)
    return try finish(try spatial(settings, x, node, layer.layer, isGated), isGated, settings)
  }

  private func filters(_ settings: KerasSettings, _ node: Int) throws -> Int {
    graph.shapes[node].channels * (try settings.integer("depth_multiplier", default: 1))
  }

  private func depthwiseLayer(
    _ settings: KerasSettings, _ node: Int, array: String, bias: [Float]?, activation: Activation
  ) throws -> GroupedConvolution {
    let channels = graph.shapes[node].channels
    let multiplier = try settings.integer("depth_multiplier", default: 1)
    guard (1...1 << 16).contains(multiplier) else {
      throw settings.error("depth_multiplier \(multiplier)", expected: "1...65536")
    }
    let size = try kernelSize(settings)
    let strides = try settings.pair("strides", or: "subsample", default: 1)
    let dilation = try settings.pair("dilation_rate", default: 1)
    return try GroupedConvolution(
      settings.geometry(size: size, strides: strides, dilation: dilation), inputChannels: channels,
      filters: channels * multiplier, groups: channels, kernel: settings.weight(array, size + [channels, multiplier]),
      bias: bias, activation: activation, isDepthwise: true)
  }

  func separable(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try map(settings, x)
    let first = try depthwiseLayer(settings, node, array: "depthwise_kernel", bias: nil, activation: .linear)
    let spread = try emit(
      first.layer, [node], settings, suffix: "/depthwise", arrays: ["kernel": "depthwise_kernel"])
    let filters = try settings.integer("filters", "nb_filter")
    let (activation, isGated) = try ending(settings)
    let second = Convolution(
      window: try Window(height: 1, width: 1), inputChannels: first.filters, filters: filters,
      kernel: try settings.weight("pointwise_kernel", [1, 1, first.filters, filters]),
      bias: try bias(settings, filters),
      activation: activation)
    let value = try emit(
      .convolution(second), [spread.node], settings, suffix: isGated ? "/linear" : "",
      arrays: ["kernel": "pointwise_kernel"], isTurned: try settings.isChannelsFirst)
    return try finish(value, isGated, settings)
  }

  func transposed(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try map(settings, x)
    let channels = graph.shapes[node].channels
    let filters = try settings.integer("filters", "nb_filter")
    let size = try kernelSize(settings)
    let strides = try settings.pair("strides", or: "subsample", default: 1)
    let dilation = try settings.pair("dilation_rate", default: 1)
    let geometry = try settings.geometry(size: size, strides: strides, dilation: dilation)
    let isSame = try settings.padding() == .same
    let extra: [Int?] =
      settings.has("output_padding") ? try settings.output("output_padding").map { $0 } : [nil, nil]
    // What is cut off in front and behind. Source: Keras 3, compute_conv_transpose_output_shape.
    func cuts(_ reach: Int, _ stride: Int, _ extra: Int?) -> (Int, Int) {
      guard isSame else { return (0, -(extra ?? max(stride - reach, 0))) }
      let total = extra.map { reach - reach % 2 - $0 } ?? (reach - stride)
      let before = max(total, 0) / 2
      return (before, total - before)
    }
    let rows = cuts(geometry.reachY, strides[0], extra[0])
    let columns = cuts(geometry.reachX, strides[1], extra[1])
    let (activation, isGated) = try ending(settings)
    let layer = try TransposedConvolution(
      geometry, top: rows.0, left: columns.0, bottom: rows.1, right: columns.1, inputChannels: channels,
      filters: filters, kernel: settings.weight("kernel", size + [filters, channels]), bias: bias(settings, filters),
      activation: activation)
    return try finish(try spatial(settings, x, node, layer.layer, isGated), isGated, settings)
  }

  func dense(_ settings: KerasSettings, _ x: Value) throws -> Value {
    let node = try graph.plain(x, for: settings.layer.name)
    let inputs = graph.shapes[node].channels
    let units = try settings.integer("units", "output_dim")
    let (activation, isGated) = try ending(settings)
    let layer = Dense(
      inputs: inputs, units: units, kernel: try settings.weight("kernel", [inputs, units]),
      bias: try bias(settings, units), activation: activation)
    return try finish(
      try emit(.dense(layer), [node], settings, suffix: isGated ? "/linear" : ""), isGated, settings)
  }

  func pooling(_ settings: KerasSettings, _ x: Value, _ kind: Pooling.Kind) throws -> Value {
    let size = try settings.pair("pool_size", default: 2)
    // A pool without strides moves by its own size.
    let strides = settings.has("strides") ? try settings.pair("strides", default: 1) : size
    return try spatial(settings, x, .pooling(Pooling(kind, window: settings.window(size: size, strides: strides))))
  }

  func globalPooling(_ settings: KerasSettings, _ x: Value, isMaximum: Bool) throws -> Value {
    let keeps = try settings.flag("keepdims", default: false)
    let layer =
      isMaximum
      ? Reduction(.maximum, axes: [0, 1], keepsDimensions: keeps).layer : .globalAveragePooling(keepsDimensions: keeps)
    return try emit(
      layer, [map(settings, x)], settings, isTurned: keeps ? try settings.isChannelsFirst : false)
  }

  // MARK: Parts

  private func kernelSize(_ settings: KerasSettings) throws -> [Int] {
    if settings.has("nb_row") { return [try settings.integer("nb_row"), try settings.integer("nb_col")] }
    return try settings.pair("kernel_size", default: nil)
  }

  private func bias(_ settings: KerasSettings, _ count: Int) throws -> [Float]? {
    try settings.flag("use_bias", "bias", default: true) ? settings.weight("bias", [count]) : nil
  }

  /// The function that a layer ends in; a gated one is a layer of its own behind it.
  private func ending(_ settings: KerasSettings) throws -> (Activation, isGated: Bool) {
    settings.layer.settings["activation"]?.string == "glu" ? (.linear, true) : (try settings.activation(), false)
  }

  private func spatial(
    _ settings: KerasSettings, _ x: Value, _ node: Int, _ layer: Layer, _ isGated: Bool
  ) throws -> Value {
    let isFirst = try settings.isChannelsFirst
    // A softmax at the end of a layer is along the file's last axis.
    guard isFirst, !layer.finalActivation.isElementwise else {
      return try emit(layer, [node], settings, suffix: isGated ? "/linear" : "", isTurned: isFirst)
    }
    throw settings.error("softmax of a channels_first map", expected: "a Softmax layer with its axis")
  }

  private func finish(_ value: Value, _ isGated: Bool, _ settings: KerasSettings) throws -> Value {
    isGated ? try gatedLinear(settings, value, axis: -1) : value
  }
}

extension KerasSettings {
  /// Two whole numbers, 0 among them.
  fileprivate func output(_ key: String) throws -> [Int] {
    let value = layer.settings[key] ?? .null
    let numbers = value.array.map { $0.compactMap(\.integer) } ?? [value.integer, value.integer].compactMap { $0 }
    guard numbers.count == 2, numbers.allSatisfy({ (0..<65_536).contains($0) }) else {
      throw error("\(key) \(describe(value))", expected: "two whole numbers")
    }
    return numbers
  }
}
