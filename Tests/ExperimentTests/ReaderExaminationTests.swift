import Experiment
import Foundation
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

/// Channels of a residual sum, which are silenced where they are read.
struct ReaderExaminationTests {
  private let path = fixture("../../ModelFilesTests/Fixtures/keras/residual.keras")

  private func examine(_ repaired: Network) throws -> RepairedExamination {
    try RepairedExamination(of: ModelFile.read(path), repaired: repaired, names: ("B", "B'"), layer: "sum_1")
  }

  @Test func silencedChannelsOfASumAreFound() throws {
    let network = try ModelFile.read(path)
    for channels in [[], [3], [0, 2, 5], Array(0..<6)] {
      let examination = try examine(network.pruning(channels, of: "sum_1"))
      #expect(examination.isPruningAlone && examination.isSilencedAtReaders)
      #expect(examination.silenced == channels && examination.alreadySilent == [])
      #expect(examination.channels == 6 && examination.layer == "sum_1")
    }
  }

  @Test func everythingElseIsADifference() throws {
    let network = try ModelFile.read(path)
    let other = try network.pruning([1], of: "sum_1").pruning([2], of: "last_relu")
    let examination = try examine(other)
    #expect(examination.silenced == [1] && !examination.isPruningAlone)
    #expect(examination.differences.allSatisfy { $0.values == 1 })
  }
}
