import Defences
import Experiment
import NeuralNetwork
import TestSupport
import Testing

/// Studies side by side, on samples of the clean validation faces.
struct SampleTests {
  private func options(_ order: PruningOrder, seed: UInt64, sample: Int?) -> StudyOptions {
    StudyOptions(layer: Small.layer, order: order, seed: seed, validationSample: sample)
  }

  @Test func studiesTogetherAreThoseAlone() throws {
    let all = [
      options(.ascending, seed: 1, sample: 40), options(.ascending, seed: 2, sample: 40),
      options(.random, seed: 2, sample: nil), options(.weightNorm, seed: 1, sample: 7),
      options(.descending, seed: 1, sample: 90),
    ]
    let (badNet, data) = (try Small.badNet(), try Small.data())
    let together = try PruningStudy.studies(of: badNet, on: data, options: all)
    for (study, options) in zip(together, all) {
      let alone = try PruningStudy(of: badNet, on: data, options: options)
      #expect(study.meanActivation == alone.meanActivation)
      #expect(study.pruneOrder == alone.pruneOrder)
      #expect(study.stops == alone.stops)
      #expect(study.curve == alone.curve)
    }
    #expect(together[0].predictions.cleanValid?.labels != together[1].predictions.cleanValid?.labels)
    #expect(together.map { $0.predictions.cleanValid?.labels.count } == [40, 40, 90, 7, 90])
    #expect(together.allSatisfy { $0.predictions.backdooredValid?.labels.count == 70 })
  }

  @Test func aSampleOfEveryRowIsTheWholeSplit() throws {
    let (badNet, data) = (try Small.badNet(), try Small.data())
    let whole = try PruningStudy(of: badNet, on: data, options: options(.ascending, seed: 5, sample: nil))
    let sample = try PruningStudy(of: badNet, on: data, options: options(.ascending, seed: 9, sample: 90))
    #expect(sample.meanActivation == whole.meanActivation && sample.curve == whole.curve)
  }

  @Test func samplesOutOfRangeAndTwoLayersAreRefused() throws {
    let (badNet, data) = (try Small.badNet(), try Small.data())
    for rows in [0, 91] {
      #expect(
        errorText { try PruningStudy(of: badNet, on: data, options: options(.ascending, seed: 1, sample: rows)) }
          == "--validation-sample: \(rows); expected 1...90, the rows of valid")
    }
    var other = options(.ascending, seed: 1, sample: nil)
    other.layer = "second"
    #expect(
      errorText {
        try PruningStudy.studies(of: badNet, on: data, options: [options(.ascending, seed: 1, sample: nil), other])
      }
        == "--layer: pool and second; expected one layer")
    #expect(try PruningStudy.studies(of: badNet, on: data, options: []).isEmpty)
  }
}
