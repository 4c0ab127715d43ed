import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// One training step of a small DeepID beside what Keras computed for it (Fixtures/make_gradients.py).
@Suite struct TrainingStepTests {
  private let network: Network
  private let expected: HDF5Group
  private let result: BackwardPass.Result
  private let images: Tensor

  init() throws {
    network = try KerasModelFile.read(fixture("gradients_model.h5"))
    expected = try HDF5File(reading: fixture("gradients.h5")).root
    let pixels = try expected.dataset("images").read(Float.self).map { $0 / 127.5 }
    images = Tensor(count: 6, shape: network.inputShape, values: pixels)
    result = try BackwardPass(network, threads: 2).run(
      images: images, labels: try expected.dataset("labels").read(Int.self))
  }

  // Both sum a few thousand products in single precision, in different orders.
  private let tolerance: Float = 2e-5

  @Test func logitsAndLossAreThoseOfKeras() throws {
    let logits = try ForwardPass(network, threads: 1).logits(of: images).values
    let reference = try expected.dataset("logits").read(Float.self)
    #expect(logits.count == 30)
    for (ours, theirs) in zip(logits, reference) { #expect(abs(ours - theirs) <= tolerance * (1 + abs(theirs))) }
    #expect(abs(result.loss - (try expected.dataset("loss").read(Double.self)[0])) < 1e-5)
  }

  @Test func everyGradientIsThatOfKeras() throws {
    #expect(result.gradients.count == 7)
    for (node, gradient) in result.gradients {
      let name = network.nodes[node].name
      for (part, ours) in [("kernel", gradient.kernel), ("bias", gradient.bias)] {
        let theirs = try expected.dataset("gradients/\(name)/\(part)").read(Float.self)
        #expect(ours.count == theirs.count)
        let largest = theirs.map(abs).max() ?? 0
        let difference = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
        #expect(largest > 0)
        #expect(difference <= tolerance * (largest + 1e-3), "\(name)/\(part): \(difference) of \(largest)")
      }
    }
  }

  @Test func gradientsDoNotDependOnThreads() throws {
    let labels = try expected.dataset("labels").read(Int.self)
    let alone = try BackwardPass(network, threads: 1).run(images: images, labels: labels)
    #expect(alone.gradients == result.gradients)
    #expect(alone.loss == result.loss)
  }
}
