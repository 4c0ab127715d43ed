import Glibc
import HDF5
import Testing

private let data = "\(testFolder)/../../../shared/data"

/// Files of the published backdoor-detection material, where they are at hand.
@Suite(.enabled(if: access(data, R_OK) == 0, "the shared data are absent"))
struct KerasFileTests {
  @Test func weights() throws {
    let root = try HDF5File(reading: "\(data)/models/repaired_X2_full_model.h5").root
    #expect(try root.attribute("keras_version").string() == "2.4.0")
    #expect(try root.attribute("model_config").string().hasPrefix("{\"class_name\": \"Functional\""))
    let weights = try root.group("model_weights")
    #expect(try weights.attribute("layer_names").strings().count == 15)
    #expect(try weights.group("conv_1").attribute("weight_names").strings() == ["conv_1/kernel:0", "conv_1/bias:0"])
    #expect(try weights.group("add_1").attribute("weight_names").strings() == [])
    #expect(try weights.dataset("conv_1/conv_1/kernel:0").shape == [4, 4, 3, 20])
  }

  @Test func faces() throws {
    let root = try HDF5File(reading: "\(data)/faces/valid.h5").root
    let images = try root.dataset("data")
    #expect(images.shape == [180, 3, 55, 47])
    #expect(images.rowSize == 7755)
    let doubles = try images.read(Double.self, rows: 100..<110)
    #expect(try images.read(Float.self, rows: 100..<110) == doubles.map(Float.init))
    #expect(doubles.allSatisfy { (0...255).contains($0) })
    #expect(try root.dataset("label").read(Int.self).allSatisfy { (0..<1283).contains($0) })
  }
}
