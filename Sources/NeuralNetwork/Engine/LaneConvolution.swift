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
    guard layer.window.padding == .valid, layer.activation == .relu || layer.activation == .linear else { return nil }
    self.init(
      kernel: layer.kernel, bias: layer.bias, window: layer.window, inputWidth: input.dimensions[1],
      inputChannels: input.channels, output: output, rectified: layer.activation == .relu, kernels: kernels)
  }

  /// - Parameter kernel: (window.height, window.width, inputChannels, output.channels)
  init(
    kernel: [Float], bias: [Float]?, window: Window, inputWidth: Int, inputChannels: Int, output: Shape,
    rectified: Bool, kernels: Kernels
  ) {
    let (channels, pitch) = (output.channels, inputWidth * inputChannels)
    geometry = convolution_geometry(
      height: output.dimensions[0], width: output.dimensions[1], row_step: window.strideY * pitch,
      column_step: window.strideX * inputChannels, row_pitch: pitch, kernel_rows: window.height,
      run: window.width * inputChannels, channels: channels, output_pitch: output.dimensions[1] * channels,
      rectified: rectified)
    self.output = output
    self.kernels = kernels
    let tile = kernels.tile
    let tiles = (channels + tile - 1) / tile
    let inner = window.height * window.width * inputChannels
    var weights = [Float](repeating: 0, count: tiles * inner * tile)
    for index in 0..<inner {
      for channel in 0..<channels {
        weights[(channel / tile * inner + index) * tile + channel % tile] = kernel[index * channels + channel]
      }
    }
    self.weights = weights
    self.bias = (bias ?? []) + [Float](repeating: 0, count: tiles * tile - (bias?.count ?? 0))
  }

  /// What a forward pass gives: the convolution's own output where it is asked for, and the pool's.
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
