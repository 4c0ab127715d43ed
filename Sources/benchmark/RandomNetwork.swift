import NeuralNetwork

extension Network {
  /// The same layers with random weights: normal with variance 2 / fan-in, biases 0.
  ///
  /// Source: He, Zhang, Ren & Sun, "Delving deep into rectifiers", ICCV 2015, equation 10.
  /// - Parameters:
  ///   - channels: how many the layer `name` has, in place of those it has now; nil for those.
  ///   - name: a layer whose channels come from one convolution or dense layer.
  func withRandomWeights(channels: Int? = nil, of name: String, seed: UInt64) throws -> Network {
    var generator = SeededGenerator(seed: seed)
    let widened = try channelSource(of: index(of: name))
    var nodes: [Node] = []
    var shapes: [Shape] = []
    for (index, node) in self.nodes.enumerated() {
      let input = node.inputs.first.map { shapes[$0] }
      let outputs = index == widened ? channels : nil
      let layer = node.layer.withRandomWeights(input: input, outputs: outputs, using: &generator)
      shapes.append(try layer.outputShape(node.inputs.map { shapes[$0] }))
      nodes.append(Node(name: node.name, layer: layer, inputs: node.inputs))
    }
    return try Network(nodes: nodes)
  }
}

extension Layer {
  fileprivate func withRandomWeights(input: Shape?, outputs: Int?, using generator: inout SeededGenerator) -> Layer {
    guard let input else { return self }
    func normal(fanIn: Int, count: Int) -> [Float] {
      let deviation = (2 / Double(fanIn)).squareRoot()
      return (0..<count).map { _ in Float(deviation * generator.normal()) }
    }
    switch self {
    case .convolution(let layer):
      let filters = outputs ?? layer.filters
      let fanIn = layer.window.height * layer.window.width * input.channels
      return .convolution(
        Convolution(
          window: layer.window, inputChannels: input.channels, filters: filters,
          kernel: normal(fanIn: fanIn, count: fanIn * filters), bias: [Float](repeating: 0, count: filters),
          activation: layer.activation))
    case .dense(let layer):
      let units = outputs ?? layer.units
      return .dense(
        Dense(
          inputs: input.channels, units: units,
          kernel: normal(fanIn: input.channels, count: input.channels * units),
          bias: [Float](repeating: 0, count: units), activation: layer.activation))
    default: return self
    }
  }
}
