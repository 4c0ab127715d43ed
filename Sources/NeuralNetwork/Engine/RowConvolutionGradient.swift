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
  /// Patches of one product.
  private static let patchesAtOnce = 512

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
    return StridedInputGradient(layer, placement, input: input, output: output, kernels: kernels)
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
            ?? patchSums(images.count, source, slopes)
          return sum
        }
      }
    }
    var sum = parts.first ?? WeightGradient(kernel: layer.kernel.count, bias: layer.bias?.count ?? 0)
    for part in parts.dropFirst() { sum.add(part) }
    return sum
  }

  /// dK = Pᵀ dY over some images: one place of the window at a time, whose values of many patches are copied together.
  private func patchSums(
    _ images: Int, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>
  ) -> [Float] {
    var sums = [Float](repeating: 0, count: layer.kernel.count)
    sums.withUnsafeMutableBufferPointer { sums in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.patchesAtOnce * channels) { memory in
        let copied = memory.baseAddress!
        for start in stride(from: 0, to: images * positions, by: Self.patchesAtOnce) {
          let range = start..<min(images * positions, start + Self.patchesAtOnce)
          for y in 0..<layer.window.height {
            for x in 0..<layer.window.width {
              for patch in range { copy(patch, y, x, source, to: copied + (patch - start) * channels) }
              multiply(
                copied, slopes + start * filters,
                sums.baseAddress! + (y * layer.window.width + x) * channels * filters, rows: channels,
                inner: range.count, columns: filters, accumulate: true, transposeLeft: true, kernels: kernels)
            }
          }
        }
      }
    }
    return sums
  }

  /// The channels at one place of a patch's window; 0 beyond the edge.
  private func copy(
    _ patch: Int, _ dy: Int, _ dx: Int, _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>
  ) {
    let (image, position) = patch.quotientAndRemainder(dividingBy: positions)
    let y = position / placement.width * layer.window.strideY - placement.top + dy
    let x = position % placement.width * layer.window.strideX - placement.left + dx
    let (rows, columns) = (input.dimensions[0], input.dimensions[1])
    guard (0..<rows).contains(y), (0..<columns).contains(x) else {
      return target.update(repeating: 0, count: channels)
    }
    target.update(from: source + ((image * rows + y) * columns + x) * channels, count: channels)
  }
}
