/// A dense layer ready for pairs of sparse rows: its weights in tiles of neighbouring outputs.
struct SparseDense: Sendable {
  let activation: Activation
  private let inputs: Int, units: Int
  /// (tiles, inputs, outputsPerTile), with 0s beyond the last unit.
  private let weights: AlignedNumbers
  /// (tiles x outputsPerTile), with -infinity beyond the last unit: never a largest one.
  private let bias: [Float]
  private let kernels: Kernels

  /// Inputs whose weights in a tile all rows pass before the next ones: 256 KB at most, which the second-level cache keeps.
  private static let inputsAtOnce = 1024

  init(_ layer: Dense, kernels: Kernels) {
    self.kernels = kernels
    (inputs, units, activation) = (layer.inputs, layer.units, layer.activation)
    let tile = kernels.outputsPerTile
    let tiles = (units + tile - 1) / tile
    var weights = [Float](repeating: 0, count: tiles * inputs * tile)
    for input in 0..<inputs {
      for unit in 0..<units {
        weights[(unit / tile * inputs + input) * tile + unit % tile] = layer.kernel[input * units + unit]
      }
    }
    self.weights = AlignedNumbers(weights)
    bias =
      (layer.bias ?? [Float](repeating: 0, count: units))
      + [Float](repeating: -.infinity, count: tiles * tile - units)
  }

  /// (rows, units), with the activation applied.
  func forward(_ rows: SparsePairs) -> [Float] {
    let tile = kernels.outputsPerTile
    let pitch = bias.count
    var output = [Float](unsafeUninitializedCapacity: 2 * rows.count * pitch) { $1 = 2 * rows.count * pitch }
    let bounds =
      stride(from: 0, to: max(inputs, 1), by: Self.inputsAtOnce).map { rows.starts(from: $0) }
      + [Array(rows.starts.dropFirst())]
    for first in stride(from: 0, to: pitch, by: tile) {
      output.withUnsafeMutableBufferPointer { output in
        withTile(first) { weights, bias in
          for (part, starts) in bounds.dropLast().enumerated() {
            kernels.multiplySparse(
              rows.count, rows.order, starts, bounds[part + 1], rows.indices, rows.values, weights,
              part == 0 ? bias : nil, output.baseAddress! + first, pitch)
          }
        }
      }
    }
    if pitch != units {
      output = (0..<rows.rows).flatMap { output[$0 * pitch..<$0 * pitch + units] }
    }
    output.removeLast(output.count - rows.rows * units)
    output.withUnsafeMutableBufferPointer { activation.apply(to: $0, width: units) }
    return output
  }

  /// The index of each row's largest output before the activation; of equal ones the lowest.
  func largestIndices(_ rows: SparsePairs) -> [Int32] {
    var best = [Float](repeating: 0, count: 2 * rows.count)
    var classes = [Int32](repeating: 0, count: 2 * rows.count)
    for first in stride(from: 0, to: bias.count, by: kernels.outputsPerTile) {
      withTile(first) { weights, bias in
        kernels.largestSparse(
          rows.count, rows.starts, rows.indices, rows.values, weights, bias, Int32(first), &best, &classes)
      }
    }
    return Array(classes.prefix(rows.rows))
  }

  private func withTile(_ first: Int, _ body: (UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
    bias.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      body(weights.pointer + first * inputs, bias + first)
    }
  }
}
