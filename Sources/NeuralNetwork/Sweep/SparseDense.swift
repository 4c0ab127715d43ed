/// A dense layer ready for groups of sparse rows: its weights in tiles of neighbouring outputs.
struct SparseDense: Sendable {
  let activation: Activation
  private let inputs: Int, units: Int
  /// (tiles, inputs, outputsPerTile), with 0s beyond the last unit.
  private let weights: AlignedNumbers
  /// (tiles x outputsPerTile), with -infinity beyond the last unit: never a largest one.
  private let bias: [Float]
  private let kernels: Kernels

  /// Inputs whose weights in a tile all rows pass before the next ones; many tiles pay for rows that lie in many parts.
  var inputsAtOnce: Int { inputs > 1024 && bias.count > 8 * kernels.outputsPerTile ? kernels.inputsPerPart : 1024 }

  init(_ layer: Dense, kernels: Kernels) {
    self.kernels = kernels
    (inputs, units, activation) = (layer.inputs, layer.units, layer.activation)
    let (tile, inputs, units) = (kernels.outputsPerTile, layer.inputs, layer.units)
    let tiles = (units + tile - 1) / tile
    weights = AlignedNumbers(count: tiles * inputs * tile) { weights in
      layer.kernel.withUnsafeBufferPointer { kernel in
        for input in 0..<inputs {
          for first in stride(from: 0, to: units, by: tile) {
            let (target, count) = (weights + (first * inputs + input * tile), min(tile, units - first))
            target.update(from: kernel.baseAddress! + (input * units + first), count: count)
            (target + count).update(repeating: 0, count: tile - count)
          }
        }
      }
    }
    bias =
      (layer.bias ?? [Float](repeating: 0, count: units))
      + [Float](repeating: -.infinity, count: tiles * tile - units)
  }

  /// - Parameter numbers: (rows, inputs)
  func rows(_ numbers: [Float]) -> SparseRows { SparseRows(numbers, width: inputs, columns: inputsAtOnce) }

  /// (rows, units), with the activation applied.
  func forward(_ rows: SparseRows) -> [Float] {
    var output = sums(rows)
    let pitch = bias.count
    output.withUnsafeMutableBufferPointer { output in
      guard let output = output.baseAddress, pitch != units else { return }
      for row in (0..<rows.rows).dropFirst() { (output + row * units).update(from: output + row * pitch, count: units) }
    }
    output.removeLast(output.count - rows.rows * units)
    output.withUnsafeMutableBufferPointer { activation.apply(to: $0, width: units) }
    return output
  }

  /// The index of each row's largest output before the activation; of equal ones the lowest.
  /// - Parameter rows: in one part.
  func largestIndices(_ rows: SparseRows) -> [Int32] {
    var best = [Float](repeating: 0, count: rows.rows)
    var classes = [Int32](repeating: 0, count: rows.rows)
    rows.withPart(0) { rows in
      forEachTile { first, weights, bias in
        kernels.largestSparse(rows, weights, bias, Int32(first), &best, &classes)
      }
    }
    return classes
  }

  /// (rows, tiles x outputsPerTile)
  private func sums(_ rows: SparseRows) -> [Float] {
    let pitch = bias.count
    return [Float](unsafeUninitializedCapacity: rows.rows * pitch) { output, initialized in
      initialized = rows.rows * pitch
      guard let output = output.baseAddress else { return }
      forEachTile { first, weights, bias in
        for part in 0..<rows.partCount {
          rows.withPart(part) { kernels.multiplySparse($0, weights, part == 0 ? bias : nil, output + first, pitch) }
        }
      }
    }
  }

  /// Calls `body` with each tile's first output, weights and bias.
  private func forEachTile(_ body: (Int, UnsafePointer<Float>, UnsafePointer<Float>) -> Void) {
    bias.withUnsafeBufferPointer { bias in
      guard let bias = bias.baseAddress else { return }
      for first in stride(from: 0, to: self.bias.count, by: kernels.outputsPerTile) {
        body(first, weights.pointer + first * inputs, bias + first)
      }
    }
  }
}
