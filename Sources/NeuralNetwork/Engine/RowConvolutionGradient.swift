import Threads

/// The gradients of a convolution over maps as they lie, (N, H, W, C), for a whole batch.
///
/// A batch is cut into parts by its size alone, and each part's kernel gradient is one chain of sums; these are added in order.
struct RowConvolutionGradient {
  private let layer: Convolution
  private let placement: Window.Placement
  private let input: Shape, output: Shape
  private let kernels: Kernels

  /// Parts of a batch: each has a kernel gradient of its own, which for wide layers is some 16 MB.
  private static let parts = 4
  /// Windows or patches of one product.
  private static let windowsAtOnce = 192, patchesAtOnce = 512

  init(_ layer: Convolution, input: Shape, output: Shape, kernels: Kernels) throws {
    (self.layer, self.input, self.output, self.kernels) = (layer, input, output, kernels)
    placement = try layer.window.placement(over: input)
  }

  private var filters: Int { layer.filters }
  private var channels: Int { layer.inputChannels }
  private var positions: Int { placement.height * placement.width }

  // MARK: Input

  /// - Parameter gradient: with respect to the sums before the activation, (N, H, W, filters).
  /// - Returns: (N, H, W, C) of the input.
  func input(_ gradient: Tensor, threads: Int) throws -> Tensor {
    if layer.window.strideY == 1, layer.window.strideX == 1 {
      let turned = try RowConvolution(
        turning: layer, placement, input: output, output: input, kernels: kernels, threads: threads)
      return turned.forward(gradient, finish: .init(), threads: threads)
    }
    let patches = try Patches(window: layer.window, input: input)
    // (filters, window x C): the kernel's transpose.
    let columns = patches.columns
    var transposed = [Float](repeating: 0, count: layer.kernel.count)
    for row in 0..<columns {
      for filter in 0..<filters { transposed[filter * columns + row] = layer.kernel[row * filters + filter] }
    }
    let packed = kernels.packed(transposed, columns: columns)
    var result = Tensor(zeros: gradient.count, shape: input)
    result.values.withUnsafeMutableBufferPointer { result in
      // Threads write disjoint images.
      nonisolated(unsafe) let result = result.baseAddress!
      _ = parallelMap(gradient.count, threads: threads) { image in
        gradient.values.withUnsafeBufferPointer { gradient in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: positions * columns) { sums in
            sums.update(repeating: 0)
            kernels.multiplyPacked(
              positions, filters, columns, gradient.baseAddress! + image * positions * filters, filters,
              packed.pointer, sums.baseAddress!, columns, 0, columns)
            patches.scatter(sums.baseAddress!, addingTo: result + image * input.count)
          }
        }
      }
    }
    return result
  }

  // MARK: Kernel

  /// - Parameters:
  ///   - values: (N, H, W, C) of the input.
  ///   - gradient: with respect to the sums before the activation, (N, H, W, filters).
  func weights(_ values: Tensor, _ gradient: Tensor, threads: Int) -> WeightGradient {
    let size = (values.count + Self.parts - 1) / Self.parts
    let count = size == 0 ? 0 : (values.count + size - 1) / size
    let parts = parallelMap(count, threads: threads) { part in
      let images = part * size..<min(values.count, (part + 1) * size)
      return values.values.withUnsafeBufferPointer { values in
        gradient.values.withUnsafeBufferPointer { gradient in
          var sum = WeightGradient(kernel: 0, bias: layer.bias?.count ?? 0)
          let slopes = gradient.baseAddress! + images.lowerBound * output.count
          sum.addBias(UnsafeBufferPointer(start: slopes, count: images.count * output.count))
          let source = values.baseAddress! + images.lowerBound * input.count
          sum.kernel =
            layer.suitsRowWinograd
            ? windowSums(images.count, source, slopes) : patchSums(images.count, source, slopes)
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

  /// The same for 3 x 3 kernels in 16 products of transformed windows: see `addWinogradKernelGradient`.
  private func windowSums(
    _ images: Int, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>
  ) -> [Float] {
    let across = (placement.width + 1) / 2
    let windows = (placement.height + 1) / 2 * across
    let size = channels * filters
    var sums = [Float](repeating: 0, count: 16 * size)
    sums.withUnsafeMutableBufferPointer { sums in
      withUnsafeTemporaryAllocation(
        of: Float.self, capacity: 16 * Self.windowsAtOnce * (channels + filters) + 16 * channels
      ) { memory in
        let transformed = memory.baseAddress!
        let turned = transformed + 16 * Self.windowsAtOnce * channels
        let edge = turned + 16 * Self.windowsAtOnce * filters
        for start in stride(from: 0, to: images * windows, by: Self.windowsAtOnce) {
          let count = min(Self.windowsAtOnce, images * windows - start)
          for index in start..<start + count {
            let (image, window) = index.quotientAndRemainder(dividingBy: windows)
            let (y, x) = (2 * (window / across), 2 * (window % across))
            transform(
              image, y - placement.top, x - placement.left, source, edge: edge,
              to: transformed + (index - start) * channels, step: count * channels)
            kernels.transformSlopes(
              slopes + ((image * placement.height + y) * placement.width + x) * filters, placement.width * filters,
              filters, min(2, placement.height - y), min(2, placement.width - x),
              turned + (index - start) * filters, count * filters)
          }
          for number in 0..<16 {
            multiply(
              transformed + number * count * channels, turned + number * count * filters,
              sums.baseAddress! + number * size, rows: channels, inner: count, columns: filters, accumulate: true,
              transposeLeft: true, kernels: kernels)
          }
        }
      }
    }
    return [Float](unsafeUninitializedCapacity: 9 * size) { result, initialized in
      kernels.finishKernels(size, sums, result.baseAddress!)
      initialized = 9 * size
    }
  }

  private func transform(
    _ image: Int, _ top: Int, _ left: Int, _ source: UnsafePointer<Float>, edge: UnsafeMutablePointer<Float>,
    to result: UnsafeMutablePointer<Float>, step: Int
  ) {
    let (rows, columns) = (input.dimensions[0], input.dimensions[1])
    let map = source + image * input.count
    if top >= 0, left >= 0, top + 4 <= rows, left + 4 <= columns {
      kernels.transformWindow(map + (top * columns + left) * channels, columns * channels, channels, result, step)
      return
    }
    for y in 0..<4 {
      for x in 0..<4 {
        let target = edge + (4 * y + x) * channels
        if (0..<rows).contains(top + y), (0..<columns).contains(left + x) {
          target.update(from: map + ((top + y) * columns + left + x) * channels, count: channels)
        } else {
          target.update(repeating: 0, count: channels)
        }
      }
    }
    kernels.transformWindow(edge, 4 * channels, channels, result, step)
  }
}
