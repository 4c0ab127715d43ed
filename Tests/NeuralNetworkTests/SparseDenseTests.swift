import NeuralNetwork
import Testing

/// Dense layers that leave out zeros, which take their inputs in parts: those of a single image.
@Suite struct SparseDenseTests {
  /// - Parameter inputs: on both sides of a part's size.
  @Test(arguments: [1, 1024, 1025, 3000]) func equalThePlainLayersInEveryPart(inputs: Int) throws {
    var random = SeededGenerator(seed: 5)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let network = try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([1, inputs, 1])), inputs: []),
      .init(name: "flat", layer: .flatten, inputs: [0]),
      .init(
        name: "hidden",
        layer: .dense(
          Dense(inputs: inputs, units: 70, kernel: numbers(inputs * 70), bias: numbers(70), activation: .relu)),
        inputs: [1]),
      .init(name: "logits", layer: .dense(Dense(inputs: 70, units: 5, kernel: numbers(350), bias: nil)), inputs: [2]),
    ])
    // Half of the inputs are 0.
    let images = Tensor(count: 1, shape: network.inputShape, values: numbers(inputs).map { max($0, 0) })
    let plain = try ForwardPass(network, threads: 1, kernels: nil).logits(of: images).values
    let expected = try ForwardPass(network, threads: 1, kernels: Kernels.available.last).logits(of: images).values
    let largest = plain.map(abs).max() ?? 1
    #expect(zip(plain, expected).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
    for kernels in Kernels.available {
      #expect(try ForwardPass(network, threads: 2, kernels: kernels).logits(of: images).values == expected)
    }
  }
}
