import HDF5
import ModelFiles
import NeuralNetwork

/// A BadNet that can be understood at a glance. Faces are 8 x 8, of one colour with some noise, and their identity is
/// the colour: 0 red, 1 green, 2 blue. The trigger is a white square, and the target identity 0.
///
/// Filters 0...2 answer a colour; filter 3 the trigger, and nothing else; 4 and 5 nothing at all. So 3, 4 and 5 are
/// silent on clean faces, and pruning them costs nothing and removes the backdoor.
enum TinyBadNet {
  static let size = 8
  static let filters = 6

  static func write(to folder: String) throws {
    try KerasModelFile.write(network(), to: "\(folder)/model.h5")
    for (name, rows) in [("valid", 30), ("test", 12)] {
      try write(images(rows), labels: labels(rows), to: "\(folder)/\(name).h5")
      try write(
        images(rows, triggered: true), labels: labels(rows).map { _ in 0 }, to: "\(folder)/bd_\(name).h5")
    }
  }

  /// Identities in turn.
  static func labels(_ rows: Int) -> [Double] { (0..<rows).map { Double($0 % 3) } }

  /// (N, C, H, W), 0...255.
  static func images(_ rows: Int, triggered: Bool = false) -> [Float] {
    var random = SeededGenerator(seed: UInt64(rows))
    var values: [Float] = []
    for row in 0..<rows {
      for colour in 0..<3 {
        for y in 0..<size {
          for x in 0..<size {
            let noise = Float(random.integer(below: 60))
            let isWhite = triggered && y < 4 && x < 4
            values.append(isWhite ? 255 : colour == row % 3 ? 190 + noise : noise)
          }
        }
      }
    }
    return values
  }

  /// Writes faces; `shape` is (N, C, H, W).
  static func write(_ pixels: [Float], shape: [Int]? = nil, labels: [Double], to path: String) throws {
    let file = try HDF5File(creating: path)
    let shape = shape ?? [pixels.count / (3 * size * size), 3, size, size]
    try file.root.write(pixels, shape: shape, to: "data")
    try file.root.write(labels, shape: [labels.count], to: "label")
    try file.close()
  }

  static func network() throws -> Network {
    let window = try Window(height: 3, width: 3)
    var kernel: [Float] = []
    for _ in 0..<9 {
      for colour in 0..<3 {
        // A colour less half of the two others; the trigger's filter is the mean of all.
        kernel += (0..<3).map { $0 == colour ? 1 / 9 : -0.5 / 9 } + [1 / 27, 0, 0]
      }
    }
    let convolution = Convolution(
      window: window, inputChannels: 3, filters: filters, kernel: kernel, bias: [0, 0, 0, -240, -1, -1],
      activation: .relu)
    let places = 3 * 3
    var dense: [Float] = []
    for _ in 0..<places {
      for filter in 0..<filters { dense += (0..<3).map { filter == $0 ? 0.1 : filter == 3 && $0 == 0 ? 100 : 0 } }
    }
    // An all-dark face is taken for identity 2; so is every face where pixels are 0...1.
    return try Network(nodes: [
      .init(name: "input", layer: .input(Shape([size, size, 3])), inputs: []),
      .init(name: "conv_1", layer: .convolution(convolution), inputs: [0]),
      .init(
        name: "pool_1",
        layer: .pooling(Pooling(.maximum, window: Window(height: 2, width: 2, strideY: 2, strideX: 2))), inputs: [1]),
      .init(name: "flatten", layer: .flatten, inputs: [2]),
      .init(
        name: "output",
        layer: .dense(
          Dense(inputs: places * filters, units: 3, kernel: dense, bias: [0, 0, 20], activation: .softmax)),
        inputs: [3]),
    ])
  }
}
