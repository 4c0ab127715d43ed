import Defences
import Files
import NeuralNetwork
import Testing

/// What defences measure, against NumPy and PyTorch in double precision.
@Suite struct QuantityTests {
  private let fixture: Fixture
  private let subject: DefenceSubject

  init() throws {
    fixture = try .read()
    subject = try fixture.subject()
  }

  private func expect(_ ours: [Double], _ theirs: [Double], within tolerance: Double, _ what: String) {
    #expect(ours.count == theirs.count)
    for (index, pair) in zip(ours, theirs).enumerated() {
      #expect(abs(pair.0 - pair.1) <= tolerance * max(1, abs(pair.1)), "\(what) \(index): \(pair.0), \(pair.1)")
    }
  }

  @Test func lipschitzBoundsAreThoseOfNumPy() throws {
    for (unit, bounds) in zip(subject.layers, fixture.bounds) {
      try expect(LipschitzRanking.bounds(of: unit, in: subject.network), bounds, within: 1e-7, unit.name)
    }
    let ranked = try LipschitzRanking(u: 1).rank(subject)
    #expect(Set(ranked.order.prefix(ranked.ownStop ?? -1)) == Set(fixture.beyond[0] + fixture.beyond[1].map { $0 + 4 }))
    #expect(ranked.images == 0)
  }

  @Test func threeDeviationsTakeTheSameChannels() throws {
    let wide = Convolution(
      window: try Window(height: 3, width: 3), inputChannels: 4, filters: 40, kernel: fixture.wide.kernel, bias: nil,
      activation: .relu)
    let network = try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([6, 5, 4])), inputs: []),
      .init(name: "wide", layer: .convolution(wide), inputs: [0]), .init(name: "flat", layer: .flatten, inputs: [1]),
      .init(
        name: "answer",
        layer: .dense(Dense(inputs: 480, units: 3, kernel: [Float](repeating: 0.1, count: 1440), bias: nil)),
        inputs: [2]),
    ])
    let unit = try #require(network.prunableUnits.first)
    try expect(LipschitzRanking.bounds(of: unit, in: network), fixture.wide.bounds, within: 1e-9, "wide")
    let wideSubject = DefenceSubject(
      network: network, layers: [unit], meanActivation: [Double](repeating: 0, count: 40), images: subject.images,
      seed: 1,
      threads: 1)
    let ranked = try LipschitzRanking(u: 3).rank(wideSubject)
    #expect(ranked.order.prefix(ranked.ownStop ?? -1).sorted() == fixture.wide.beyond)
    #expect(ranked.ownStop == 2)
  }

  @Test func divergencesAreThoseOfPyTorch() throws {
    // A convolution without a normalisation diverges from nothing.
    let ranked = try DivergenceRanking(u: 1).rank(subject)
    expect(ranked.scores, fixture.divergences + [0, 0, 0, 0, 0], within: 2e-6, "channel")
    #expect(ranked.order.first == 3)
    #expect(ranked.ownStop == 1)
    #expect(ranked.images == 12)
  }

  @Test func taylorScoresAreThoseOfPyTorch() throws {
    for (name, scores) in zip(["positive", "second"], fixture.taylor) {
      let unit = try subject.network.prunableUnit(subject.network.index(of: name))
      let single = DefenceSubject(
        network: subject.network, layers: [unit], meanActivation: [Double](repeating: 0, count: unit.channels),
        images: subject.images, seed: 1, threads: 2)
      let ranked = try TaylorRanking().rank(single)
      expect(ranked.scores, scores, within: 2e-7, name)
      #expect(ranked.order == scores.indices.sorted { scores[$0] < scores[$1] })
    }
  }

  @Test func adversarialStepIsThatOfPyTorch() throws {
    let masks = try ChannelMasks(subject, of: subject.network, for: "anp")
    let step = try AdversarialRanking.step(
      masks, fixture.anp.masks, (fixture.anp.weightNoise ?? [], fixture.anp.biasNoise ?? []), fixture.tensor(),
      fixture.labels, eps: 0.4, alpha: 0.2, threads: 1)
    #expect(abs(step.loss - fixture.anp.loss) < 1e-5)
    expect(step.gradient, fixture.anp.gradient, within: 1e-5, "mask")
  }

  @Test(arguments: [BackwardPass.Normalization.stored, .batch])
  func gradientsOfSomeNodesAreThoseOfAll(normalization: BackwardPass.Normalization) throws {
    let images = try fixture.tensor()
    let all = try BackwardPass(subject.network, threads: 1, normalization: normalization).run(
      images: images, labels: fixture.labels)
    for node in [1, 2, 4, 6] {
      let one = try BackwardPass(subject.network, threads: 2, normalization: normalization, weightsOf: [node]).run(
        images: images, labels: fixture.labels)
      #expect(one.loss == all.loss)
      #expect(one.gradients[node]?.kernel == all.gradients[node]?.kernel)
      #expect(one.gradients[node]?.bias == all.gradients[node]?.bias)
    }
  }

  @Test func recoveringStepIsThatOfPyTorch() throws {
    let masks = try ChannelMasks(subject, of: subject.network, for: "rnp")
    let step = try ReconstructiveRanking.recovering(
      masks, fixture.rnp.masks, fixture.tensor(), fixture.labels, threads: 1)
    #expect(abs(step.loss - fixture.rnp.loss) < 1e-5)
    expect(step.gradient, fixture.rnp.gradient, within: 1e-5, "mask")
  }

  @Test func tenStepsOfTuningAreThoseOfPyTorch() throws {
    let choice = try DefenceChoice(
      "fine-pruning", options: "rate=0.05,epochs=10,batch=100,stop=0.25,clip=0", among: Defence.all)
    let tuning = try #require(choice.parts.tuning)
    let tuned = try tuning.tune(subject.network, silenced: [], subject)
    #expect(tuned.history.tuningImages == fixture.tuning.count)
    #expect(tuned.history.stoppingImages == 3)
    #expect(tuned.history.epochs.count == 10)
    let expected = fixture.tuned[tuned.history.bestEpoch - 1]
    let layers = [("first", "conv_1", ""), ("normal", "gamma", "beta"), ("second", "conv_2", "bias_2")]
    for (name, kernel, bias) in layers + [("answer", "dense", "bias_3")] {
      let own = try #require(tuned.network.nodes[tuned.network.index(of: name)].layer.channelWeights)
      // Ten steps in single precision.
      expect(own.kernel.map(Double.init), (expected[kernel] ?? []).map(Double.init), within: 2e-5, kernel)
      if !bias.isEmpty {
        expect(own.bias.map(Double.init), (expected[bias] ?? []).map(Double.init), within: 2e-5, bias)
      }
    }
  }

  @Test func singularValuesOfEveryForm() {
    #expect(SpectralNorm.of([3, 4], rows: 1, columns: 2) == 5)
    #expect(SpectralNorm.of([3, 4], rows: 2, columns: 1) == 5)
    #expect(SpectralNorm.of([0, 0, 0, 0], rows: 2, columns: 2) == 0)
    #expect(SpectralNorm.of([1, .infinity], rows: 1, columns: 2).isNaN)
    #expect(abs(SpectralNorm.of([2e-200, 0, 0, 1e-200], rows: 2, columns: 2) / 2e-200 - 1) < 1e-15)
    // The golden ratio, of [[1, 1], [1, 0]].
    #expect(abs(SpectralNorm.of([1, 1, 1, 0], rows: 2, columns: 2) - 1.618033988749895) < 1e-14)
  }
}
