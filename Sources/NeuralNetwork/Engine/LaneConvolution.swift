import CProcessor

/// A convolution ready for the kernels: its weights packed, and the 2 x 2 maximum pool behind it where there is one.
struct LaneConvolution: Sendable {
  let geometry: convolution_geometry
  /// (H, W, C), before pooling.
  let output: Shape
  private let weights: [Float]
  private let bias: [Float]
  private let kernels: Kernels

  /// nil for a convolution that the kernels have no way to compute: one with padding, or with another activation than
  /// max(x, 0) or none.
  init?(_ layer: Convolution, input: Shape, output: Shape, kernels: Kernels) {
    guard layer.canRunInKernels else { return nil }
    self.init(layer, inputWidth: input.dimensions[1], output: output, kernels: kernels)
  }

  /// - Parameter zeroRows: how many of the input's first and last rows are 0.
  /// - Precondition: the convolution has no padding and ends in max(x, 0) or in nothing.
  init(_ layer: Convolution, inputWidth: Int, zeroRows: Int = 0, output: Shape, kernels: Kernels) {
    geometry = convolution_geometry(layer, inputWidth: inputWidth, zeroRows: zeroRows, output: output)
    self.output = output
    self.kernels = kernels
    (weights, bias) = layer.packed(tile: kernels.tile)
  }

  /// What a forward pass gives: the convolution's own output where it is requested, and the pool's.
  func forward(_ input: LaneTensor, keepsOutput: Bool, pooled: Shape?, store: LaneStore) -> (
    output: LaneTensor?, pooled: LaneTensor?
  ) {
    let result =
      keepsOutput ? LaneTensor(count: input.count, shape: output, lanes: kernels.lanes, store: store) : nil
    let pool = pooled.map { LaneTensor(count: input.count, shape: $0, lanes: kernels.lanes, store: store) }
    for group in 0..<input.groups {
      convolve(input.group(group), output: result?.group(group), pooled: pool?.group(group))
    }
    return (result, pool)
  }

  /// One group of images.
  func convolve(
    _ input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>?, pooled: UnsafeMutablePointer<Float>?
  ) {
    weights.withUnsafeBufferPointer { weights in
      bias.withUnsafeBufferPointer { bias in
        guard let weights = weights.baseAddress, let bias = bias.baseAddress else { return }
        kernels.convolve(geometry, input, weights, bias, output, pooled)
      }
    }
  }
}

extension Convolution {
  /// Whether the kernels have a way to compute it: it has no padding and ends in max(x, 0) or in nothing.
  var canRunInKernels: Bool { window.padding == .valid && (activation == .relu || activation == .linear) }

  /// Whether there is a backward pass in lanes too, which takes steps of 1.
  var canTrainInLanes: Bool { canRunInKernels && window.strideY == 1 && window.strideX == 1 }

  /// Weights as (filters / tile rounded up, height, width, inputChannels, tile), and a bias for each of those filters, with 0s
  /// beyond the last one.
  func packed(tile: Int) -> (weights: [Float], bias: [Float]) {
    let tiles = (filters + tile - 1) / tile
    let inner = window.height * window.width * inputChannels
    var weights = [Float](repeating: 0, count: tiles * inner * tile)
    // Tile by tile: a division for each number would cost more than the copy.
    weights.withUnsafeMutableBufferPointer { weights in
      kernel.withUnsafeBufferPointer { kernel in
        for first in stride(from: 0, to: filters, by: tile) {
          let width = min(tile, filters - first)
          for index in 0..<inner {
            let (target, source) = (first * inner + index * tile, index * filters + first)
            for channel in 0..<width { weights[target + channel] = kernel[source + channel] }
          }
        }
      }
    }
    return (weights, bias(tile: tile))
  }

  /// A bias for each filter of whole tiles, with 0s beyond the last one.
  func bias(tile: Int) -> [Float] {
    let tiles = (filters + tile - 1) / tile
    return (bias ?? []) + [Float](repeating: 0, count: tiles * tile - (bias?.count ?? 0))
  }
}

extension convolution_geometry {
  /// - Parameters:
  ///   - inputWidth: columns of the input.
  ///   - zeroRows: how many of its first and last rows are 0.
  ///   - output: (H, W, C), before pooling.
  init(_ layer: Convolution, inputWidth: Int, zeroRows: Int = 0, output: Shape) {
    let (window, pitch) = (layer.window, inputWidth * layer.inputChannels)
    self.init(
      height: output.dimensions[0], width: output.dimensions[1], row_step: window.strideY * pitch,
      column_step: window.strideX * layer.inputChannels, row_pitch: pitch, kernel_rows: window.height,
      run: window.width * layer.inputChannels, channels: layer.filters,
      output_pitch: output.dimensions[1] * layer.filters, zero_rows: zeroRows, rectified: layer.activation == .relu)
  }
}

extension Network {
  /// The pool that can be computed together with convolution `index`: the only reader of its output, with windows of
  /// 2 x 2 that touch without overlapping.
  func pool(behind index: Int) -> Int? {
    let readers = readers(of: index)
    guard readers.count == 1, case .pooling(let pool) = nodes[readers[0]].layer, pool.kind == .maximum else {
      return nil
    }
    let window = pool.window
    let isPlain = [window.height, window.width, window.strideY, window.strideX].allSatisfy { $0 == 2 }
    let shape = shapes[index].dimensions
    let isWhole = shape[0] % 2 == 0 && shape[1] % 2 == 0
    return isPlain && (window.padding == .valid || isWhole) ? readers[0] : nil
  }
}
