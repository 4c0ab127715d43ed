import Foundation
import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Models that Keras wrote, compared with what Keras predicts for them.
@Suite struct KerasFixtureTests {
  static let models = ["keras2", "keras3"].flatMap { generation in
    ["sequential", "functional"].map { (generation: generation, name: $0) }
  }

  @Test(arguments: models) func predictsAsKerasDoes(generation: String, name: String) throws {
    let network = try KerasModelFile.read(fixture("\(generation)_\(name).h5"))
    let reference = try HDF5File(reading: fixture("\(generation)_predictions.h5")).root
    let pixels = try reference.dataset("\(name)/images").read(Float.self)
    let expected = try reference.dataset("\(name)/probabilities").read(Float.self)
    let images = Tensor(count: 5, shape: network.inputShape, values: pixels)
    let logits = try ForwardPass(network, threads: 2).logits(of: images)
    #expect(network.classes * 5 == expected.count)
    for image in 0..<5 {
      let plain = try #require(ReferencePass(network).values(of: images.images(image..<image + 1).values).last)
      let computed = softmax(logits.images(image..<image + 1).values)
      for (index, keras) in expected[image * network.classes..<(image + 1) * network.classes].enumerated() {
        // Keras sums floats in another order; logits reach some hundred, and a probability moves by at most a quarter
        // of what its logit does.
        #expect(abs(plain[index] - Double(keras)) < 1e-5)
        #expect(abs(computed[index] - Double(keras)) < 1e-5)
      }
    }
  }

  private func softmax(_ logits: [Float]) -> [Double] {
    let powers = logits.map { exp(Double($0) - Double(logits.max() ?? 0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  @Test(arguments: models) func writesWhatItReadsBack(generation: String, name: String) throws {
    let network = try KerasModelFile.read(fixture("\(generation)_\(name).h5"))
    try withTemporaryFolder { folder in
      let (first, second) = ("\(folder)/first.h5", "\(folder)/second.h5")
      try KerasModelFile.write(network, to: first)
      let again = try KerasModelFile.read(first)
      #expect(again == network)
      try KerasModelFile.write(again, to: second)
      #expect(try fileBytes(first) == fileBytes(second))
    }
  }

  @Test func summarisesItsLayers() throws {
    let network = try KerasModelFile.read(fixture("keras3_sequential.h5"))
    let layers = LayerSummary.layers(of: try network.pruning([1, 4], of: "first"))
    #expect(
      layers.map(\.className) == [
        "InputLayer", "Rescaling", "Conv2D", "MaxPooling2D", "BatchNormalization", "Dropout", "Conv2D", "ReLU",
        "Flatten", "Dense", "Dense", "Activation",
      ])
    #expect(layers[2].name == "first" && layers[2].outputShape == [5, 8, 6] && layers[2].parameters == 168)
    #expect(layers[2].silencedChannels == [1, 4])
    #expect(layers[4].silencedChannels == [] && layers[9].silencedChannels == [])
    let normalised = try network.pruning([0, 5], of: "batch_normalization")
    #expect(LayerSummary.layers(of: normalised)[4].silencedChannels == [0, 5])
  }
}
