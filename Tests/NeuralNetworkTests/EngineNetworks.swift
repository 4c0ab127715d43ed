import NeuralNetwork

/// Networks for the kernels: the one they were made for, narrower, and shapes that fit no tile.
enum EngineNetworks {
  static func pool(_ size: Int = 2, stride: Int = 2) throws -> Layer {
    .pooling(Pooling(.maximum, window: try Window(height: size, width: size, strideY: stride, strideX: stride)))
  }

  private static func convolution(_ size: Int, _ input: Int, _ filters: Int) throws -> Layer {
    .convolution(
      NeuralNetworkTests.convolution(input, filters, try Window(height: size, width: size), .relu).scaled)
  }

  /// DeepID's graph: three convolutions, each with a pool, then two branches that are added.
  static func deepID() throws -> Network {
    try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([29, 27, 3])), inputs: []),
      .init(name: "conv_1", layer: try convolution(4, 3, 7), inputs: [0]),
      .init(name: "pool_1", layer: try pool(), inputs: [1]),
      .init(name: "conv_2", layer: try convolution(3, 7, 10), inputs: [2]),
      .init(name: "pool_2", layer: try pool(), inputs: [3]),
      .init(name: "conv_3", layer: try convolution(2, 10, 12), inputs: [4]),
      .init(name: "pool_3", layer: try pool(), inputs: [5]),
      .init(name: "conv_4", layer: try convolution(2, 12, 8), inputs: [6]),
      .init(name: "flatten_1", layer: .flatten, inputs: [6]),
      .init(name: "flatten_2", layer: .flatten, inputs: [7]),
      .init(name: "fc_1", layer: .dense(dense(48, 9)), inputs: [8]),
      .init(name: "fc_2", layer: .dense(dense(8, 9)), inputs: [9]),
      .init(name: "add_1", layer: .add, inputs: [10, 11]),
      .init(name: "activation_1", layer: .activation(.relu), inputs: [12]),
      .init(name: "output", layer: .dense(dense(9, 11, .softmax)), inputs: [13]),
    ])
  }

  /// Odd extents that pools leave a rim of, oblong kernels, layers without bias or activation, a map of one position,
  /// a pool whose windows overlap, two readers of one convolution, padding and strides.
  static func odd() throws -> [Network] {
    let plain = try Window(height: 3, width: 2)
    return [
      try chain(
        [12, 10, 1], .convolution(NeuralNetworkTests.convolution(1, 5, plain, bias: false)), try pool(),
        .convolution(NeuralNetworkTests.convolution(5, 1, try Window(height: 1, width: 1), .relu)), .flatten,
        .dense(dense(20, 3))),
      try chain(
        [9, 9, 2], .convolution(NeuralNetworkTests.convolution(2, 6, try Window(height: 2, width: 3), .relu)),
        try pool(3, stride: 2), .convolution(NeuralNetworkTests.convolution(6, 4, plain, .tanh)), .flatten,
        .dense(dense(8, 3))),
      try chain(
        [6, 5, 4], .convolution(NeuralNetworkTests.convolution(4, 3, try Window(height: 6, width: 5), .relu)),
        .flatten, .dense(dense(3, 2))),
      try Network(nodes: [
        .init(name: "input", layer: .input(try Shape([8, 8, 3])), inputs: []),
        .init(name: "a", layer: .convolution(NeuralNetworkTests.convolution(3, 4, plain, .relu)), inputs: [0]),
        .init(name: "b", layer: try pool(), inputs: [1]),
        .init(name: "c", layer: .flatten, inputs: [1]), .init(name: "d", layer: .flatten, inputs: [2]),
        .init(name: "e", layer: .dense(dense(168, 3)), inputs: [3]),
        .init(name: "f", layer: .dense(dense(36, 3)), inputs: [4]),
        .init(name: "g", layer: .add, inputs: [5, 6]),
      ]),
    ]
  }

  /// Kernels of 3 x 3 with channels enough for Winograd's algorithm: over maps of even extents, of odd ones that pools leave a rim
  /// of, and without a pool behind.
  static func winograd() throws -> [Network] {
    [
      try chain(
        [14, 14, 8], try convolution(3, 8, 9), try pool(), try convolution(3, 9, 11), try pool(), .flatten,
        .dense(dense(44, 3))),
      try chain(
        [13, 15, 8], try convolution(3, 8, 10), try pool(), try convolution(3, 10, 8), try pool(), .flatten,
        .dense(dense(16, 3))),
      try chain(
        [10, 12, 3], try convolution(3, 3, 8), try convolution(3, 8, 9), .flatten, .dense(dense(432, 3))),
    ]
  }

  /// Strides and padding, which have a forward pass in lanes or none.
  static func strided() throws -> [Network] {
    [
      try chain(
        [11, 12, 3],
        .convolution(
          NeuralNetworkTests.convolution(3, 5, try Window(height: 3, width: 2, strideY: 2, strideX: 3), .relu)),
        .convolution(NeuralNetworkTests.convolution(5, 4, try Window(height: 3, width: 3, padding: .same), .relu)),
        try pool()),
      try chain(
        [7, 7, 2], .convolution(NeuralNetworkTests.convolution(2, 5, try Window(height: 2, width: 2), .relu)),
        .pooling(Pooling(.maximum, window: try Window(height: 2, width: 2, strideY: 2, strideX: 2, padding: .same))),
        .pooling(Pooling(.average, window: try Window(height: 2, width: 2)))),
    ]
  }

  static func images(_ network: Network, _ count: Int, seed: UInt64 = 5) -> Tensor {
    Tensor(
      count: count, shape: network.inputShape, values: randomNumbers(count * network.inputShape.count, seed: seed))
  }
}

extension Convolution {
  /// With weights so small that four layers behind each other neither grow nor vanish.
  var scaled: Convolution {
    var copy = self
    let factor = 1 / Float(window.height * window.width * inputChannels).squareRoot()
    copy.kernel = copy.kernel.map { $0 * factor * 2 }
    return copy
  }
}
