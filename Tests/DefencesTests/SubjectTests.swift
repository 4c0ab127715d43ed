import Defences
import Files
import NeuralNetwork
import Testing

@Suite struct SubjectTests {
  @Test func convolutionsArePrunedWhereTheirNormalisationIs() throws {
    let network = try Fixture.read().network()
    let units = network.prunableUnits
    #expect(units.map(\.name) == ["normal", "second"])
    #expect(units.map(\.channels) == [4, 5])
    #expect(units[0].convolution == 1 && units[0].normalization == 2 && units[0].source == 2)
    #expect(units[1].convolution == 4 && units[1].normalization == nil && units[1].source == 4)
  }

  @Test func channelsAreCountedThroughTheLayers() throws {
    let fixture = try Fixture.read()
    let network = try fixture.network()
    let units = network.prunableUnits
    let parts = units.split([8, 0, 3, 4])
    #expect(parts.map(\.layer.name) == ["normal", "second"])
    #expect(parts.map(\.channels) == [[0, 3], [4, 0]])
    let pruned = try network.pruning([8, 0, 3, 4], through: units)
    let values = try ForwardPass(pruned, threads: 1).values(of: [3, 4], given: [0: fixture.tensor()])
    for (index, value) in values[0].values.enumerated() where [0, 3].contains(index % 4) { #expect(value == 0) }
    for (index, value) in values[1].values.enumerated() where [0, 4].contains(index % 5) { #expect(value == 0) }
    #expect(values[0].values.contains { $0 > 0 })
  }

  /// Ranking and tuning give the same bytes for any number of threads.
  @Test(arguments: ["clp", "bnp", "anp", "rnp", "taylor", "weight-norm", "random"])
  func threadsChangeNothing(_ name: String) throws {
    let fixture = try Fixture.read()
    let options = name == "anp" ? "iterations=3" : ""
    let parts = try DefenceChoice(name, options: options, among: Defence.all).parts
    let (one, two) = (
      try parts.ranking.rank(fixture.subject(threads: 1)), try parts.ranking.rank(fixture.subject(threads: 2))
    )
    #expect(one == two)
    #expect(one.order.sorted() == Array(0..<9))
    #expect(one.scores.count == 9)
  }

  @Test func seedsDecideWhatIsRandom() throws {
    let fixture = try Fixture.read()
    func order(_ name: String, _ seed: UInt64) throws -> [Double] {
      let options = name == "anp" ? "iterations=5" : ""
      return try DefenceChoice(name, options: options, among: Defence.all).parts.ranking
        .rank(fixture.subject(seed: seed)).scores
    }
    for defence in Defence.all where !defence.usesOrder {
      #expect(try (order(defence.name, 1) != order(defence.name, 2)) == defence.usesSeed, "\(defence.name)")
    }
  }

  @Test func tuningKeepsSilencedChannelsSilent() throws {
    let fixture = try Fixture.read()
    let subject = try fixture.subject()
    let silenced = [1, 6]
    let tuning = try #require(DefenceChoice("fine-pruning", options: "epochs=3", among: Defence.all).parts.tuning)
    let tuned = try tuning.tune(
      subject.network.pruning(silenced, through: subject.layers), silenced: silenced, subject)
    let normal = try #require(tuned.network.nodes[2].layer.channelWeights)
    let second = try #require(tuned.network.nodes[4].layer.channelWeights)
    #expect(normal.kernel[1] == 0 && normal.bias[1] == 0)
    #expect(second.bias[2] == 0)
    #expect(second.kernel.enumerated().allSatisfy { $0.offset % 5 != 2 || $0.element == 0 })
    #expect(tuned.network != subject.network)
  }

  @Test func aPowerOfTwoLosesNothing() throws {
    let network = try Fixture.read().network()
    let scaled = try #require(network.scalingImages(by: 128))
    #expect(scaled != network)
    #expect(scaled.scalingImages(by: 1 / 128) == network)
  }
}
