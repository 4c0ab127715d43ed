import Datasets
import Experiment
import ModelFiles
import TestSupport
import Testing

/// The published network beside what somebody made of it.
@Suite(.enabled(if: SharedData.exists, "the shared data are absent"))
struct RealRepairedTests {
  @Test func theFirst45ChannelsAreFound() throws {
    let (models, faces) = ("\(SharedData.folder)/models", "\(SharedData.folder)/faces")
    let badNet = BadNet(network: try KerasModelFile.read("\(models)/bd_weights.h5"), inputScale: 1)
    let repaired = try KerasModelFile.read("\(models)/repaired_X2_full_model.h5")
    let examination = try RepairedExamination(
      of: badNet.network, repaired: repaired, names: ("B", "B'"), layer: DeepID.prunedLayer)
    #expect(examination.source == "conv_3" && examination.silenced.count == 45)
    #expect(examination.isPruningAlone && examination.alreadySilent.isEmpty)

    let validation = try FaceDataset(file: "\(faces)/valid.h5")
    let predictions = try Evaluation.predictions(
      of: badNet, repaired: repaired, on: Splits(cleanValid: validation), threads: 2)
    let predicted = try #require(predictions.cleanValid)
    let selection = try RepairedSelection(
      of: examination, badNet, on: validation, rates: (predicted.rate(after: 0), predicted.rate(after: 1)),
      options: StudyOptions(threads: 2))
    let prefix = try #require(selection.prefix)
    #expect(prefix.order == .ascending && prefix.least == 45 && prefix.most == 45)
    #expect(selection.drops.map(\.isSatisfied) == [true, true, false])
    #expect(selection.drops.map(\.firstStop) == [43, 45, 49])
    // What was X = 2 on the lab's whole file is X = 4 on the faces that are public.
    #expect(selection.drops.map(\.isFirst) == [false, true, false])
  }
}
