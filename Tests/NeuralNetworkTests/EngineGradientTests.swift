import NeuralNetwork
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct EngineGradientTests {
  private func networks() throws -> [Network] {
    try [EngineNetworks.deepID()] + EngineNetworks.odd() + EngineNetworks.winograd()
  }

  private func labels(_ network: Network, _ count: Int) -> [Int] { (0..<count).map { $0 * 7 % network.classes } }

  /// The plain layers' gradients are compared with finite differences elsewhere. Sums run over some thousand positions and
  /// images in another order: floats differ by less than 2e-5 of a layer's largest gradient.
  @Test(arguments: [1, 16, 37]) func agreesWithThePlainLayers(_ count: Int) throws {
    for network in try networks() {
      let images = EngineNetworks.images(network, count)
      let plain = try BackwardPass(network, threads: 1, kernels: nil).run(
        images: images, labels: labels(network, count))
      for kernels in Kernels.available {
        let own = try BackwardPass(network, threads: 1, kernels: kernels).run(
          images: images, labels: labels(network, count))
        #expect(abs(own.loss - plain.loss) < 1e-5 * max(1, plain.loss))
        #expect(own.hits == plain.hits)
        #expect(own.gradients.keys.sorted() == plain.gradients.keys.sorted())
        for (node, gradient) in own.gradients {
          let expected = try #require(plain.gradients[node])
          #expect(!gradient.kernel.isEmpty)
          for (a, b) in [(gradient.kernel, expected.kernel), (gradient.bias, expected.bias)] {
            #expect(a.count == b.count)
            let largest = b.map(abs).max() ?? 0
            // A layer without a bias has no gradient of one.
            let worst = zip(a, b).map { abs($0 - $1) }.max() ?? 0
            #expect(worst <= 2e-5 * max(largest, 1e-3), "\(kernels.name), node \(network.nodes[node].name)")
          }
        }
      }
    }
  }

  /// d loss / d weight is about (loss(w + h) - loss(w - h)) / 2h. The loss is the plain reference's, in double precision, so
  /// that h can be small enough to step over few kinks of max(x, 0) and of pools.
  @Test func agreesWithFiniteDifferences() throws {
    let network = try EngineNetworks.deepID()
    let images = EngineNetworks.images(network, 4)
    let labels = labels(network, 4)
    for kernels in Kernels.available {
      let result = try BackwardPass(network, threads: 1, kernels: kernels).run(images: images, labels: labels)
      for name in ["conv_1", "conv_2", "conv_3", "conv_4"] {
        let node = try network.index(of: name)
        let gradient = try #require(result.gradients[node])
        let largest = try #require(gradient.kernel.map(abs).max())
        for index in stride(from: 0, to: gradient.kernel.count, by: gradient.kernel.count / 5) {
          let step: Float = 1e-4
          let (up, above) = try loss(network, node, index, step, images, labels)
          let (down, below) = try loss(network, node, index, -step, images, labels)
          let slope = (up - down) / (Double(above) - Double(below))
          #expect(
            abs(slope - Double(gradient.kernel[index])) < 5e-3 * Double(largest), "\(kernels.name), \(name) \(index)")
        }
      }
    }
  }

  /// The mean loss with one weight moved, and that weight as rounded.
  private func loss(
    _ network: Network, _ node: Int, _ index: Int, _ step: Float, _ images: Tensor, _ labels: [Int]
  ) throws -> (Double, Float) {
    var nodes = network.logitsNetwork.nodes
    guard case .convolution(var layer) = nodes[node].layer else { return (.nan, 0) }
    layer.kernel[index] += step
    nodes[node].layer = .convolution(layer)
    let moved = ReferencePass(try Network(nodes: nodes))
    let losses = try labels.enumerated().map { image, label in
      let logits = try #require(try moved.values(of: images.images(image..<image + 1).values).last)
      let largest = try #require(logits.max())
      return log(logits.reduce(0) { $0 + exp($1 - largest) }) + largest - logits[label]
    }
    return (losses.reduce(0, +) / Double(labels.count), layer.kernel[index])
  }

  @Test func givesTheSameBitsForAnyNumberOfThreads() throws {
    let network = try EngineNetworks.deepID()
    let images = EngineNetworks.images(network, 75)
    for kernels in Kernels.available {
      let results = try [1, 2, 3].map {
        try BackwardPass(network, threads: $0, kernels: kernels).run(images: images, labels: labels(network, 75))
      }
      for other in results.dropFirst() {
        #expect(other.loss == results[0].loss)
        #expect(other.gradients == results[0].gradients)
      }
    }
  }

  /// Over several blocks of images, and more rows of a dense kernel than are computed at a time, the gradient is the mean of
  /// those of single images: sums of 37 products, in single precision.
  @Test(arguments: [1, 2]) func denseGradientIsTheMeanOverImages(_ threads: Int) throws {
    let network = try chain([6, 5, 2], .flatten, .dense(dense(60, 1500)))
    let images = EngineNetworks.images(network, 37)
    let labels = labels(network, 37)
    let own = try BackwardPass(network, threads: threads).run(images: images, labels: labels)
    let gradient = try #require(own.gradients[network.output])
    var mean = [Double](repeating: 0, count: gradient.kernel.count)
    for image in 0..<37 {
      let single = try BackwardPass(network, threads: 1).run(
        images: images.images(image..<image + 1), labels: [labels[image]])
      let kernel = try #require(single.gradients[network.output]).kernel
      for index in kernel.indices { mean[index] += Double(kernel[index]) / 37 }
    }
    let largest = try #require(mean.map(abs).max())
    let worst = try #require(zip(gradient.kernel, mean).map { abs(Double($0) - $1) }.max())
    #expect(largest > 0 && worst <= 40 * largest / Double(1 << 24))
  }
}
