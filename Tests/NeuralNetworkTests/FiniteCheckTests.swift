import NeuralNetwork
import Testing

/// Values that are not finite are told by layer, image and value, be they behind a function that hides them.
struct FiniteCheckTests {
  private func dense(_ inputs: Int, _ units: Int, _ kernel: [Float], _ activation: Activation = .linear) -> Layer {
    .dense(Dense(inputs: inputs, units: units, kernel: kernel, bias: nil, activation: activation))
  }

  /// (2) → first → second → two classes.
  private func network(_ first: [Float], _ second: [Float], _ activation: Activation = .relu) throws -> Network {
    try Network(nodes: [
      .init(name: "input", layer: .input(Shape([2])), inputs: []),
      .init(name: "first", layer: dense(2, 2, first), inputs: [0]),
      .init(name: "second", layer: dense(2, 2, second, activation), inputs: [1]),
      .init(name: "output", layer: dense(2, 2, [1, 0, 0, 1], .softmax), inputs: [2]),
    ])
  }

  private func message(_ network: Network, _ values: [Float]) -> String {
    do {
      var check = FiniteCheck(network, threads: 1)
      let images = Tensor(count: values.count / 2, shape: try Shape([2]), values: values)
      try check.check(images) { "row \($0)" }
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func soundNetworksPass() throws {
    let sound = try network([1, 0, 0, 1], [1, 2, 3, 4])
    #expect(message(sound, [1, 2, -3, 4]) == "no error")
    #expect(message(sound, [1e30, 2, -3, 4]) == "no error")
  }

  @Test func aValueThatOverflowsIsNamed() throws {
    let large = try network([1e30, 0, 0, 1], [1e30, 0, 0, 1])
    #expect(message(large, [1, 1]) == "row 0: layer second answers inf; expected finite numbers")
    #expect(message(large, [0, 1, 0, 1, -1, 1]) == "row 2: layer second answers -inf; expected finite numbers")
  }

  /// inf - inf is NaN, which max(x, 0) takes for 0: the logits are finite, and wrong.
  @Test func whatARectifierHidesIsFound() throws {
    let hidden = try network([1e38, 1e38, 1e38, 1e38], [1, 0, -1, 0])
    let logits = try ForwardPass(hidden, threads: 1).logits(
      of: Tensor(count: 1, shape: Shape([2]), values: [200, 200]))
    #expect(logits.values == [0, 0])
    #expect(message(hidden, [200, 200]) == "row 0: layer first answers inf; expected finite numbers")
    // Behind the images that are walked through, the logits tell.
    let late = try network([1e38, 0, 0, 1], [1, 0, 0, 1], .linear)
    #expect(
      message(late, [Float](repeating: 0, count: 20) + [200, 1])
        == "row 10: layer first answers inf; expected finite numbers")
  }

  @Test func oneSigmoidIsTwoClasses() throws {
    let network = try Network(nodes: [
      .init(name: "input", layer: .input(Shape([2])), inputs: []),
      .init(name: "output", layer: dense(2, 1, [1, 1], .sigmoid), inputs: [0]),
      .init(name: "classes", layer: BinaryLogits().layer, inputs: [1]),
    ])
    #expect(network.classes == 2 && network.endsInSigmoid(1))
    let images = Tensor(count: 4, shape: try Shape([2]), values: [1, 1, -1, -1, 0, 0, 1, -0.999])
    #expect(try ForwardPass(network, threads: 1).logits(of: images).largestIndices == [1, 0, 0, 1])
  }
}
