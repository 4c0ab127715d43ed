import NeuralNetwork
import Testing

/// Wide convolutions and what is computed with them, against the plain layers.
@Suite struct RowLayersTests {
  /// A residual block on an odd map, a stride of 2, 1 x 1 layers, filters that fill no whole tile, and depthwise layers: one with
  /// its own ceiling and a stride of 2, one with gaps before a normalisation and a clip.
  private func network() throws -> Network {
    var random = SeededGenerator(seed: 3)
    func numbers(_ count: Int, _ scale: Float = 1) -> [Float] {
      (0..<count).map { _ in scale * Float(random.normal()) }
    }
    func convolution(
      _ size: Int, _ channels: Int, _ filters: Int, stride: Int = 1, bias: Bool = true,
      _ activation: Activation = .linear
    ) throws -> Layer {
      let inner = size * size * channels
      return .convolution(
        Convolution(
          window: try Window(height: size, width: size, strideY: stride, strideX: stride, padding: .same),
          inputChannels: channels, filters: filters,
          kernel: numbers(inner * filters, 1 / Float(inner).squareRoot()), bias: bias ? numbers(filters) : nil,
          activation: activation))
    }
    func depthwise(
      _ channels: Int, _ stride: Int, _ gap: Int, bias: Bool = true, _ activation: Activation = .linear
    ) throws -> Layer {
      let geometry = try WindowGeometry(
        height: 3, width: 3, strideY: stride, strideX: stride, dilationY: gap, dilationX: gap, edge: .same)
      return try GroupedConvolution(
        geometry, inputChannels: channels, filters: channels, groups: channels, kernel: numbers(9 * channels, 0.3),
        bias: bias ? numbers(channels) : nil, activation: activation, isDepthwise: true
      ).layer
    }
    func normalization(_ channels: Int) -> Layer {
      .batchNormalization(
        BatchNormalization(
          gamma: numbers(channels), beta: numbers(channels), mean: numbers(channels),
          variance: numbers(channels).map { 0.5 + $0 * $0 }, epsilon: 1e-3))
    }
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([9, 7, 5])), inputs: []),
      .init(name: "stem", layer: try convolution(3, 5, 32, .relu), inputs: [0]),
      .init(name: "a", layer: try convolution(3, 32, 32, bias: false), inputs: [1]),
      .init(name: "a_normal", layer: normalization(32), inputs: [2]),
      .init(name: "a_relu", layer: .activation(.relu), inputs: [3]),
      .init(name: "b", layer: try convolution(3, 32, 32), inputs: [4]),
      .init(name: "b_normal", layer: normalization(32), inputs: [5]),
      .init(name: "sum", layer: .add, inputs: [1, 6]),
      .init(name: "sum_relu", layer: .activation(.relu), inputs: [7]),
      .init(name: "down", layer: try convolution(3, 32, 43, stride: 2), inputs: [8]),
      .init(name: "point", layer: try convolution(1, 43, 17, .relu), inputs: [9]),
      .init(name: "depthwise", layer: try depthwise(17, 2, 1, .rectifier(Rectifier(maxValue: 0.8))), inputs: [10]),
      .init(name: "gaps", layer: try depthwise(17, 1, 2, bias: false), inputs: [11]),
      .init(name: "gaps_normal", layer: normalization(17), inputs: [12]),
      .init(name: "gaps_clip", layer: .activation(.function(.clip(0, 1.5))), inputs: [13]),
      .init(name: "deep", layer: try depthwise(17, 1, 1), inputs: [14]),
      .init(name: "deep_sum", layer: .add, inputs: [14, 15]),
      .init(name: "last", layer: try convolution(1, 17, 12), inputs: [16]),
      .init(name: "last_clip", layer: .activation(.rectifier(Rectifier(maxValue: 1))), inputs: [17]),
      .init(name: "flat", layer: .globalAveragePooling(keepsDimensions: false), inputs: [18]),
    ])
  }

  private func images(_ network: Network, _ count: Int) -> Tensor {
    var random = SeededGenerator(seed: 4)
    let size = network.inputShape.count
    return Tensor(
      count: count, shape: network.inputShape, values: (0..<count * size).map { _ in Float(random.normal()) })
  }

  /// Neighbouring outputs of a row are computed four at a time, from none to three times over, the last four over those before; the
  /// edges, and channels that fill no vector, one by one.
  @Test(arguments: 3...15, [WindowGeometry.Edge.same, .valid])
  func depthwiseRowsEqualThePlainLayer(width: Int, edge: WindowGeometry.Edge) throws {
    var random = SeededGenerator(seed: 6)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let network = try chain(
      [4, width, 39],
      GroupedConvolution(
        try WindowGeometry(height: 3, width: 3, edge: edge), inputChannels: 39, filters: 39, groups: 39,
        kernel: numbers(9 * 39), bias: numbers(39), activation: .rectifier(Rectifier(maxValue: 2)), isDepthwise: true
      ).layer)
    let images = images(network, 5)
    let plain = try ForwardPass(network, threads: 1, kernels: nil).logits(of: images).values
    let found = try Kernels.available.map {
      try ForwardPass(network, threads: 2, kernels: $0).logits(of: images).values
    }
    for values in found {
      #expect(values == found[0])
      #expect(zip(values, plain).allSatisfy { abs($0 - $1) < 1e-4 })
    }
    #expect(Set(plain).count > 10)
  }

  @Test func chainsTakeWhatFollowsThemAlone() throws {
    let network = try network()
    let layers = RowLayers(network, kernels: .chosen)
    let needed = Set(network.nodes.indices)
    func nodes(_ index: Int, _ wanted: Set<Int> = []) -> [Int]? {
      layers.chain(from: index, needed: needed, wanted: wanted)?.nodes
    }
    #expect(nodes(1) == [])
    #expect(nodes(2) == [3, 4])
    #expect(nodes(2, [3]) == [3])
    #expect(nodes(2, [2]) == [])
    #expect(nodes(5) == [6, 7, 8])
    #expect(layers.chain(from: 5, needed: needed, wanted: [])?.adds == 1)
    #expect(nodes(4) == nil)
    #expect(nodes(11) == [])
    #expect(nodes(12) == [13, 14])
    #expect(nodes(15) == [])
    #expect(nodes(17) == [18])
  }

  /// Every value of the network, and the output alone, for which whole chains are computed at once. The values are of size 1 and
  /// pass at most five layers of up to 288 products, each rounded to 2⁻²⁴, transforms of windows included.
  @Test(arguments: Kernels.available) func equalThePlainLayers(_ kernels: Kernels) throws {
    let network = try network()
    let images = images(network, 5)
    let plain = ForwardPass(network, threads: 1, kernels: nil)
    let fast = ForwardPass(network, threads: 1, kernels: kernels)
    let wanted = Array(network.nodes.indices.dropFirst())
    let expected = try plain.values(of: wanted, given: [0: images])
    for (index, found) in zip(wanted, try fast.values(of: wanted, given: [0: images])) {
      expectNear(found, expected[index - 1], network.nodes[index].name)
    }
    for index in wanted {
      expectNear(try fast.values(of: [index], given: [0: images])[0], expected[index - 1], network.nodes[index].name)
    }
  }

  private func expectNear(_ found: Tensor, _ expected: Tensor, _ name: String) {
    let largest = expected.values.map(abs).max() ?? 1
    let worst = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= 2e-5 * largest, "\(name)")
  }

  @Test func areTheSameBitsWithAllKernelsAndThreads() throws {
    let network = try network()
    for count in [1, 3, 70] {
      let images = images(network, count)
      let expected = try ForwardPass(network, threads: 1, kernels: Kernels.available.last).logits(of: images).values
      for kernels in Kernels.available {
        for threads in [1, 3] {
          #expect(try ForwardPass(network, threads: threads, kernels: kernels).logits(of: images).values == expected)
        }
      }
    }
  }
}
