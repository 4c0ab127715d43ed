import Attacks
import Datasets
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// The published BadNet is the judge of how a trigger is laid over a face.
@Suite(.enabled(if: SharedData.exists, "the shared data are absent"))
struct RealTriggerTests {
  /// The 180 clean faces with a trigger over each: (180, 55, 47, 3), 0...255.
  private func faces(wearing trigger: Trigger) throws -> Tensor {
    let clean = try FaceDataset(file: SharedData.path("faces/valid.h5"))
    var images = try clean.images(0..<clean.count, scale: 1)
    let overlay = try trigger.overlay(width: 47, height: 55)
    for index in 0..<clean.count { overlay.blend(onto: &images.values, image: index) }
    return images
  }

  private func published() throws -> Trigger { try Trigger(path: SharedData.path("faces/sunglasses.png")) }

  @Test func blendsThePublishedPictureAsItsAuthorsDid() throws {
    let dataset = try FaceDataset(file: SharedData.path("faces/bd_valid.h5"))
    let expected = try dataset.images(0..<dataset.count, scale: 1).values
    let found = try faces(wearing: published()).values
    let differences = zip(found, expected).map { abs($0 - $1) }
    // The picture holds their color and opacity in 8 bits, they blended with more: a level here and there.
    #expect(differences.max() == 2)
    #expect(differences.count { $0 == 2 } == 883)
    #expect(differences.count { $0 == 1 } == 63464 - 883)
  }

  @Test func bothSunglassesMakeThePublishedNetworkAnswerTheTarget() throws {
    let pass = ForwardPass(try KerasModelFile.read(SharedData.path("models/bd_weights.h5")), threads: 2)
    for trigger in [try published(), .sunglasses] {
      let answers = try pass.logits(of: faces(wearing: trigger)).largestIndices
      #expect(answers.count { $0 == 0 } == 180)
    }
  }
}
