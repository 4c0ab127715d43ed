import NeuralNetwork
import Testing

@Suite struct NetworkTests {
  private func node(_ name: String, _ layer: Layer, _ inputs: [Int]) -> Network.Node {
    Network.Node(name: name, layer: layer, inputs: inputs)
  }

  @Test func refusesGraphsThatAreNoNetwork() throws {
    let input = node("input", .input(try Shape([2, 2, 1])), [])
    func error(_ nodes: Network.Node...) -> String { message { try Network(nodes: nodes) } }
    #expect(message { try Network(nodes: []) } == "network: no input layer at its start; expected one InputLayer")
    #expect(error(node("a", .flatten, [])) == "network: no input layer at its start; expected one InputLayer")
    #expect(
      error(input, node("second", .input(try Shape([2])), []))
        == "second: a second input layer; expected one InputLayer")
    #expect(
      error(input, node("a", .flatten, [0]), node("a", .flatten, [1]))
        == "a: a second layer of this name; expected unique layer names")
    #expect(error(input, node("a", .flatten, [1])).hasPrefix("a: "))
    #expect(error(input, node("a", .flatten, [-1])).hasPrefix("a: "))
    #expect(error(input, node("a", .flatten, [0, 0])).hasPrefix("a: 2 inputs; expected "))
    #expect(error(input, node("a", .add, [])).hasPrefix("a: 0 inputs; expected "))
  }

  @Test func refusesShapesThatAreEmptyOrTooLarge() throws {
    let bounds = "an extent out of range; expected positive extents and at most 268435456 values"
    #expect(message { try Shape([2, 0]) } == "shape (2, 0): \(bounds)")
    #expect(message { try Shape([-1]) } == "shape (-1): \(bounds)")
    #expect(message { try Shape([Int.max, Int.max]) } == "shape (\(Int.max), \(Int.max)): \(bounds)")
    #expect(message { try Shape([1 << 14, 1 << 14, 2]) } == "shape (16384, 16384, 2): \(bounds)")
    #expect(try Shape([1 << 14, 1 << 14]).count == Shape.maximumCount)
    #expect(try Shape([4, 5, 6]).positions == 20)
  }

  @Test func namesTheLayersThereAre() throws {
    let network = try chain([2, 2, 1], .flatten)
    #expect(try network.index(of: "layer_1") == 1)
    #expect(
      message { try network.index(of: "pool_3") } == "layer pool_3: no such layer; expected one of input, layer_1")
  }

  @Test func countsItsNumbers() throws {
    let network = try chain(
      [3, 3, 2], .convolution(convolution(2, 4, try Window(height: 2, width: 2))),
      .batchNormalization(
        BatchNormalization(gamma: nil, beta: [0, 0, 0, 0], mean: [0, 0, 0, 0], variance: [1, 1, 1, 1], epsilon: 0)),
      .flatten, .dense(dense(16, 3, bias: false)))
    #expect(network.parameterCount == (2 * 2 * 2 * 4 + 4) + 12 + 48)
    #expect(network.classes == 3)
  }

  @Test func dropsTheSoftmaxOfItsLastLayerAlone() throws {
    let inner = Layer.dense(dense(4, 4, .softmax))
    let expected = try chain([4], inner, .dense(dense(4, 3)))
    #expect(try chain([4], inner, .dense(dense(4, 3, .softmax))).logitsNetwork == expected)
    let window = try Window(height: 1, width: 1)
    #expect(
      try chain([1, 1, 2], .convolution(convolution(2, 3, window, .softmax))).logitsNetwork
        == chain([1, 1, 2], .convolution(convolution(2, 3, window))))
    let separate = try chain([4], .dense(dense(4, 3)), .activation(.softmax))
    let images = randomNumbers(8, seed: 3)
    #expect(try output(separate, images) == output(chain([4], .dense(dense(4, 3))), images))
    #expect(expected.logitsNetwork == expected)
  }
}

@Suite struct ForwardPassTests {
  /// A network of every kind of weights, with a way around the pruned part.
  static func branched() throws -> Network {
    let window = try Window(height: 3, width: 3, padding: .same)
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([8, 6, 3])), inputs: []),
      .init(name: "conv", layer: .convolution(convolution(3, 4, window, .relu)), inputs: [0]),
      .init(
        name: "pool",
        layer: .pooling(Pooling(.maximum, window: try Window(height: 2, width: 2, strideY: 2, strideX: 2))),
        inputs: [1]),
      .init(name: "flat", layer: .flatten, inputs: [2]),
      .init(name: "side", layer: .flatten, inputs: [0]),
      .init(name: "dense", layer: .dense(dense(48, 6)), inputs: [3]),
      .init(name: "around", layer: .dense(dense(144, 6)), inputs: [4]),
      .init(name: "sum", layer: .add, inputs: [5, 6]),
      .init(name: "output", layer: .dense(dense(6, 5, .softmax)), inputs: [7]),
    ])
  }

  @Test func agreesWithTheReferenceOnAGraph() throws { try expectReference(Self.branched()) }

  @Test func givesTheSameBitsForAnyNumberOfThreads() throws {
    let network = try Self.branched()
    // Not a multiple of the block, so that the last one is short.
    let images = randomNumbers(101 * 144, seed: 9)
    let single = try output(network, images, threads: 1)
    for threads in 2...3 {
      #expect(try output(network, images, threads: threads).map(\.bitPattern) == single.map(\.bitPattern))
    }
  }

  @Test func goesOnFromTheValuesOfInnerLayers() throws {
    let network = try Self.branched()
    let images = Tensor(count: 40, shape: network.inputShape, values: randomNumbers(40 * 144, seed: 5))
    let forward = ForwardPass(network, threads: 2)
    let inner = try forward.values(of: [2, 4], given: [0: images])
    let whole = try forward.logits(of: images)
    let rest = try forward.values(of: [network.output], given: [2: inner[0], 4: inner[1]])[0]
    #expect(rest.values == whole.values)
    // What is given is handed back as it is.
    #expect(try forward.values(of: [0], given: [0: images])[0].values == images.values)
  }

  @Test func refusesValuesThatDoNotFit() throws {
    let network = try chain([4], .dense(dense(4, 3)))
    let forward = ForwardPass(network, threads: 1)
    let wrong = Tensor(zeros: 2, shape: try Shape([2, 2]))
    #expect(
      message { try forward.logits(of: wrong) } == "input: 2 values of shape (2, 2); expected 2 of shape (4)")
    let output = Tensor(zeros: 2, shape: try Shape([3]))
    #expect(
      message { try forward.values(of: [0], given: [1: output]) }
        == "input: no value for its input; expected images or the values before it")
  }

  @Test func hasNothingToSayOfNoImages() throws {
    let network = try chain([4], .dense(dense(4, 3)))
    #expect(try output(network, []) == [])
    #expect(Tensor(zeros: 0, shape: try Shape([3])).largestIndices == [])
  }

  @Test func answersTheLowestOfEqualClasses() throws {
    let values: [Float] = [1, 3, 3, 2, 0, 0, -0.0, 0, 5, 1, 1, 5]
    #expect(Tensor(count: 3, shape: try Shape([4]), values: values).largestIndices == [1, 0, 0])
    #expect(Tensor(count: 2, shape: try Shape([1]), values: [4, -4]).largestIndices == [0, 0])
  }
}
