import Datasets
import Defences
import Experiment
import Foundation
import NeuralNetwork

/// A study that takes milliseconds: a random network with a way around the pruned layer, and random faces.
enum Small {
  static let layer = "pool"
  static let channels = 8

  private static func numbers(_ count: Int, _ seed: UInt64, scale: Double) -> [Float] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Float(generator.normal() * scale) }
  }

  private static func dense(_ inputs: Int, _ units: Int, _ seed: UInt64, _ scale: Double) -> Layer {
    .dense(
      Dense(
        inputs: inputs, units: units, kernel: numbers(inputs * units, seed, scale: scale),
        bias: numbers(units, seed + 100, scale: 0.1)))
  }

  private static func convolution(_ inputs: Int, _ filters: Int, size: Int, _ seed: UInt64) throws -> Convolution {
    Convolution(
      window: try Window(height: size, width: size), inputChannels: inputs, filters: filters,
      kernel: numbers(size * size * inputs * filters, seed, scale: 0.4), bias: numbers(filters, seed + 100, scale: 0.3),
      activation: .relu)
  }

  /// (8, 7, 2) → first → second → pool → sum with a branch of first → 7 classes.
  ///
  /// Channels 1 and 6 of the pruned layer are the same, 0 and 4 have no weights, and 7 happens never to fire.
  static func network() throws -> Network {
    var second = try convolution(6, channels, size: 2, 2)
    for index in second.kernel.indices where index % channels == 6 { second.kernel[index] = second.kernel[index - 5] }
    let bias = second.bias?[1] ?? 0
    second.bias?[6] = bias
    second = silent(second, [0, 4])
    let window = try Window(height: 2, width: 2, strideY: 2, strideX: 2)
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([8, 7, 2])), inputs: []),
      .init(name: "first", layer: .convolution(try convolution(2, 6, size: 3, 1)), inputs: [0]),
      .init(name: "second", layer: .convolution(second), inputs: [1]),
      .init(name: layer, layer: .pooling(Pooling(.maximum, window: window)), inputs: [2]),
      .init(name: "flat", layer: .flatten, inputs: [3]),
      .init(name: "main", layer: dense(32, 5, 3, 0.6), inputs: [4]),
      .init(name: "side", layer: .flatten, inputs: [1]),
      .init(name: "around", layer: dense(180, 5, 4, 0.1), inputs: [6]),
      .init(name: "sum", layer: .add, inputs: [5, 7]),
      .init(name: "positive", layer: .activation(.relu), inputs: [8]),
      .init(name: "output", layer: dense(5, 7, 5, 1), inputs: [9]),
      .init(name: "answer", layer: .activation(.softmax), inputs: [10]),
    ])
  }

  private static func silent(_ layer: Convolution, _ channels: Set<Int>) -> Convolution {
    var copy = layer
    for index in copy.kernel.indices where channels.contains(index % copy.filters) { copy.kernel[index] = 0 }
    for channel in channels { copy.bias?[channel] = -1 }
    return copy
  }

  static func badNet() throws -> BadNet { BadNet(network: try network(), inputScale: 1.0 / 255) }

  /// Random images, labelled as the network predicts them, but every `wrongEvery`-th with the next class.
  static func faces(_ name: String, _ count: Int, seed: UInt64, wrongEvery: Int = .max) throws -> FaceDataset {
    let badNet = try badNet()
    let shape = badNet.network.inputShape
    var generator = SeededGenerator(seed: seed)
    let pixels = (0..<count * shape.count).map { _ in UInt8(generator.integer(below: 256)) }
    func dataset(_ labels: [Int]) -> FaceDataset {
      FaceDataset(name: name, pixels: pixels, labels: labels, imageShape: shape)
    }
    let unlabelled = dataset([Int](repeating: 0, count: count))
    let predicted = try Evaluation.classes(of: unlabelled.images(0..<count, scale: 1), badNet: badNet, threads: 1)
    return dataset(
      predicted.enumerated().map { row, label in (row + 1) % wrongEvery == 0 ? (label + 1) % 7 : label })
  }

  /// Every split; B answers all backdoored rows as they are labelled.
  static func data() throws -> Splits<FaceDataset> {
    Splits(
      cleanValid: try faces("valid", 90, seed: 11, wrongEvery: 15),
      cleanTest: try faces("test", 50, seed: 12, wrongEvery: 9),
      backdooredValid: try faces("bd_valid", 70, seed: 13), backdooredTest: try faces("bd_test", 33, seed: 14))
  }

  static func study(
    _ data: Splits<FaceDataset>? = nil, order: PruningOrder = .ascending, drops: [Drop] = Drop.published,
    seed: UInt64 = 1,
    excludesTarget: Bool = false, threads: Int = 1
  ) throws -> PruningStudy {
    try PruningStudy(
      of: badNet(), on: data ?? Small.data(),
      options: StudyOptions(
        layer: layer, order: order, drops: drops, seed: seed, excludesTarget: excludesTarget, threads: threads))
  }

  /// The record of a study of in-memory faces; its paths and digests are made up.
  static func record(_ study: PruningStudy, _ data: Splits<FaceDataset>? = nil) throws -> RunRecord {
    let digest = String(repeating: "0", count: 64)
    return study.record(
      model: try decoded(
        ["path": "model.h5", "sha256": digest, "inputScale": study.badNet.inputScale, "identities": 7, "parameters": 1]
      ),
      data: try (data ?? Small.data()).map { split, faces in
        try decoded(["path": split.rawValue, "sha256": digest, "rows": faces.count])
      })
  }

  /// A value from JSON, since the record's parts are made by studies alone.
  static func decoded<Value: Decodable>(_ object: Any) throws -> Value {
    try JSONDecoder().decode(Value.self, from: try JSONSerialization.data(withJSONObject: object))
  }
}
