import Datasets
import Defences
import Experiment
import NeuralNetwork
import TestSupport
import Testing

struct RepairedExaminationTests {
  private func examine(_ badNet: Network, _ repaired: Network) throws -> RepairedExamination {
    try RepairedExamination(of: badNet, repaired: repaired, names: ("B", "B'"), layer: Small.layer)
  }

  private func select(
    _ badNet: Network, _ repaired: Network, order: PruningOrder = .ascending
  ) throws -> RepairedSelection {
    let (own, validation) = (BadNet(network: badNet, inputScale: 1.0 / 255), try #require(Small.data().cleanValid))
    let predictions = try Evaluation.predictions(
      of: own, repaired: repaired, on: Splits(cleanValid: validation), threads: 1)
    let predicted = try #require(predictions.cleanValid)
    return try RepairedSelection(
      of: examine(badNet, repaired), own, on: validation, rates: (predicted.rate(after: 0), predicted.rate(after: 1)),
      options: StudyOptions())
  }

  @Test func everyRepairedNetworkOfAStudyIsRecognised() throws {
    for order in [PruningOrder.ascending, .descending, .weightNorm] {
      let study = try Small.study(order: order)
      for pruned in 1..<Small.channels {
        let network = try Small.network().pruning(study.pruneOrder.prefix(pruned), of: Small.layer)
        let examination = try examine(Small.network(), network)
        #expect(examination.isPruningAlone)
        // Channels 0 and 4 have no weights in B, but a bias: they are silenced here, not silent before.
        #expect(examination.silenced == study.pruneOrder.prefix(pruned).sorted())
        #expect(examination.alreadySilent == [])
        let selection = try select(Small.network(), network)
        let prefix = try #require(selection.prefix)
        #expect(prefix.least == pruned && prefix.most == pruned)
        guard prefix.order == order else { continue }
        #expect(selection.drops.map(\.firstStop) == study.stops)
        #expect(selection.drops.map(\.isFirst) == study.stops.map { $0 == pruned })
      }
    }
  }

  @Test func channelsThatAreSilentInBTooLeaveKOpen() throws {
    // The first three in ascending order are 0, 4 and 7.
    let dead = try Small.network().pruning([0, 4], of: Small.layer)
    let examination = try examine(dead, dead.pruning([7], of: Small.layer))
    #expect(examination.alreadySilent == [0, 4] && examination.silenced == [7])
    for (repaired, least, most) in [(try dead.pruning([7], of: Small.layer), 3, 3), (dead, 0, 2)] {
      let prefix = try #require(select(dead, repaired).prefix)
      #expect(prefix.order == .ascending && prefix.least == least && prefix.most == most)
    }
    #expect(try examine(dead, dead).silenced == [])
  }

  @Test func aChannelThatCameBackIsADifference() throws {
    let pruned = try Small.network().pruning([3], of: Small.layer)
    let examination = try examine(pruned, Small.network())
    #expect(!examination.isPruningAlone && examination.silenced == [])
    #expect(examination.differences.map(\.array) == ["kernel", "bias"])
    #expect(examination.differences.map(\.values) == [24, 1])
    #expect(examination.differences.allSatisfy { $0.layer == "second" })
  }

  @Test func layersAreFoundInAnotherOrderAndUnderOtherNames() throws {
    let network = try Small.network().pruning([3], of: Small.layer)
    // The branch around the pruned layer comes first, and two layers have names of their own.
    let order = [0, 1, 6, 7, 2, 3, 4, 5, 8, 9, 10, 11]
    let nodes = order.map { index -> Network.Node in
      let node = network.nodes[index]
      let names = ["second": "conv2d", "sum": "add"]
      return Network.Node(
        name: names[node.name] ?? node.name, layer: node.layer,
        inputs: node.inputs.compactMap { order.firstIndex(of: $0) })
    }
    let examination = try examine(Small.network(), Network(nodes: nodes))
    #expect(examination.isPruningAlone && examination.silenced == [3] && examination.source == "second")
    var changed = nodes
    changed[8] = .init(name: "sum", layer: .add, inputs: [7, 3])
    #expect(try examine(Small.network(), Network(nodes: changed)) == examination)
    changed[9] = .init(name: "positive", layer: .activation(.relu), inputs: [7])
    #expect(
      errorText { try examine(Small.network(), Network(nodes: changed)) }
        == "B': layer positive: reads main; expected sum, as in B")
  }
}
