import NeuralNetwork
import Testing

/// Numbers in -1..<1.
func randomNumbers(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Float(generator.uniform(in: -1..<1)) }
}

/// `input`, then each layer on the one before it, called `layer_1`, `layer_2` …
func chain(_ input: [Int], _ layers: Layer...) throws -> Network {
  try Network(
    nodes: [.init(name: "input", layer: .input(try Shape(input)), inputs: [])]
      + layers.enumerated().map { .init(name: "layer_\($0 + 1)", layer: $1, inputs: [$0]) })
}

/// The values of a network's last layer for images of these values, one image after the other.
func output(_ network: Network, _ images: [Float], threads: Int = 1) throws -> [Float] {
  let count = images.count / network.inputShape.count
  let tensor = Tensor(count: count, shape: network.inputShape, values: images)
  return try ForwardPass(network, threads: threads).logits(of: tensor).values
}

/// Holds every node's values for three random images up to the plain reference.
///
/// The reference sums in double precision. Sums here have at most some hundred terms of size 1, so floats differ from it
/// by less than 1e-5 of the larger of 1 and the value.
func expectReference(_ network: Network, seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let (size, count) = (network.inputShape.count, 3)
  let images = randomNumbers(count * size, seed: seed &+ 1000)
  let forward = ForwardPass(network, threads: 1)
  let computed = try forward.values(
    of: Array(forward.network.nodes.indices),
    given: [0: Tensor(count: count, shape: network.inputShape, values: images)])
  for image in 0..<count {
    let expected = try ReferencePass(forward.network).values(of: Array(images[image * size..<(image + 1) * size]))
    for (node, tensor) in computed.enumerated() {
      #expect(tensor.shape == network.shapes[node], sourceLocation: sourceLocation)
      #expect(tensor.shape.count == expected[node].count, sourceLocation: sourceLocation)
      let worst = zip(tensor.images(image..<image + 1).values, expected[node]).map {
        abs(Double($0) - $1) / max(1, abs($1))
      }
      .max()
      #expect(try #require(worst) < 1e-5, "node \(network.nodes[node].name)", sourceLocation: sourceLocation)
    }
  }
}

/// A convolution with random weights; the seed is made of its sizes.
func convolution(
  _ inputChannels: Int, _ filters: Int, _ window: Window, bias: Bool = true, _ activation: Activation = .linear
) -> Convolution {
  let size = window.height * window.width * inputChannels * filters
  return Convolution(
    window: window, inputChannels: inputChannels, filters: filters, kernel: randomNumbers(size, seed: UInt64(size)),
    bias: bias ? randomNumbers(filters, seed: UInt64(size) + 1) : nil, activation: activation)
}

/// A dense layer with random weights.
func dense(_ inputs: Int, _ units: Int, bias: Bool = true, _ activation: Activation = .linear) -> Dense {
  Dense(
    inputs: inputs, units: units, kernel: randomNumbers(inputs * units, seed: UInt64(inputs * units)),
    bias: bias ? randomNumbers(units, seed: 77) : nil, activation: activation)
}

/// The text of what `body` throws.
func message<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
