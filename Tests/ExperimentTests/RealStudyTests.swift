import Datasets
import Defences
import Experiment
import Foundation
import HDF5
import ModelFiles
import TestSupport
import Testing

/// The study on the published networks, compared with what Keras finds step by step.
@Suite(.enabled(if: SharedData.exists, "the shared data are absent"), .serialized)
struct RealStudyTests {
  private func study(_ name: String, scale: Double, drops: [Drop] = Drop.published) throws -> PruningStudy {
    let faces = "\(SharedData.folder)/faces"
    let sources = StudySources(
      model: "\(SharedData.folder)/models/\(name).h5", inputScale: scale,
      data: Splits(
        cleanValid: "\(faces)/valid.h5", cleanTest: "\(faces)/test.h5", backdooredValid: "\(faces)/bd_valid.h5",
        backdooredTest: "\(faces)/bd_test.h5"))
    let badNet = try sources.badNet()
    return try PruningStudy(
      of: badNet, on: sources.faces(for: badNet.network), options: StudyOptions(drops: drops, threads: 2))
  }

  @Test(arguments: ["bd_weights", "sunglasses_bd_weights"]) func findsWhatKerasFinds(_ name: String) throws {
    let reference = try HDF5File(reading: "\(SharedData.folder)/reference/keras_reference.h5").root.group(name)
    let study = try study(name, scale: reference.attribute("input_scale").number())
    #expect(try study.pruneOrder == reference.dataset("prune_order").read(Int.self))

    let means = try reference.dataset("pool_3_mean_activation").read(Double.self)
    let worst = zip(study.meanActivation, means).map { $1 == 0 ? abs($0) : abs($0 - $1) / $1 }.max()
    // Floats summed in doubles on both sides; the floats themselves agree to about 1e-6.
    #expect(try #require(worst) < 1e-5)

    let splits = [Split.cleanValid, .backdooredValid, .cleanTest, .backdooredTest]
    let hits = try reference.dataset("hits_after_k_pruned").read(Int.self)
    #expect(hits.count == 61 * 4)
    var difference = 0
    for (index, expected) in hits.enumerated() {
      let found = try #require(study.predictions[splits[index % 4]]).rate(after: index / 4).hits
      difference += abs(found - expected)
    }
    // Two nearly equal logits may change places between two orders of summation.
    #expect(difference <= 1)
    print("\(name): \(difference) of \(hits.count) counts differ, means by at most \(worst ?? 0) of themselves")

    guard name == "bd_weights" else { return }
    #expect(study.stops == [43, 45, 49])
    let published = try KerasModelFile.read("\(SharedData.folder)/models/repaired_X2_full_model.h5")
    let silenced = LayerSummary.layers(of: published).first { $0.name == "conv_3" }?.silencedChannels
    #expect(try Set(study.pruneOrder.prefix(45)) == Set(#require(silenced)))
    #expect(try study.badNet.network.pruning(study.pruneOrder.prefix(45), of: "pool_3").parameterCount == 601_643)
  }
}
