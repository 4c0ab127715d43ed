import Datasets
import Defences
import Experiment
import Files
import Foundation
import NeuralNetwork
import Testing

/// Studies of every defence, on a network of two convolutions with a way around the second one.
@Suite struct DefenceStudyTests {
  /// Those that a network without batch normalisation allows.
  static let names = Defence.studied.map(\.name).filter { $0 != "bnp" }

  private static func options(_ name: String) -> String {
    switch name {
    case "anp": "iterations=4,batch=16"
    case "rnp": "unlearn-epochs=2,recover-epochs=2"
    case "fine-pruning": "epochs=3"
    default: ""
    }
  }

  private static func study(
    _ name: String, _ data: Splits<FaceDataset>, layer: String? = Small.layer, threads: Int = 1
  ) throws -> PruningStudy {
    var options = StudyOptions(layer: layer ?? StudyOptions.allLayers, threads: threads)
    options.defence = try DefenceChoice(name, options: Self.options(name), among: Defence.studied)
    return try PruningStudy(of: Small.badNet(), on: data, options: options)
  }

  /// Design, decision 4: selection opens the clean validation split and nothing else.
  @Test(arguments: names.filter { $0 != "oracle" })
  func withOtherSplitsAbsentTheSameNetworksComeOut(_ name: String) throws {
    let data = try Small.data()
    for layer in [Small.layer, nil] {
      let (all, alone) = (
        try Self.study(name, data, layer: layer),
        try Self.study(name, Splits(cleanValid: data.cleanValid), layer: layer)
      )
      #expect(all.ranked == alone.ranked)
      #expect(all.stops == alone.stops)
      #expect(try all.repairedNetworks() == alone.repairedNetworks())
      #expect(try all.ownNetwork() == alone.ownNetwork())
    }
  }

  @Test(arguments: names) func threadsChangeNoByte(_ name: String) throws {
    let data = try Small.data()
    for layer in [Small.layer, nil] {
      let (one, two) = (
        try Small.record(Self.study(name, data, layer: layer, threads: 1)),
        try Small.record(Self.study(name, data, layer: layer, threads: 2))
      )
      #expect(try one.json == two.json)
    }
  }

  /// Whatever the record says of B' is what its network does.
  @Test(arguments: names) func recordedRatesAreThoseOfTheNetworks(_ name: String) throws {
    let data = try Small.data()
    for layer in [Small.layer, nil] {
      let study = try Self.study(name, data, layer: layer)
      let record = try Small.record(study, data)
      let entries =
        zip(record.repaired, try study.repairedNetworks()).map { ($0, $1) }
        + [(record.own?.asRepaired, try study.ownNetwork())].compactMap { own, network in own.map { ($0, network) } }
      for (entry, network) in entries {
        #expect((entry.channelsPruned == nil) == (network == nil))
        guard let network else { continue }
        let found = try Evaluation.networks(
          Evaluation.predictions(of: Small.badNet(), repaired: network, on: data, threads: 1))
        #expect(found[1].rates == entry.network, "\(name)")
        #expect(found[2].rates == entry.goodNet, "\(name)")
      }
      #expect(record.defence == name)
      #expect(record.layers?.map(\.name) == (layer == nil ? ["first", "second"] : nil))
      #expect(record.channels == (layer == nil ? 14 : 8))
    }
  }

  @Test(arguments: names) func recordsAreReadBack(_ name: String) throws {
    for layer in [Small.layer, nil] {
      let record = try Small.record(Self.study(name, Small.data(), layer: layer))
      let text = try record.json
      let read = try RunRecord.decoded(Data(text.utf8), location: "run.json")
      #expect(read == record)
      #expect(try read.json == text)
      #expect(try read.defenceChoice == DefenceChoice(name, options: Self.options(name), among: Defence.studied))
      let again = try StudyOptions(of: read, threads: 1)
      #expect(again.layer == (layer ?? "all"))
    }
  }

  /// Every point of a curve of all layers is the network with as many channels silenced.
  @Test func theCurveOfAllLayersIsThatOfPrunedNetworks() throws {
    let data = try Small.data()
    let study = try Self.study("clp", data, layer: nil)
    let curve = study.curve
    #expect(curve.first?.channelsPruned == 0 && curve.last?.channelsPruned == 14)
    for point in curve {
      let network = try Small.network().pruning(study.pruneOrder.prefix(point.channelsPruned), through: study.layers)
      let found = try Evaluation.networks(
        Evaluation.predictions(of: Small.badNet(), repaired: network, on: data, threads: 1))
      #expect(found[1].rates == point.rates)
    }
  }

  @Test func tuningSaysWhatItUsed() throws {
    let record = try Small.record(Self.study("fine-pruning", Small.data()))
    #expect(record.cleanImages?.tuning == 72 && record.cleanImages?.tuningStop == 18)
    #expect(record.cleanImages?.ranking == 90 && record.cleanImages?.stopping == 90)
    let tuned = try #require(record.repaired.first { $0.channelsPruned != nil }?.tuning)
    #expect(tuned.epochs.count == 3 && (1...3).contains(tuned.bestEpoch))
    #expect(record.isTuned)
  }

  @Test func whatCannotBeDoneIsRefused() throws {
    let data = try Small.data()
    func message(_ name: String, _ data: Splits<FaceDataset>) -> String {
      do {
        _ = try Self.study(name, data)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message("oracle", Splits(cleanValid: data.cleanValid))
        == "--backdoored-valid: not given; expected triggered validation images, which the oracle ranks by")
    #expect(
      message("bnp", data)
        == "--defence bnp: no batch normalisation behind a convolution that can be pruned; expected a network with one, "
        + "for bnp compares its stored statistics with those of clean images")
    #expect(
      message("fine-pruning", Splits(cleanValid: try Small.faces("few", 9, seed: 3)))
        == "--clean-valid: 9 images; expected 10 or more, some to tune on and others to say when to stop")
  }

  @Test func recoveryIsCountedWhereRowsAreTheSameImages() throws {
    let clean = try Small.faces("valid", 60, seed: 21)
    let size = clean.imageShape.count
    let pixels = try clean.images(0..<60, scale: 1).values.enumerated().map { index, pixel in
      index % size < 20 ? 255 : UInt8(pixel)
    }
    func triggered(_ pixels: [UInt8]) -> FaceDataset {
      FaceDataset(
        name: "bd", pixels: pixels, labels: [Int](repeating: 0, count: pixels.count / size),
        imageShape: clean.imageShape)
    }
    let aligned = try Small.record(
      Self.study("pruning", Splits(cleanValid: clean, backdooredValid: triggered(pixels))),
      Splits(cleanValid: clean, backdooredValid: triggered(pixels)))
    let predicted = try Evaluation.classes(
      of: triggered(pixels).images(0..<60, scale: 1), badNet: Small.badNet(), threads: 1)
    let recovered = zip(predicted, clean.labels).count { $0 == $1 }
    #expect(aligned.recoveryAccuracy?.backdooredValid == Rate(hits: recovered, total: 60))
    let entry = try #require(aligned.repaired.first { $0.channelsPruned != nil })
    #expect(entry.recoveryAccuracy?.repaired.backdooredValid?.total == 60)
    let rating = try #require(entry.defenceEffectiveness?.repaired.backdooredValid)
    let (before, after) = (aligned.baseline, entry.network)
    func fall(_ split: Split) throws -> Double {
      let (first, last) = (before[split]?.fraction, after[split]?.fraction)
      return max(0, try #require(first) - #require(last))
    }
    #expect(try rating == (fall(.backdooredValid) - fall(.cleanValid) + 1) / 2)
    // The same images in another order tell nothing.
    let turned = (0..<60).flatMap { row in pixels[(59 - row) * size..<(60 - row) * size] }
    let other = try Small.record(
      Self.study("pruning", Splits(cleanValid: clean, backdooredValid: triggered(turned))),
      Splits(cleanValid: clean, backdooredValid: triggered(turned)))
    #expect(other.recoveryAccuracy == nil)
  }
}
