import NeuralNetwork
import Testing

/// The same bits with every instruction set that the processor has.
@Suite struct SameBitsTests {
  private func networks() throws -> [Network] {
    try [EngineNetworks.deepID()] + EngineNetworks.odd() + EngineNetworks.winograd()
  }

  private func bits(_ numbers: [Float]) -> [UInt32] { numbers.map(\.bitPattern) }

  /// Few images, which have kernels of their own; a block that is full, and several whose last one is not.
  @Test(arguments: [1, 3, 16, 37]) func logits(_ count: Int) throws {
    for network in try networks() {
      let images = EngineNetworks.images(network, count)
      let found = try Kernels.available.map {
        bits(try ForwardPass(network, threads: 2, kernels: $0).logits(of: images).values)
      }
      for other in found { #expect(other == found[0]) }
    }
  }

  /// An image's logits are the same whether it comes alone or among others.
  @Test func logitsOfOneImageOrMany() throws {
    for network in try networks() {
      let images = EngineNetworks.images(network, 37)
      let pass = ForwardPass(network, threads: 1)
      let together = bits(try pass.logits(of: images).values)
      let alone = try (0..<37).flatMap { bits(try pass.logits(of: images.images($0..<$0 + 1)).values) }
      #expect(alone == together)
    }
  }

  @Test(arguments: [1, 7, 16, 21, 40]) func gradients(_ count: Int) throws {
    for network in try networks() {
      let images = EngineNetworks.images(network, count)
      let labels = (0..<count).map { $0 * 7 % network.classes }
      let found = try Kernels.available.map {
        try BackwardPass(network, threads: 2, kernels: $0).run(images: images, labels: labels)
      }
      for other in found {
        #expect(other.loss == found[0].loss)
        for (node, gradient) in found[0].gradients {
          #expect(bits(gradient.kernel) == bits(other.gradients[node]?.kernel ?? []))
          #expect(bits(gradient.bias) == bits(other.gradients[node]?.bias ?? []))
        }
      }
    }
  }

  /// Networks' logits after a few steps, as every processor has to make them: a change of these numbers changes every seed's
  /// network. The second takes its 3 x 3 kernels' gradients with Winograd's algorithm.
  @Test(arguments: [(0, 14_540_118_548_742_852_879), (5, 17_715_177_047_703_300_724)] as [(Int, UInt64)])
  func trainedWeightsAreThese(_ index: Int, _ expected: UInt64) throws {
    for kernels in Kernels.available {
      var network = try networks()[index]
      var optimizer = Optimizer(.sgd, momentum: 0.9, weightDecay: 0.002, clipNorm: 5)
      let images = EngineNetworks.images(network, 40)
      let labels = (0..<40).map { $0 * 7 % network.classes }
      for step in 0..<5 {
        let rate = 0.05 * LearningRateSchedule.oneCycle.factor(step: step, of: 5)
        let result = try BackwardPass(network, threads: 2, kernels: kernels).run(images: images, labels: labels)
        optimizer.step(&network, gradients: result.gradients, rate: Float(rate))
      }
      let logits = try ForwardPass(network, threads: 2, kernels: kernels).logits(of: images).values
      let digest = logits.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3 }
      #expect(digest == expected, "\(kernels.name)")
    }
  }

  /// The product is one chain of fused multiply-adds a number, with every kernel and in every form.
  @Test(arguments: [(1, 1, 1), (3, 5, 7), (9, 17, 33), (16, 40, 160), (70, 3, 20), (5, 300, 1)])
  func products(_ rows: Int, _ inner: Int, _ columns: Int) {
    var random = SeededGenerator(seed: UInt64(rows + inner + columns))
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let (left, right, start) = (numbers(rows * inner), numbers(inner * columns), numbers(rows * columns))
    func turned(_ matrix: [Float], _ rows: Int, _ columns: Int) -> [Float] {
      (0..<rows * columns).map { matrix[$0 % rows * columns + $0 / rows] }
    }
    for accumulates in [false, true] {
      let expected = (0..<rows * columns).map { place in
        (0..<inner).reduce(accumulates ? start[place] : 0) {
          $0.addingProduct(left[place / columns * inner + $1], right[$1 * columns + place % columns])
        }
      }
      for kernels in Kernels.available {
        for (turnsLeft, turnsRight) in [(false, false), (true, false), (false, true)] {
          var result = start
          multiply(
            turnsLeft ? turned(left, rows, inner) : left, turnsRight ? turned(right, inner, columns) : right, &result,
            rows: rows, inner: inner, columns: columns, accumulate: accumulates, transposeLeft: turnsLeft,
            transposeRight: turnsRight, kernels: kernels)
          #expect(bits(result) == bits(expected), "\(kernels.name), \(turnsLeft), \(turnsRight), \(accumulates)")
        }
      }
    }
  }
}
