import Datasets
import Experiment
import NeuralNetwork
import TestSupport
import Testing

@Suite struct EvaluationTests {
  @Test func agreesWithTheStudy() throws {
    let (data, study) = (try Small.data(), try Small.study())
    let repaired = try Small.network().pruning(study.pruneOrder.prefix(7), of: Small.layer)
    let predictions = try Evaluation.predictions(of: Small.badNet(), repaired: repaired, on: data, threads: 2)
    for split in Split.allCases {
      let (own, swept) = (try #require(predictions[split]), try #require(study.predictions[split]))
      #expect(own.classes == [swept.classes[0], swept.classes[7]])
    }
    let networks = Evaluation.networks(predictions)
    #expect(networks.map(\.network) == ["B", "B'", "G"])
    #expect(networks[0].rates == study.predictions.map { $1.rate(after: 0) })
    #expect(networks[1].rates == study.predictions.map { $1.rate(after: 7) })
    #expect(networks[2].rates == study.predictions.map { $1.goodNetRate(after: 7) })
    #expect(networks[2].flagged == study.predictions.map { $1.flaggedRate(after: 7) })
    #expect(networks[0].flagged == Splits() && networks[1].flagged == Splits())
    let alone = try Evaluation.predictions(of: Small.badNet(), on: Splits(cleanTest: data.cleanTest), threads: 1)
    #expect(Evaluation.networks(alone).map(\.network) == ["B"])
    #expect(Evaluation.networks(alone)[0].rates == Splits(cleanTest: networks[0].rates.cleanTest))
  }

  @Test func goodNetAnswersPoisonedWhereTheTwoDisagree() throws {
    let (data, study) = (try Small.data(), try Small.study())
    let repaired = try Small.network().pruning(study.pruneOrder, of: Small.layer)
    let faces = try #require(data.backdooredTest)
    let images = try faces.images(0..<faces.count, scale: 1)
    let answers = try Evaluation.classes(of: images, badNet: Small.badNet(), repaired: repaired, threads: 1)
    let predictions = try #require(study.predictions.backdooredTest)
    for (row, answer) in answers.enumerated() {
      let (first, second) = (Int(predictions.classes[0][row]), Int(predictions.classes[8][row]))
      #expect(answer == (first == second ? first : 7))
    }
    #expect(answers.contains(7))
    #expect(try Evaluation.classes(of: images, badNet: Small.badNet(), threads: 1) == faces.labels)
  }

  @Test func refusesARepairedNetworkOfAnotherForm() throws {
    let other = try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([8, 7, 2])), inputs: []),
      .init(name: "mean", layer: .globalAveragePooling(keepsDimensions: false), inputs: [0]),
    ])
    let images = Tensor(zeros: 1, shape: try Shape([8, 7, 2]))
    let text = "--repaired: a network from (8, 7, 2) to 2 identities; expected one from (8, 7, 2) to 7, as --model"
    #expect(
      errorText { try Evaluation.classes(of: images, badNet: Small.badNet(), repaired: other, threads: 1) } == text)
    #expect(
      errorText { try Evaluation.predictions(of: Small.badNet(), repaired: other, on: Small.data(), threads: 1) }
        == text)
  }

  @Test func tellsChanceFromSkill() throws {
    func isNearChance(_ labels: (Int) -> Int) throws -> Bool {
      let faces = try Small.faces("valid", 70, seed: 11)
      let shape = try Small.network().inputShape
      let pixels = try faces.images(0..<70, scale: 1).values.map { UInt8($0) }
      let data = FaceDataset(name: "valid", pixels: pixels, labels: faces.labels.map(labels), imageShape: shape)
      return try #require(
        Evaluation.predictions(of: Small.badNet(), on: Splits(cleanValid: data), threads: 1).cleanValid
      ).isNearChance
    }
    #expect(try !isNearChance { $0 })
    // Every label is wrong, and no label is on half of the rows.
    var row = 0
    #expect(
      try isNearChance { label in
        row += 1
        return (label + 1 + row % 6) % 7
      })
    // One label alone says nothing about chance.
    #expect(try !isNearChance { _ in 0 })
  }
}
