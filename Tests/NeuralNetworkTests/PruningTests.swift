import NeuralNetwork
import Testing

@Suite struct PruningTests {
  /// Holds channels of a layer to be exactly 0 for random images, and the others to be as they were.
  private func expectSilent(_ network: Network, _ name: String, _ channels: Set<Int>) throws {
    let layer = try network.index(of: name)
    let original = network
    let pruned = try network.pruning(channels, of: name)
    #expect(network == original)
    let images = Tensor(
      count: 5, shape: network.inputShape, values: randomNumbers(5 * network.inputShape.count, seed: 8))
    let before = try ForwardPass(network, threads: 1).values(of: [layer], given: [0: images])[0]
    let after = try ForwardPass(pruned, threads: 1).values(of: [layer], given: [0: images])[0]
    let width = before.shape.channels
    for index in before.values.indices {
      let expected = channels.contains(index % width) ? 0 : before.values[index]
      #expect(after.values[index] == expected)
    }
    #expect(before.values.indices.contains { channels.contains($0 % width) && before.values[$0] != 0 })
  }

  private let window: Window
  private let normalization = BatchNormalization(
    gamma: randomNumbers(4, seed: 1), beta: randomNumbers(4, seed: 2), mean: randomNumbers(4, seed: 3),
    variance: [1, 2, 3, 4], epsilon: 0.1)

  init() throws { window = try Window(height: 2, width: 2) }

  @Test func silencesWhatOneLayerMakes() throws {
    let convolved = Layer.convolution(convolution(3, 4, window, .relu))
    let pool = Layer.pooling(Pooling(.average, window: try Window(height: 2, width: 2, padding: .same)))
    try expectSilent(try chain([5, 5, 3], convolved), "layer_1", [0, 3])
    try expectSilent(try chain([5, 5, 3], convolved, pool), "layer_2", [1])
    try expectSilent(
      try chain([5, 5, 3], convolved, pool, .dropout(rate: 0.5), .globalAveragePooling(keepsDimensions: false)),
      "layer_4", [1, 2])
    try expectSilent(
      try chain([5, 5, 3], convolved, .batchNormalization(normalization), .activation(.relu), pool), "layer_4", [0, 2])
    try expectSilent(try chain([6], .dense(dense(6, 4, bias: false, .tanh))), "layer_1", [0, 1, 2, 3])
    try expectSilent(try ForwardPassTests.branched(), "pool", [2])
  }

  @Test func changesNothingElse() throws {
    let network = try chain([5, 5, 3], .convolution(convolution(3, 4, window)), .activation(.relu))
    #expect(try network.pruning([], of: "layer_2") == network)
    #expect(try network.pruning([1, 1], of: "layer_2") == network.pruning([1], of: "layer_2"))
    #expect(
      try network.pruning([1], of: "layer_2").pruning([2], of: "layer_2") == network.pruning([1, 2], of: "layer_2"))
    guard case .convolution(let pruned) = try network.pruning([1], of: "layer_2").nodes[1].layer,
      case .convolution(let before) = network.nodes[1].layer
    else { throw Problem.otherLayer }
    #expect(pruned.bias?[1] == 0)
    for index in before.kernel.indices { #expect(pruned.kernel[index] == (index % 4 == 1 ? 0 : before.kernel[index])) }
  }

  private enum Problem: Error { case otherLayer }

  private func refusal(_ layer: String, because blocker: String) -> String {
    "\(layer): its channels cannot be silenced by zeroing weights, because of \(blocker); "
      + "expected a layer whose channels come from one convolution or dense layer that nothing else reads"
  }

  @Test func refusesWhatNoSingleLayerMakes() throws {
    let branched = try ForwardPassTests.branched()
    #expect(message { try branched.pruning([0], of: "input") } == refusal("input", because: "input"))
    #expect(message { try branched.pruning([0], of: "output") } == refusal("output", because: "output"))
    #expect(message { try branched.pruning([4], of: "pool") } == "pool: no channel 4; expected 0...3")
    #expect(message { try branched.pruning([-1], of: "pool") } == "pool: no channel -1; expected 0...3")
    #expect(message { try branched.pruning([0], of: "pool_3") }.hasPrefix("layer pool_3: no such layer"))
  }

  @Test func refusesFunctionsThatMakeSomethingOfZero() throws {
    let sigmoid = try chain([6], .dense(dense(6, 4)), .activation(.sigmoid))
    #expect(message { try sigmoid.pruning([0], of: "layer_2") } == refusal("layer_2", because: "layer_2"))
    let inside = try chain([6], .dense(dense(6, 4, .sigmoid)), .activation(.relu))
    #expect(message { try inside.pruning([0], of: "layer_2") } == refusal("layer_2", because: "layer_1"))
    let shifted = Activation.rectifier(Rectifier(negativeSlope: 0.5, threshold: 1))
    #expect(!shifted.keepsZero)
    #expect(Activation.rectifier(Rectifier(maxValue: 6, negativeSlope: 0.5)).keepsZero)
    let plain = BatchNormalization(
      gamma: nil, beta: [0, 0, 0, 0], mean: [1, 1, 1, 1], variance: [1, 1, 1, 1], epsilon: 0)
    #expect(
      message { try chain([4], .batchNormalization(plain)).pruning([0], of: "layer_1") }
        == refusal("layer_1", because: "layer_1"))
  }

  @Test func refusesChannelsThatOthersRead() throws {
    let shared = try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([4])), inputs: []),
      .init(name: "made", layer: .dense(dense(4, 4)), inputs: [0]),
      .init(name: "positive", layer: .activation(.relu), inputs: [1]),
      .init(name: "sum", layer: .add, inputs: [1, 2]),
    ])
    #expect(message { try shared.pruning([0], of: "positive") } == refusal("positive", because: "made"))
    try expectSilent(shared, "made", [0])
  }
}
