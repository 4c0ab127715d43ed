import NeuralNetwork
import Testing

/// The sweep compared with the plain layers, rerun for every number of silenced channels.
@Suite struct SilencingSweepTests {
  private static let count = 19

  private func order(_ channels: Int) -> [Int] {
    var generator = SeededGenerator(seed: 3)
    return generator.sample(channels, below: channels).shuffled(using: &generator)
  }

  /// Where two classes are so close that the order of a sum decides, either is right.
  private func expectEqual(_ network: Network, layer: Int, kernels: Kernels) throws {
    let network = network.logitsNetwork
    let plain = ForwardPass(network, threads: 1, kernels: nil)
    let sweep = try SilencingSweep(network, layer: layer, threads: 2, kernels: kernels)
    let images = EngineNetworks.images(network, Self.count)
    let values = try plain.values(of: sweep.frontier, given: [0: images])
    var given = Dictionary(uniqueKeysWithValues: zip(sweep.frontier, values))
    let channels = network.shapes[layer].channels
    let order = order(channels)
    let found = try sweep.predictions(given, order: order)
    #expect(found.count == channels + 1)
    for step in 0...channels {
      if step > 0 {
        for index in stride(from: order[step - 1], to: given[layer]?.values.count ?? 0, by: channels) {
          given[layer]?.values[index] = 0
        }
      }
      let logits = try plain.values(of: [network.output], given: given)[0]
      let expected = logits.largestIndices
      for image in 0..<Self.count {
        let row = logits.images(image..<image + 1).values
        let margin = row[expected[image]] - row[Int(found[step][image])]
        let largest = row.map(abs).max() ?? 0
        #expect(
          Int(found[step][image]) == expected[image] || margin <= 1e-5 * largest,
          "\(kernels.name), \(network.nodes[layer].name), \(step) silenced, image \(image)")
      }
    }
  }

  @Test func agreesWithPlainLayersBehindEveryLayer() throws {
    let networks = try [EngineNetworks.deepID()] + EngineNetworks.odd() + EngineNetworks.strided()
    for network in networks {
      for layer in network.nodes.indices.dropFirst() {
        for kernels in Kernels.available { try expectEqual(network, layer: layer, kernels: kernels) }
      }
    }
  }

  /// Rows of more columns than a part has, before layers of many tiles; activations are nodes of their own.
  @Test(arguments: [(1200, 700), (30, 1200)]) func agreesBeforeWideLayers(first: Int, second: Int) throws {
    let network = try chain(
      [4, 4, 3], .convolution(convolution(3, 9, try Window(height: 2, width: 2))), .activation(.relu), .flatten,
      .dense(dense(81, first)), .activation(.relu), .dense(dense(first, second)), .activation(.relu),
      .dense(dense(second, 700)), .activation(.softmax))
    for kernels in Kernels.available { try expectEqual(network, layer: 2, kernels: kernels) }
  }

  /// With weights and biases of 0 every class has the same logit, and the lowest must win at every step: a rest left by
  /// subtracting would choose another.
  @Test func equalLogitsStayEqual() throws {
    let window = try Window(height: 2, width: 2)
    let network = try chain(
      [4, 4, 3], .convolution(convolution(3, 5, window, bias: false)), .flatten,
      .dense(Dense(inputs: 45, units: 70, kernel: [Float](repeating: 0, count: 45 * 70), bias: nil)))
    for kernels in Kernels.available {
      let sweep = try SilencingSweep(network, layer: 1, threads: 1, kernels: kernels)
      let images = EngineNetworks.images(network, 9)
      let values = try ForwardPass(network, threads: 1).values(of: [1], given: [0: images])
      let found = try sweep.predictions([1: values[0]], order: [2, 0, 4, 1, 3])
      #expect(found == [[Int32]](repeating: [Int32](repeating: 0, count: 9), count: 6))
    }
  }

  @Test func predictionsDoNotDependOnThreads() throws {
    let network = try EngineNetworks.deepID()
    let layer = try network.index(of: "pool_3")
    let images = EngineNetworks.images(network, 50)
    let values = try ForwardPass(network, threads: 1).values(of: [layer], given: [0: images])
    let found = try [1, 2, 5].map { threads in
      try SilencingSweep(network, layer: layer, threads: threads).predictions([layer: values[0]], order: order(12))
    }
    #expect(found[0] == found[1] && found[1] == found[2])
    #expect(Set(found[0].joined()).count > 1)
  }
}
