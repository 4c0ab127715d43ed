import Datasets
import Defences
import Foundation
import ModelFiles
import NeuralNetwork

/// What NumPy and PyTorch found; see `Tests/Tools/make_defences.py`.
struct Fixture: Decodable {
  let weights: [String: [Float]]
  let mean: [Float], variance: [Float]
  let images: [Float]
  let labels: [Int]
  let bounds: [[Double]], beyond: [[Int]]
  let wide: Wide
  let divergences: [Double]
  let taylor: [[Double]]
  let anp: Step, rnp: Step
  let tuning: [Int]
  let tuned: [[String: [Float]]]

  struct Wide: Decodable {
    let kernel: [Float], bounds: [Double], beyond: [Int]
  }

  struct Step: Decodable {
    let masks: [Double]
    let weightNoise: [Double]?, biasNoise: [Double]?
    let loss: Double, gradient: [Double]
  }

  static func read() throws -> Fixture {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try JSONDecoder().decode(
      Fixture.self, from: Data(contentsOf: folder.appending(path: "Fixtures/defences.json")))
  }

  /// (6, 5, 2) → convolution, normalisation, rectifier → convolution with rectifier → 3 classes.
  func network() throws -> Network {
    let (first, second) = (
      Convolution(
        window: try Window(height: 3, width: 3), inputChannels: 2, filters: 4, kernel: weights["conv_1"] ?? [],
        bias: nil),
      Convolution(
        window: try Window(height: 2, width: 2), inputChannels: 4, filters: 5, kernel: weights["conv_2"] ?? [],
        bias: weights["bias_2"], activation: .relu)
    )
    return try Network(nodes: [
      .init(name: "input", layer: .input(try Shape([6, 5, 2])), inputs: []),
      .init(name: "first", layer: .convolution(first), inputs: [0]),
      .init(
        name: "normal",
        layer: .batchNormalization(
          BatchNormalization(
            gamma: weights["gamma"], beta: weights["beta"], mean: mean, variance: variance, epsilon: 1e-3)),
        inputs: [1]),
      .init(name: "positive", layer: .activation(.relu), inputs: [2]),
      .init(name: "second", layer: .convolution(second), inputs: [3]),
      .init(name: "flat", layer: .flatten, inputs: [4]),
      .init(
        name: "answer",
        layer: .dense(Dense(inputs: 30, units: 3, kernel: weights["dense"] ?? [], bias: weights["bias_3"])), inputs: [5]
      ),
    ])
  }

  /// The images as a dataset: numbers, of which none is a pixel.
  func faces() throws -> FaceDataset {
    FaceDataset(
      name: "fixture", labels: labels, imageShape: try Shape([6, 5, 2]),
      numbers: FixtureNumbers(values: images, size: 60))
  }

  func tensor() throws -> Tensor { Tensor(count: labels.count, shape: try Shape([6, 5, 2]), values: images) }

  func subject(threads: Int = 1, seed: UInt64 = 1) throws -> DefenceSubject {
    let network = try network()
    let layers = network.prunableUnits
    return DefenceSubject(
      network: network, layers: layers, meanActivation: [Double](repeating: 0, count: 9),
      images: try CleanImages(faces(), prepared: InputPreparation(scale: 1)), seed: seed, threads: threads)
  }
}

private struct FixtureNumbers: StoredNumbers {
  let values: [Float], size: Int

  var isWhole: Bool { false }

  func visit() {}

  func doubles() throws -> [Double] { values.map(Double.init) }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    for index in 0..<rows.count * size { buffer[index] = values[rows.lowerBound * size + index] }
  }
}
