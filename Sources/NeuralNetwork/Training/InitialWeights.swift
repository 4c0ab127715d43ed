extension Network {
  /// The same layers with random weights to begin a training with: kernels normal with variance 2 / fan-in, biases 0, and
  /// normalisations that do nothing yet.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 10. Kernels are drawn in the order of
  /// the nodes, each in the order of its numbers. What has no fan-in (the slopes of a PReLU) keeps what it has.
  /// - Throws: `NetworkError` for layers that share weights, which a training would part.
  public func withInitialWeights(using generator: inout SeededGenerator) throws -> Network {
    if let shared = nodes.first(where: \.isShared) {
      throw NetworkError(
        shared.name, found: "weights that another layer has too", expected: "layers with weights of their own to train")
    }
    var nodes = nodes
    for index in nodes.indices { nodes[index].layer = nodes[index].layer.withInitialWeights(using: &generator) }
    return try Network(nodes: nodes)
  }
}

extension Layer {
  fileprivate func withInitialWeights(using generator: inout SeededGenerator) -> Layer {
    func normal(_ count: Int, fanIn: Int) -> [Float] {
      let deviation = (2 / Double(max(1, fanIn))).squareRoot()
      return (0..<count).map { _ in Float(deviation * generator.normal()) }
    }
    func all(_ value: Float, _ old: [Float]) -> [Float] { [Float](repeating: value, count: old.count) }
    switch self {
    case .convolution(var layer):
      layer.kernel = normal(layer.kernel.count, fanIn: layer.kernel.count / layer.filters)
      layer.bias = layer.bias.map { all(0, $0) }
      return .convolution(layer)
    case .dense(var layer):
      layer.kernel = normal(layer.kernel.count, fanIn: layer.inputs)
      layer.bias = layer.bias.map { all(0, $0) }
      return .dense(layer)
    case .batchNormalization(var layer):
      (layer.gamma, layer.beta) = (layer.gamma.map { all(1, $0) }, layer.beta.map { all(0, $0) })
      (layer.mean, layer.variance) = (all(0, layer.mean), all(1, layer.variance))
      return .batchNormalization(layer)
    case .operation(var box):
      if let fanIn = box.operation.fanIn {
        box.operation.kernel = normal(box.operation.kernel.count, fanIn: fanIn)
      }
      box.operation.bias = all(0, box.operation.bias)
      return .operation(box)
    default: return self
    }
  }
}
