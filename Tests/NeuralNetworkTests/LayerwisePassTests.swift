import NeuralNetwork
import Testing

/// Training passes over whole batches: batch normalisation by the batch's statistics, wide and padded convolutions, strides.
@Suite struct LayerwisePassTests {
  private static let images = 5

  private func normalization(_ channels: Int) -> Layer {
    .batchNormalization(
      BatchNormalization(
        gamma: randomNumbers(channels, seed: 7).map { 1 + 0.3 * $0 }, beta: randomNumbers(channels, seed: 8),
        mean: [Float](repeating: 0.2, count: channels), variance: [Float](repeating: 1.5, count: channels),
        epsilon: 1e-3))
  }

  /// A residual block with a stride in its shortcut.
  private func residual(_ channels: Int = 3) throws -> Network {
    func convolution(_ input: Int, _ size: Int, stride: Int, bias: Bool) throws -> Layer {
      let window = try Window(height: size, width: size, strideY: stride, strideX: stride, padding: .same)
      return .convolution(NeuralNetworkTests.convolution(input, channels, window, bias: bias).scaled)
    }
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([7, 6, 2])), inputs: []),
      .init(name: "stem", layer: try convolution(2, 3, stride: 1, bias: true), inputs: [0]),
      .init(name: "stem_bn", layer: normalization(channels), inputs: [1]),
      .init(name: "stem_tanh", layer: .activation(.tanh), inputs: [2]),
      .init(name: "a", layer: try convolution(channels, 3, stride: 2, bias: false), inputs: [3]),
      .init(name: "a_bn", layer: normalization(channels), inputs: [4]),
      .init(name: "shortcut", layer: try convolution(channels, 1, stride: 2, bias: false), inputs: [3]),
      .init(name: "sum", layer: .add, inputs: [5, 6]),
      .init(name: "mean", layer: .globalAveragePooling(keepsDimensions: false), inputs: [7]),
      .init(name: "output", layer: .dense(dense(channels, 3, .softmax)), inputs: [8]),
    ])
  }

  /// Residual blocks whose normalisations, additions and max(x, 0) are computed together: one with the block's own input as the
  /// shortcut, one with a normalised shortcut, and one whose normalised value is read twice.
  private func blocks(_ channels: Int) throws -> Network {
    func convolution(_ size: Int, from input: Int? = nil) throws -> Layer {
      let window = try Window(height: size, width: size, padding: .same)
      return .convolution(NeuralNetworkTests.convolution(input ?? channels, channels, window, bias: false).scaled)
    }
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([9, 6, 3])), inputs: []),
      .init(name: "stem", layer: try convolution(3, from: 3), inputs: [0]),
      .init(name: "stem_bn", layer: normalization(channels), inputs: [1]),
      .init(name: "stem_relu", layer: .activation(.relu), inputs: [2]),
      .init(name: "a", layer: try convolution(3), inputs: [3]),
      .init(name: "a_bn", layer: normalization(channels), inputs: [4]),
      .init(name: "a_sum", layer: .add, inputs: [5, 3]),
      .init(name: "a_relu", layer: .activation(.relu), inputs: [6]),
      .init(name: "b", layer: try convolution(3), inputs: [7]),
      .init(name: "b_bn", layer: normalization(channels), inputs: [8]),
      .init(name: "shortcut", layer: try convolution(1), inputs: [7]),
      .init(name: "shortcut_bn", layer: normalization(channels), inputs: [10]),
      .init(name: "b_sum", layer: .add, inputs: [9, 11]),
      .init(name: "b_relu", layer: .activation(.relu), inputs: [12]),
      .init(name: "c", layer: try convolution(3), inputs: [13]),
      .init(name: "c_bn", layer: normalization(channels), inputs: [14]),
      .init(name: "c_relu", layer: .activation(.relu), inputs: [15]),
      .init(name: "c_sum", layer: .add, inputs: [15, 16]),
      .init(name: "twice", layer: .add, inputs: [17, 17]),
      .init(name: "mean", layer: .globalAveragePooling(keepsDimensions: false), inputs: [18]),
      .init(name: "output", layer: .dense(dense(channels, 3, .softmax)), inputs: [19]),
    ])
  }

  private func labels(_ network: Network) -> [Int] { (0..<Self.images).map { $0 * 7 % network.classes } }

  private func bits(_ numbers: [Float]) -> [UInt32] { numbers.map(\.bitPattern) }

  /// (loss(w + h) - loss(w - h)) / 2h with h = 1/256: the losses are smooth, off by about 1e-4, and single precision by less.
  @Test func batchStatisticsAreDifferentiatedToo() throws {
    let network = try residual()
    let images = EngineNetworks.images(network, Self.images)
    func loss(_ nodes: [Network.Node]) throws -> Double {
      try BackwardPass(Network(nodes: nodes), threads: 1, normalization: .batch).run(
        images: images, labels: labels(network)
      ).loss
    }
    let found = try BackwardPass(network, threads: 1, normalization: .batch).run(
      images: images, labels: labels(network))
    #expect(found.gradients.count == 6)
    let step: Float = 1 / 256
    for (node, gradient) in found.gradients {
      for index in gradient.kernel.indices {
        let losses = try [step, -step].map { step in
          var nodes = network.nodes
          nodes[node].layer = nodes[node].layer.changed(index, by: step)
          return try loss(nodes)
        }
        let numeric = (losses[0] - losses[1]) / Double(2 * step)
        #expect(
          abs(Double(gradient.kernel[index]) - numeric) < 2e-3 * (1 + abs(numeric)),
          "\(network.nodes[node].name) \(index)")
      }
    }
  }

  @Test func statisticsAreThoseOfTheBatch() throws {
    let network = try chain([2, 1, 1], normalization(1), .flatten, .dense(dense(2, 2)))
    let images = Tensor(count: 2, shape: network.inputShape, values: [1, 2, 3, 6])
    let found = try BackwardPass(network, threads: 1, normalization: .batch).run(images: images, labels: [0, 1])
    let batch = try #require(found.statistics[1])
    #expect(batch.mean == [3] && batch.variance == [3.5] && batch.count == 4)
    var moved = network
    moved.moveStatistics(towards: found.statistics, share: 0.5)
    guard case .batchNormalization(let layer) = moved.nodes[1].layer else { return }
    // Half way from 0.2 to 3, and from 1.5 to 3.5 x 4 / 3.
    #expect(abs(layer.mean[0] - 1.6) < 1e-6 && abs(layer.variance[0] - 3.083_333) < 1e-5)
  }

  /// Without batch statistics the plain layers compute the same; sums over some hundred positions in another order differ by less
  /// than 2e-5 of a layer's largest gradient, Winograd's by less than 1e-4.
  @Test(arguments: [(16, 3), (32, 1), (48, 2)]) func agreesWithThePlainLayers(_ channels: Int, _ stride: Int) throws {
    let same = try Window(height: 3, width: 3, strideY: stride, strideX: stride, padding: .same)
    let network = try chain(
      [9, 7, 3], .convolution(convolution(3, channels, try Window(height: 3, width: 3, padding: .same), .relu).scaled),
      .convolution(convolution(channels, 32, same, .relu).scaled), normalization(32), .activation(.relu),
      .convolution(convolution(32, 32, try Window(height: 3, width: 3), .tanh).scaled), .flatten,
      .dense(dense(32 * ((9 + stride - 1) / stride - 2) * ((7 + stride - 1) / stride - 2), 4)))
    try expectThePlainLayers(network)
  }

  /// Strides shorter and longer than the window, where positions of the input have several taps, one or none.
  @Test(
    arguments: [[1, 1, 2, 2], [3, 3, 2, 2], [3, 3, 3, 2], [2, 2, 3, 3], [3, 5, 1, 2], [1, 3, 4, 1]],
    [
      Window.Padding.same, .valid,
    ])
  func stridedLayersAgreeWithThePlainOnes(_ numbers: [Int], _ padding: Window.Padding) throws {
    let window = try Window(
      height: numbers[0], width: numbers[1], strideY: numbers[2], strideX: numbers[3], padding: padding)
    try expectThePlainLayers(
      try chain(
        [9, 11, 3], .convolution(convolution(3, 32, try Window(height: 3, width: 3, padding: .same), .relu).scaled),
        .convolution(convolution(32, 48, window, .relu).scaled), .globalAveragePooling(keepsDimensions: false),
        .dense(dense(48, 4))))
  }

  /// So many channels that the patches of one place lie in two blocks, the second one narrower.
  @Test func stridedLayersOfManyChannelsAgreeWithThePlainOnes() throws {
    let window = try Window(height: 3, width: 3, strideY: 2, strideX: 2, padding: .same)
    try expectThePlainLayers(
      try chain(
        [5, 6, 3], .convolution(convolution(3, 112, try Window(height: 1, width: 1), .relu).scaled),
        .convolution(convolution(112, 24, window, .relu).scaled), .globalAveragePooling(keepsDimensions: false),
        .dense(dense(24, 4))))
  }

  @Test(arguments: [7, 32]) func layersComputedTogetherAgreeWithThePlainOnes(_ channels: Int) throws {
    try expectThePlainLayers(try blocks(channels))
  }

  /// A kernel so large that threads share its sums.
  @Test func largeKernelsAgreeWithThePlainLayers() throws {
    let same = try Window(height: 3, width: 3, padding: .same)
    try expectThePlainLayers(
      try chain(
        [5, 6, 3], .convolution(convolution(3, 256, try Window(height: 1, width: 1), .relu).scaled),
        .convolution(convolution(256, 256, same, .relu).scaled), .globalAveragePooling(keepsDimensions: false),
        .dense(dense(256, 4))))
  }

  private func expectThePlainLayers(_ network: Network) throws {
    let images = EngineNetworks.images(network, Self.images)
    let plain = try BackwardPass(network, threads: 1, kernels: nil).run(images: images, labels: labels(network))
    let own = try BackwardPass(network, threads: 2).run(images: images, labels: labels(network))
    #expect(abs(own.loss - plain.loss) < 1e-5 * max(1, plain.loss))
    #expect(own.gradients.keys.sorted() == plain.gradients.keys.sorted())
    for (node, gradient) in own.gradients {
      let expected = try #require(plain.gradients[node])
      for (a, b) in [(gradient.kernel, expected.kernel), (gradient.bias, expected.bias)] {
        #expect(a.count == b.count)
        let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
        #expect(worst <= 1e-4 * max(b.map(abs).max() ?? 0, 1e-3), "node \(network.nodes[node].name)")
      }
    }
  }

  @Test func hasTheSameBitsEverywhere() throws {
    for network in [try residual(), try residual(32), try blocks(7), try blocks(32)] {
      let images = EngineNetworks.images(network, 21)
      let labels = (0..<21).map { $0 * 7 % network.classes }
      var all: [BackwardPass.Result] = []
      for kernels in Kernels.available {
        for threads in [1, 3] {
          all.append(
            try BackwardPass(network, threads: threads, kernels: kernels, normalization: .batch).run(
              images: images, labels: labels))
        }
      }
      for other in all.dropFirst() {
        #expect(other.loss == all[0].loss && other.statistics == all[0].statistics)
        for (node, gradient) in all[0].gradients {
          #expect(bits(gradient.kernel) == bits(other.gradients[node]?.kernel ?? []))
          #expect(bits(gradient.bias) == bits(other.gradients[node]?.bias ?? []))
        }
      }
    }
  }

  @Test func initialWeightsHaveTheirVariance() throws {
    var generator = SeededGenerator(seed: 3)
    let network = try residual(32).withInitialWeights(using: &generator)
    guard case .convolution(let layer) = network.nodes[4].layer,
      case .batchNormalization(let normalization) = network.nodes[5].layer
    else { return }
    let variance = layer.kernel.reduce(0) { $0 + Double($1) * Double($1) } / Double(layer.kernel.count)
    // 9,216 normal numbers: the variance's relative error is sqrt(2 / 9216) = 0.015.
    #expect(abs(variance * Double(9 * 32) / 2 - 1) < 0.06)
    #expect(normalization.gamma == [Float](repeating: 1, count: 32) && normalization.mean.allSatisfy { $0 == 0 })
    var shared = network.nodes
    shared[4].isShared = true
    #expect(throws: NetworkError.self) { try Network(nodes: shared).withInitialWeights(using: &generator) }
  }
}

extension Layer {
  /// With one number of its kernel (or gamma) changed.
  fileprivate func changed(_ index: Int, by step: Float) -> Layer {
    switch self {
    case .convolution(var layer):
      layer.kernel[index] += step
      return .convolution(layer)
    case .dense(var layer):
      layer.kernel[index] += step
      return .dense(layer)
    case .batchNormalization(var layer):
      layer.gamma?[index] += step
      return .batchNormalization(layer)
    default: return self
    }
  }
}
