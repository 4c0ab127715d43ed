/// The weights by which a layer makes its channels, the last axis of both arrays; training changes these and no others.
public struct ChannelWeights: Equatable, Sendable {
  /// What multiplies: a kernel (…, channels), or the gamma of a normalisation (channels).
  public var kernel: [Float]
  /// What is added, (channels); none where the layer was built without.
  public var bias: [Float]
}

extension Layer {
  /// The layer's weights by channel; nil for a layer that has none, or whose kernel does not end in its channels.
  public var channelWeights: ChannelWeights? {
    get {
      switch self {
      case .convolution(let layer): ChannelWeights(kernel: layer.kernel, bias: layer.bias ?? [])
      case .dense(let layer): ChannelWeights(kernel: layer.kernel, bias: layer.bias ?? [])
      case .batchNormalization(let layer):
        layer.gamma.map { ChannelWeights(kernel: $0, bias: layer.beta ?? []) }
      case .operation(let box):
        (box.operation as? GroupedConvolution).map { ChannelWeights(kernel: $0.kernel, bias: $0.bias) }
      default: nil
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .convolution(var layer):
        layer.kernel = newValue.kernel
        if layer.bias != nil { layer.bias = newValue.bias }
        self = .convolution(layer)
      case .dense(var layer):
        layer.kernel = newValue.kernel
        if layer.bias != nil { layer.bias = newValue.bias }
        self = .dense(layer)
      case .batchNormalization(var layer):
        layer.gamma = newValue.kernel
        if layer.beta != nil { layer.beta = newValue.bias }
        self = .batchNormalization(layer)
      case .operation(var box):
        box.operation.kernel = newValue.kernel
        if !box.operation.bias.isEmpty { box.operation.bias = newValue.bias }
        self = .operation(box)
      default: break
      }
    }
  }
}

extension Network {
  /// A copy in which one layer has other weights.
  /// - Parameter node: index of a layer with `channelWeights`, of the same sizes.
  public func settingWeights(_ weights: ChannelWeights, of node: Int) -> Network {
    var layer = nodes[node].layer
    layer.channelWeights = weights
    return replacing(node, by: layer)
  }

  /// The same function of images that were not multiplied by `factor`: the kernels that read them are multiplied instead.
  ///
  /// With a power of two no bit of a kernel is lost, so that `scalingImages(by: 1 / factor)` is the network again.
  /// - Returns: nil where something else than a convolution or a dense layer reads the images.
  public func scalingImages(by factor: Float) -> Network? {
    var copy = self
    for index in readers(of: 0) {
      var layer = nodes[index].layer
      if case .batchNormalization = layer { return nil }
      guard var weights = layer.channelWeights, !nodes[index].isShared else { return nil }
      for place in weights.kernel.indices { weights.kernel[place] *= factor }
      layer.channelWeights = weights
      copy = copy.replacing(index, by: layer)
    }
    return copy
  }
}
