import NeuralNetwork
import Testing

/// Wide 3 x 3 convolutions of small maps, whose kernels are transformed as they are read where few images come.
@Suite struct FewWindowsTests {
  /// Two layers: channels that fill their parts and channels that do not, filters in one panel of vectors and in several.
  private func network(_ height: Int, _ width: Int) throws -> Network {
    var random = SeededGenerator(seed: 5)
    func convolution(_ channels: Int, _ filters: Int) throws -> Layer {
      .convolution(
        Convolution(
          window: try Window(height: 3, width: 3, padding: .same), inputChannels: channels, filters: filters,
          kernel: (0..<9 * channels * filters).map { _ in Float(random.normal()) / 20 },
          bias: (0..<filters).map { _ in Float(random.normal()) }, activation: .relu))
    }
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([height, width, 64])), inputs: []),
      .init(name: "first", layer: try convolution(64, 80), inputs: [0]),
      .init(name: "second", layer: try convolution(80, 32), inputs: [1]),
    ])
  }

  /// One window, four, and six of three images; each image alone has the bits that it has among others.
  @Test(arguments: [(2, 1), (4, 4), (3, 4), (4, 2)] as [(Int, Int)])
  func areTheSameBitsAsMany(_ height: Int, _ width: Int) throws {
    let network = try network(height, width)
    var random = SeededGenerator(seed: 6)
    let count = 7
    let images = Tensor(
      count: count, shape: network.shapes[0],
      values: (0..<count * network.shapes[0].count).map { _ in Float(random.normal()) })
    func values(_ images: Tensor, _ kernels: Kernels, threads: Int) throws -> [UInt32] {
      try ForwardPass(network, threads: threads, kernels: kernels).values(of: [2], given: [0: images])[0].values
        .map(\.bitPattern)
    }
    let expected = try values(images, Kernels.available[0], threads: 1)
    let size = expected.count / count
    for kernels in Kernels.available {
      for threads in [1, 2, 5] {
        for few in 1...3 {
          for start in 0...count - few {
            let found = try values(images.images(start..<start + few), kernels, threads: threads)
            #expect(found == Array(expected[start * size..<(start + few) * size]))
          }
        }
      }
    }
  }
}
