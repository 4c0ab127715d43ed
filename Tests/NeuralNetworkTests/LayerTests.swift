import NeuralNetwork
import Testing

@Suite struct LayerTests {
  @Test(arguments: [[4], [3, 5, 4]]) func normalisesByStoredStatistics(_ shape: [Int]) throws {
    for (gamma, beta) in [(true, true), (true, false), (false, true), (false, false)] {
      let layer = BatchNormalization(
        gamma: gamma ? randomNumbers(4, seed: 3) : nil, beta: beta ? randomNumbers(4, seed: 4) : nil,
        mean: randomNumbers(4, seed: 5), variance: [0.1, 1, 2, 0.5], epsilon: 1e-3)
      try expectReference(chain(shape, .batchNormalization(layer)))
    }
  }

  @Test func normalisesByHand() throws {
    let layer = BatchNormalization(gamma: [2], beta: [1], mean: [3], variance: [3], epsilon: 1)
    // 2 (x - 3) / sqrt(4) + 1 = x - 2
    #expect(try output(chain([2, 1, 1], .batchNormalization(layer)), [0, 7]) == [-2, 5])
    #expect(
      message { try chain([2], .batchNormalization(layer)) } == "layer_1/moving_mean: 1 channels; expected 2")
  }

  @Test(arguments: [[6], [2, 3, 6]]) func multipliesTheLastAxis(_ shape: [Int]) throws {
    for activation in [Activation.linear, .relu, .sigmoid, .tanh, .softmax] {
      try expectReference(
        chain(shape, .dense(dense(6, 5, activation)), .dense(dense(5, 3, bias: false)), .dropout(rate: 0)))
    }
  }

  @Test func multipliesByHand() throws {
    let layer = Dense(inputs: 2, units: 3, kernel: [1, 2, 3, 4, 5, 6], bias: [0, 0, -100], activation: .relu)
    #expect(try output(chain([2], .dense(layer)), [10, 1, 0, 1]) == [14, 25, 0, 4, 5, 0])
    #expect(message { try chain([3], .dense(layer)) } == "layer_1/kernel: 2 inputs; expected 3")
  }

  @Test func flattensHeightThenWidthThenChannel() throws {
    let network = try chain([2, 2, 2], .flatten)
    #expect(network.shapes[1].dimensions == [8])
    #expect(try output(network, [1, 2, 3, 4, 5, 6, 7, 8]) == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func rescalesEveryValueOrEachChannel() throws {
    try expectReference(chain([3, 2, 3], .rescaling(scale: [2, -1, 0.5], offset: [1])))
    #expect(
      try output(chain([1, 2, 2], .rescaling(scale: [2], offset: [10, 20])), [1, 2, 3, 4]) == [12, 24, 16, 28])
    #expect(
      message { try chain([1, 2, 3], .rescaling(scale: [1], offset: [1, 2])) }
        == "layer_1/offset: 2 values; expected 1 or 3")
  }

  @Test func rectifiesByThreeNumbers() throws {
    func values(_ rectifier: Rectifier) throws -> [Float] {
      try output(chain([6], .activation(.rectifier(rectifier))), [-2, -0.5, 0, 0.5, 1, 3])
    }
    #expect(try values(Rectifier()) == [0, 0, 0, 0.5, 1, 3])
    #expect(try values(Rectifier(maxValue: 0.75)) == [0, 0, 0, 0.5, 0.75, 0.75])
    #expect(try values(Rectifier(negativeSlope: 0.5)) == [-1, -0.25, 0, 0.5, 1, 3])
    #expect(try values(Rectifier(threshold: 1)) == [0, 0, 0, 0, 1, 3])
    // Below the threshold the line passes through it: slope (x - threshold).
    #expect(try values(Rectifier(maxValue: 2, negativeSlope: 2, threshold: 1)) == [-6, -3, -2, -1, 1, 2])
  }

  @Test func softmaxSumsToOneOnEachPosition() throws {
    let network = try chain([2, 1, 3], .activation(.softmax), .dropout(rate: 0.1))
    let values = try output(network, [0, 0, 0, 1000, 1000, -1000])
    let third: Float = 1 / 3
    #expect(values == [third, third, third, 0.5, 0.5, 0])
    let logs = try output(network, [0.6931472, 0, 0, 0, 1.0986123, 0])
    for (value, expected) in zip(logs, [0.5, 0.25, 0.25, 0.2, 0.6, 0.2] as [Float]) {
      // ln 2 and ln 3 are rounded to seven digits.
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func sigmoidAndTangentByHand() throws {
    let values = try output(chain([2], .activation(.sigmoid)), [0, 200])
    #expect(values == [0.5, 1])
    // tanh 0.5 to a float's precision.
    #expect(try abs(output(chain([1], .activation(.tanh)), [0.5])[0] - 0.46211716) < 1e-7)
  }
}

@Suite struct MergingTests {
  /// Two layers of one input, merged by a third.
  private func merged(_ input: [Int], _ left: Layer, _ right: Layer, by layer: Layer) throws -> Network {
    try Network(nodes: [
      .init(name: "input", layer: .input(try Shape(input)), inputs: []),
      .init(name: "left", layer: left, inputs: [0]), .init(name: "right", layer: right, inputs: [0]),
      .init(name: "both", layer: layer, inputs: [1, 2, 1]),
    ])
  }

  @Test func addsAllInputs() throws {
    try expectReference(merged([4, 3, 2], .activation(.tanh), .rescaling(scale: [3], offset: [1]), by: .add))
    let network = try merged([2], .activation(.linear), .rescaling(scale: [10], offset: [0]), by: .add)
    #expect(try output(network, [1, 2]) == [12, 24])
  }

  @Test(arguments: [0, 1, 2]) func concatenatesOnAnyAxis(_ axis: Int) throws {
    let right = [
      Layer.convolution(convolution(2, 2, try Window(height: 2, width: 1))),
      .convolution(convolution(2, 2, try Window(height: 1, width: 3))),
      .convolution(convolution(2, 5, try Window(height: 1, width: 1))),
    ][axis]
    let network = try merged([4, 5, 2], .activation(.tanh), right, by: .concatenate(axis: axis))
    #expect(network.shapes[3].dimensions == [[11, 5, 2], [4, 13, 2], [4, 5, 9]][axis])
    try expectReference(network)
  }

  @Test func concatenatesByHand() throws {
    let twice = Layer.rescaling(scale: [10], offset: [0])
    #expect(
      try output(merged([2, 1, 2], .flatten, .flatten, by: .concatenate(axis: 0)), [1, 2, 3, 4])
        == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    #expect(
      try output(merged([2, 1, 2], .activation(.linear), twice, by: .concatenate(axis: 2)), [1, 2, 3, 4])
        == [1, 2, 10, 20, 1, 2, 3, 4, 30, 40, 3, 4])
  }

  @Test func refusesOtherShapes() throws {
    let (flat, mapped) = (Layer.flatten, Layer.activation(.linear))
    #expect(
      message { try merged([2, 2, 2], mapped, flat, by: .add) }
        == "both/Add: inputs of shapes (2, 2, 2) and (8); expected equal shapes")
    #expect(
      message { try merged([2, 2, 2], mapped, flat, by: .concatenate(axis: 0)) }
        == "both/Concatenate: inputs of shapes (2, 2, 2) and (8); expected equal ranks")
    #expect(
      message { try merged([2, 2, 2], mapped, flat, by: .concatenate(axis: 3)) }
        == "both/Concatenate: axis 3; expected an axis of its inputs")
    let wider = Layer.convolution(convolution(2, 3, try Window(height: 1, width: 1)))
    #expect(
      message { try merged([2, 2, 2], mapped, wider, by: .concatenate(axis: 1)) }
        == "both/Concatenate: inputs of shapes (2, 2, 2) and (2, 2, 3); expected shapes equal but on axis 1")
  }
}
