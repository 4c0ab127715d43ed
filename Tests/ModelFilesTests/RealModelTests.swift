import Datasets
import HDF5
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Published networks and real faces, compared with what Keras computes for them.
@Suite(.enabled(if: SharedData.exists, "the shared data are absent"))
struct RealModelTests {
  @Test(arguments: ["bd_weights", "sunglasses_bd_weights"]) func logitsAreThoseOfKeras(_ name: String) throws {
    let network = try KerasModelFile.read(SharedData.path("models/\(name).h5"))
    let reference = try HDF5File(reading: SharedData.path("reference/keras_reference.h5")).root.group(name)
    let scale = try reference.attribute("input_scale").number(Double.self)
    let forward = ForwardPass(network, threads: 2)
    for split in ["valid", "bd_valid", "test", "bd_test"] {
      let faces = try FaceDataset(file: SharedData.path("faces/\(split).h5"))
      let images = try faces.images(0..<faces.count, scale: Float(scale))
      let logits = try forward.logits(of: images)
      let expected = try reference.dataset("logits/\(split)").read(Float.self)
      #expect(logits.values.count == expected.count)
      let largest = try #require(expected.map(abs).max())
      let worst = try #require(zip(logits.values, expected).map { abs($0 - $1) }.max()) / largest
      // Both sum some thousand float products a layer, in another order.
      #expect(worst < 1e-3)
      #expect(
        logits.largestIndices
          == Tensor(count: faces.count, shape: logits.shape, values: expected).largestIndices)
      print("\(name) \(split): logits differ by at most \(worst) of the largest")
      if split == "valid" {
        let plain = ReferencePass(forward.network)
        for row in stride(from: 0, to: faces.count, by: 15) {
          let values = try #require(plain.values(of: images.images(row..<row + 1).values).last)
          let own = Tensor(count: 1, shape: logits.shape, values: values.map(Float.init))
          #expect(own.largestIndices[0] == logits.largestIndices[row])
        }
      }
    }
  }

  @Test func readsARepairedNetworkOfSomebodyElse() throws {
    let original = try KerasModelFile.read(SharedData.path("models/bd_weights.h5"))
    let repaired = try KerasModelFile.read(SharedData.path("models/repaired_X2_full_model.h5"))
    let conv = try #require(LayerSummary.layers(of: repaired).first { $0.name == "conv_3" })
    #expect(conv.silencedChannels.count == 45)
    let own = try original.pruning(conv.silencedChannels, of: "pool_3")
    let faces = try FaceDataset(file: SharedData.path("faces/bd_valid.h5"))
    let images = try faces.images(0..<faces.count, scale: 1)
    #expect(
      try ForwardPass(own, threads: 2).logits(of: images).values
        == ForwardPass(repaired, threads: 2).logits(of: images).values)
  }
}
