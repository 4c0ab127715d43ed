import Threads

/// The gradients of a convolution over maps as they lie, (N, H, W, C), for a whole batch.
///
/// A batch is cut into parts by its size and the layer's alone, and each part's kernel gradient is one chain of sums; these are
/// added in order.
struct RowConvolutionGradient {
  private let layer: Convolution
  private let placement: Window.Placement
  private let input: Shape, output: Shape
  private let kernels: Kernels

  /// Parts of a batch: each has a kernel gradient of its own.
  private static let parts = 4
  /// Numbers of a kernel from which on the sums of more than one part would not stay in the cache, and threads share those of one.
  private static let sharedKernel = 1 << 16

  init(_ layer: Convolution, input: Shape, output: Shape, kernels: Kernels) throws {
    (self.layer, self.input, self.output, self.kernels) = (layer, input, output, kernels)
    placement = try layer.window.placement(over: input)
  }

  private var filters: Int { layer.filters }
  private var channels: Int { layer.inputChannels }
  private var positions: Int { placement.height * placement.width }

  // MARK: Input

  /// - Parameters:
  ///   - gradient: with respect to the sums before the activation, (N, H, W, filters).
  ///   - added: what other layers have found for the same input; nil for nothing.
  /// - Returns: (N, H, W, C) of the input.
  func input(_ gradient: Tensor, added: Tensor?, threads: Int) -> Tensor {
    if layer.window.strideY == 1, layer.window.strideX == 1 {
      let turned = RowConvolution(
        turning: layer, placement, input: output, output: input, kernels: kernels, threads: threads)
      return turned.forward(gradient, finish: .init(added: added), threads: threads)
    }
    return StridedInputGradient(layer, placement, input: input, output: output, kernels: kernels, threads: threads)
      .forward(gradient, added: added, threads: threads)
  }

  // MARK: Kernel

  /// - Parameters:
  ///   - values: (N, H, W, C) of the input.
  ///   - gradient: with respect to the sums before the activation, (N, H, W, filters).
  func weights(_ values: Tensor, _ gradient: Tensor, threads: Int) -> WeightGradient {
    let windows = layer.windows(of: kernels, isTraining: true).map {
      WindowKernelSums(Windows($0, placement), input: input, output: output, kernels: kernels)
    }
    let patches = PatchKernelSums(layer.window, placement, input: input, output: output, kernels: kernels)
    let isShared = windows != nil && channels * filters >= Self.sharedKernel
    let most = isShared ? 1 : Self.parts
    let size = max(1, (values.count + most - 1) / most)
    let parts = parallelMap((values.count + size - 1) / size, threads: isShared ? 1 : threads) { part in
      let images = part * size..<min(values.count, (part + 1) * size)
      return values.values.withUnsafeBufferPointer { values in
        gradient.values.withUnsafeBufferPointer { gradient in
          var sum = WeightGradient(kernel: 0, bias: layer.bias?.count ?? 0)
          let slopes = gradient.baseAddress! + images.lowerBound * output.count
          sum.addBias(UnsafeBufferPointer(start: slopes, count: images.count * output.count))
          let source = values.baseAddress! + images.lowerBound * input.count
          sum.kernel =
            windows.map { $0.kernel(images.count, source, slopes, threads: isShared ? threads : 1) }
            ?? patches.kernel(images.count, source, slopes)
          return sum
        }
      }
    }
    guard let first = parts.first else {
      return WeightGradient(kernel: layer.kernel.count, bias: layer.bias?.count ?? 0)
    }
    let bias = parts.dropFirst().reduce(into: first.bias) { add($1.bias, to: &$0) }
    return WeightGradient(kernel: sum(parts.map(\.kernel), threads: threads), bias: bias)
  }

  /// Numbers of a sum that one thread takes at once.
  private static let numbersAtOnce = 1 << 14

  /// The sum of kernels' gradients, in their order.
  private func sum(_ parts: [[Float]], threads: Int) -> [Float] {
    guard parts.count > 1 else { return parts[0] }
    let (count, size) = (parts[0].count, Self.numbersAtOnce)
    return [Float](unsafeUninitializedCapacity: count) { sum, initialized in
      withPointers(parts) { parts in
        // Threads write disjoint parts.
        nonisolated(unsafe) let (sum, parts) = (sum.baseAddress!, parts.map { $0! })
        _ = parallelMap((count + size - 1) / size, threads: threads) { index in
          let (start, count) = (index * size, min(size, count - index * size))
          (sum + start).initialize(from: parts[0] + start, count: count)
          for part in parts.dropFirst() { kernels.finishRows(count, sum + start, part + start, false, .infinity) }
        }
      }
      initialized = count
    }
  }
}
