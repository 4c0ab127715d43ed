import CProcessor
import Threads

/// A convolution of each channel by itself, over maps as they lie, (N, H, W, C).
struct RowDepthwise: RowLayer {
  private let geometry: depthwise_geometry
  private let input: Shape, output: Shape
  private let weights: [Float], bias: [Float]
  private let kernels: Kernels

  /// Rows of a map that one thread takes at once where there are fewer images than threads.
  private static let rowsAtOnce = 8

  /// - Parameters:
  ///   - layer: one that `isChannelwise`.
  ///   - scale: what each channel's sum is multiplied by, and the bias then; nil for the layer's own bias alone.
  init(_ layer: GroupedConvolution, input: Shape, output: Shape, scale: ChannelScale?, kernels: Kernels) throws {
    let (window, placement) = (layer.geometry, try layer.geometry.placement(over: input))
    geometry = depthwise_geometry(
      map_height: input.dimensions[0], map_width: input.dimensions[1], channels: input.channels,
      window_height: window.height, window_width: window.width, step_y: window.strideY, step_x: window.strideX,
      gap_y: window.dilationY, gap_x: window.dilationX, top: placement.top, left: placement.left,
      width: placement.width)
    (self.input, self.output, self.kernels) = (input, output, kernels)
    weights = scale?.scaled(layer.kernel) ?? layer.kernel
    bias =
      scale?.scaledBias(layer.bias) ?? (layer.bias.isEmpty ? [Float](repeating: 0, count: layer.filters) : layer.bias)
  }

  func forward(_ images: Tensor, finish: RowFinish, threads: Int) -> Tensor {
    precondition(finish.added == nil, "sums are not computed with a depthwise convolution")
    let (rows, pitch) = (output.dimensions[0], output.count / output.dimensions[0])
    let parts = images.count < threads ? (rows + Self.rowsAtOnce - 1) / Self.rowsAtOnce : 1
    let values = [Float](unsafeUninitializedCapacity: images.count * output.count) { values, initialized in
      // Threads write disjoint rows.
      nonisolated(unsafe) let result = values.baseAddress!
      images.values.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source.baseAddress!
        _ = parallelMap(images.count * parts, threads: threads) { index in
          let (image, part) = index.quotientAndRemainder(dividingBy: parts)
          let (first, end) = (rows * part / parts, rows * (part + 1) / parts)
          kernels.convolveDepthwise(
            geometry, first, end, source + image * input.count, weights, bias,
            result + image * output.count + first * pitch, finish.rectifies, finish.ceiling ?? .infinity)
        }
      }
      initialized = images.count * output.count
    }
    return Tensor(count: images.count, shape: output, values: values)
  }
}
