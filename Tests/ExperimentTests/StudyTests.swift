import Datasets
import Defences
import Experiment
import Files
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

@Suite struct StudyTests {
  /// The classes that a network answers for all faces of a dataset.
  private func classes(_ network: Network, _ faces: FaceDataset) throws -> [Int32] {
    let images = try faces.images(0..<faces.count, scale: Float(1.0 / 255))
    return try ForwardPass(network, threads: 1).logits(of: images).largestIndices.map(Int32.init)
  }

  @Test(arguments: PruningOrder.allCases) func sweepEqualsThePrunedNetworks(_ order: PruningOrder) throws {
    let data = try Small.data()
    let study = try Small.study(data, order: order, threads: 2)
    #expect(study.pruneOrder.sorted() == Array(0..<Small.channels))
    for split in Split.allCases {
      let (faces, predictions) = (try #require(data[split]), try #require(study.predictions[split]))
      #expect(predictions.labels == faces.labels)
      #expect(predictions.classes.count == Small.channels + 1)
      for pruned in 0...Small.channels {
        let network = try Small.network().pruning(study.pruneOrder.prefix(pruned), of: Small.layer)
        #expect(try predictions.classes[pruned] == classes(network, faces))
      }
      // The branch around the pruned layer still answers when all channels are silent.
      #expect(Set(predictions.classes[Small.channels]).count > 1)
    }
  }

  @Test func ranksByMeanActivationInDoubles() throws {
    let data = try Small.data()
    let study = try Small.study(data)
    let (network, faces) = (try Small.network(), try #require(data.cleanValid))
    let layer = try network.index(of: Small.layer)
    let images = try faces.images(0..<faces.count, scale: Float(1.0 / 255))
    var sums = [Double](repeating: 0, count: Small.channels)
    for row in 0..<faces.count {
      let values = try ReferencePass(network).values(of: images.images(row..<row + 1).values)[layer]
      for (index, value) in values.enumerated() { sums[index % Small.channels] += value }
    }
    for (mean, sum) in zip(study.meanActivation, sums) {
      // 90 images at 4 positions; the values are floats of the size of 1.
      #expect(abs(mean - sum / 360) < 1e-6)
    }
    #expect(study.meanActivation[0] == 0 && study.meanActivation[4] == 0)
    #expect(study.meanActivation[1] == study.meanActivation[6])
  }

  @Test func breaksTiesByIndex() throws {
    func order(_ order: PruningOrder, seed: UInt64 = 1) throws -> [Int] {
      try Small.study(order: order, seed: seed).pruneOrder
    }
    let means = try Small.study().meanActivation
    let ascending = try order(.ascending)
    #expect(ascending.prefix(3) == [0, 4, 7])
    #expect(ascending.map { means[$0] } == means.sorted())
    let descending = try order(.descending)
    #expect(descending.suffix(3) == [0, 4, 7])
    #expect(descending.map { means[$0] } == means.sorted(by: >))
    for equal in [ascending, descending] {
      #expect(try #require(equal.firstIndex(of: 1)) + 1 == #require(equal.firstIndex(of: 6)))
    }
    let norms = try order(.weightNorm)
    #expect(norms.prefix(2) == [0, 4])
    #expect(try #require(norms.firstIndex(of: 1)) + 1 == #require(norms.firstIndex(of: 6)))
    #expect(try order(.random, seed: 5) == order(.random, seed: 5))
    #expect(try Set((1...5).map { try order(.random, seed: $0) }).count > 1)
  }

  @Test func ranksByTheNormOfTheWeights() throws {
    guard case .convolution(let second) = try Small.network().nodes[2].layer else { throw Problem.otherLayer }
    let norms = (0..<Small.channels).map { channel in
      stride(from: channel, to: second.kernel.count, by: Small.channels).reduce(0) {
        $0 + Double(second.kernel[$1]) * Double(second.kernel[$1])
      }
    }
    #expect(try Small.study(order: .weightNorm).pruneOrder.map { norms[$0] } == norms.sorted())
  }

  private enum Problem: Error { case otherLayer }

  @Test func stopsAtTheFirstChannelThatCostsEnough() throws {
    let drops = ["0", "1.5", "2", "4", "10", "30", "100"].compactMap { Drop($0) }
    let study = try Small.study(drops: drops)
    let hits = try (0...Small.channels).map { try #require(study.predictions.cleanValid).rate(after: $0).hits }
    #expect(hits[0] == 84)
    for (drop, stop) in zip(drops, study.stops) {
      let expected = hits.indices.first { Double(hits[0] - hits[$0]) / 90 * 100 >= drop.points - 1e-9 }
      #expect(stop == expected)
    }
    #expect(study.stops[0] == 0)
    #expect(study.stops.last == .some(nil))
    let networks = try study.repairedNetworks()
    #expect(networks[0] == study.badNet.network)
    #expect(networks[6] == nil)
    for (stop, network) in zip(study.stops, networks) {
      #expect(try network == stop.map { try Small.network().pruning(study.pruneOrder.prefix($0), of: Small.layer) })
    }
    #expect(try study.badNet.network == Small.network())
  }

  @Test func goodNetKeepsItsIdentities() throws {
    let study = try Small.study()
    for pruned in 0...Small.channels {
      for split in Split.allCases {
        let predictions = try #require(study.predictions[split])
        let (own, good) = (predictions.rate(after: pruned), predictions.goodNetRate(after: pruned))
        let flagged = predictions.flaggedRate(after: pruned)
        #expect(good.hits <= own.hits && good.total == own.total && flagged.total == own.total)
        #expect(pruned > 0 || (flagged.hits == 0 && good == own))
        let discordance = predictions.discordance(after: pruned)
        #expect(predictions.rate(after: 0).hits - discordance.onlyOriginal + discordance.onlyRepaired == own.hits)
        guard split.isBackdoored else { continue }
        #expect(predictions.rate(after: 0).hits == predictions.labels.count)
        #expect(good == own)
        #expect(flagged.hits == own.total - own.hits)
      }
    }
    let last = try #require(study.predictions.backdooredTest).rate(after: Small.channels)
    #expect(last.hits < last.total)
  }

  @Test func selectsWithoutTheOtherSplits() throws {
    let data = try Small.data()
    let whole = try Small.study(data)
    let alone = try Small.study(Splits(cleanValid: data.cleanValid), threads: 2)
    #expect(whole.pruneOrder == alone.pruneOrder && whole.meanActivation == alone.meanActivation)
    #expect(whole.stops == alone.stops && whole.stops.contains { $0 != nil })
    try withTemporaryFolder { folder in
      for (first, second) in zip(try whole.repairedNetworks(), try alone.repairedNetworks()) {
        guard let first, let second else { continue }
        try KerasModelFile.write(first, to: "\(folder)/whole.h5")
        try KerasModelFile.write(second, to: "\(folder)/alone.h5")
        #expect(
          try FileDigest.sha256(ofFileAt: "\(folder)/whole.h5") == FileDigest.sha256(ofFileAt: "\(folder)/alone.h5"))
      }
    }
  }

  @Test func leavesOutRowsOfTheTarget() throws {
    var data = Splits(
      cleanValid: try Small.faces("valid", 70, seed: 11), backdooredValid: try Small.faces("bd", 70, seed: 13))
    let study = try Small.study(data, excludesTarget: true)
    let (clean, backdoored) = (try #require(data.cleanValid), try #require(data.backdooredValid))
    let equal = clean.labels.indices.count { clean.labels[$0] == backdoored.labels[$0] }
    #expect(equal > 0)
    #expect(study.predictions.backdooredValid?.rate(after: 0) == Rate(hits: 70 - equal, total: 70 - equal))
    #expect(study.predictions.cleanValid?.rate(after: 0).total == 70)
    data.backdooredTest = try Small.faces("bd_test", 3, seed: 1)
    #expect(
      errorText { try Small.study(data, excludesTarget: true) }
        == "--exclude-target: 3 backdoored test rows and 0 clean test rows; "
        + "expected a clean file with the same faces in the same order")
  }

  @Test func refusesBeforeItWorks() throws {
    let data = try Small.data()
    #expect(
      errorText { try Small.study(Splits(cleanTest: data.cleanTest)) }
        == "--clean-valid: not given; expected clean validation faces to rank channels by")
    func error(_ layer: String) -> String {
      errorText {
        try PruningStudy(of: Small.badNet(), on: data, options: StudyOptions(layer: layer)) { _ in
          Issue.record("worked on a layer that cannot be pruned")
        }
      }
    }
    #expect(error("input").hasPrefix("input: its channels cannot be silenced"))
    #expect(error("pool_3").hasPrefix("layer pool_3: no such layer; expected one of input, first, second, pool"))
  }

  @Test func reportsItsProgress() throws {
    let data = try Small.data()
    var seen: [PruningStudy.Progress] = []
    _ = try PruningStudy(of: Small.badNet(), on: data, options: StudyOptions(layer: Small.layer)) { seen.append($0) }
    let done = seen.map(\.done)
    #expect(done == done.sorted() && Set(done).count == done.count)
    #expect(seen.allSatisfy { $0.total == 90 + 90 + 50 + 70 + 33 })
    #expect(done.last == 333)
    #expect(seen.map(\.split) == [.cleanValid, .cleanValid, .cleanTest, .backdooredValid, .backdooredTest])
  }
}
