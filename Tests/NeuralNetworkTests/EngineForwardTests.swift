import NeuralNetwork
import Testing

@Suite struct EngineForwardTests {
  /// Counts that are taken one by one, that fill groups of 4, 8 and 16 or leave a rest, and that pass a block of images.
  @Test(arguments: [1, 3, 4, 9, 37]) func agreesWithTheReference(_ count: Int) throws {
    for network in try [EngineNetworks.deepID()] + EngineNetworks.odd() + EngineNetworks.strided() {
      let images = EngineNetworks.images(network, count)
      let logits = network.logitsNetwork
      let expected = try [0, count - 1].map { image in
        try ReferencePass(logits).values(of: images.images(image..<image + 1).values)
      }
      for kernels in Kernels.available {
        let forward = ForwardPass(network, threads: 1, kernels: kernels)
        let all = try forward.values(of: Array(network.nodes.indices), given: [0: images])
        let fused = try forward.logits(of: images)
        for (expected, image) in zip(expected, [0, count - 1]) {
          for (node, tensor) in all.enumerated() {
            expectClose(tensor, image, expected[node], "\(kernels.name), node \(network.nodes[node].name)")
          }
          expectClose(fused, image, expected[network.output], "\(kernels.name), fused")
        }
      }
    }
  }

  /// Sums have at most some hundred terms of size 1 and the reference sums in double precision: floats differ from it by
  /// less than 1e-5 of the larger of 1 and the value.
  private func expectClose(_ tensor: Tensor, _ image: Int, _ expected: [Double], _ comment: String) {
    let values = tensor.images(image..<image + 1).values
    #expect(values.count == expected.count)
    let worst = zip(values, expected).map { abs(Double($0) - $1) / max(1, abs($1)) }.max() ?? 1
    #expect(worst < 1e-5, "\(comment)")
  }

  @Test func givesTheSameBitsForAnyNumberOfThreads() throws {
    let network = try EngineNetworks.deepID()
    let images = EngineNetworks.images(network, 101)
    for kernels in Kernels.available {
      let one = try ForwardPass(network, threads: 1, kernels: kernels).logits(of: images).values
      #expect(try ForwardPass(network, threads: 2, kernels: kernels).logits(of: images).values == one)
      #expect(try ForwardPass(network, threads: 3, kernels: kernels).logits(of: images).values == one)
    }
  }

  /// One image's rows are divided among threads where that is worth it: 30 million multiplications are.
  @Test func givesTheSameBitsForOneImageOnAnyNumberOfThreads() throws {
    let layer = convolution(8, 44, try Window(height: 3, width: 3), .relu)
    for rest in [[Layer.flatten], [try EngineNetworks.pool(), .flatten]] {
      var nodes = try chain([100, 100, 8], .convolution(layer)).nodes
      for layer in rest { nodes.append(.init(name: "\(nodes.count)", layer: layer, inputs: [nodes.count - 1])) }
      let network = try Network(nodes: nodes)
      let image = EngineNetworks.images(network, 1)
      let expected = try ReferencePass(network).values(of: image.values)
      for kernels in Kernels.available {
        let one = try ForwardPass(network, threads: 1, kernels: kernels).logits(of: image)
        expectClose(one, 0, expected[network.output], kernels.name)
        for threads in [2, 3] {
          #expect(try ForwardPass(network, threads: threads, kernels: kernels).logits(of: image).values == one.values)
        }
      }
    }
  }

  /// Lanes do not mix: a convolution's numbers for an image are the same bits in any company.
  @Test func doesNotMixImages() throws {
    let network = try EngineNetworks.deepID()
    let images = EngineNetworks.images(network, 21)
    let pool = try network.index(of: "pool_3")
    for kernels in Kernels.available {
      let forward = ForwardPass(network, threads: 1, kernels: kernels)
      let all = try forward.values(of: [pool], given: [0: images])[0]
      let some = try forward.values(of: [pool], given: [0: images.images(13..<18)])[0]
      #expect(all.images(13..<18).values == some.values)
    }
  }

  @Test func goesOnFromAPool() throws {
    let network = try EngineNetworks.deepID()
    let images = EngineNetworks.images(network, 40)
    let pool = try network.index(of: "pool_3")
    for kernels in Kernels.available {
      let forward = ForwardPass(network, threads: 2, kernels: kernels)
      let prefix = try forward.values(of: [pool], given: [0: images])[0]
      #expect(
        try forward.values(of: [network.output], given: [pool: prefix])[0].values
          == forward.logits(of: images).values)
    }
  }

  /// Neither NaN nor infinity of one image reaches another of its group.
  @Test func keepsAnInfiniteImageToItself() throws {
    let network = try EngineNetworks.deepID()
    var images = EngineNetworks.images(network, 16)
    for kernels in Kernels.available {
      let forward = ForwardPass(network, threads: 1, kernels: kernels)
      let before = try forward.logits(of: images)
      images.values[3 * network.inputShape.count] = .infinity
      images.values[3 * network.inputShape.count + 1] = .nan
      let after = try forward.logits(of: images)
      #expect(before.images(0..<3).values == after.images(0..<3).values)
      #expect(before.images(4..<16).values == after.images(4..<16).values)
      images = EngineNetworks.images(network, 16)
    }
  }
}
