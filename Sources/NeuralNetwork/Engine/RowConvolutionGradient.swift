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
  /// Windows or patches of one product.
  private static let windowsAtOnce = 96, patchesAtOnce = 512

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
      let turned = RowConvolution(
        turning: layer, placement, input: output, output: input, kernels: kernels, threads: threads)
      return turned.forward(gradient, finish: .init(), threads: threads)
    }
    let patches = try Patches(window: layer.window, input: input)
    // (filters, window x C): the kernel's transpose.
    let columns = patches.columns
    let transposed = [Float](unsafeUninitializedCapacity: layer.kernel.count) { target, initialized in
      layer.kernel.withUnsafeBufferPointer {
        transpose(
          $0.baseAddress!, rows: columns, columns: filters, rowStep: filters, columnStep: 1, to: target.baseAddress!)
      }
      initialized = layer.kernel.count
    }
    let packed = kernels.packed(transposed, columns: columns)
    var result = Tensor(zeros: gradient.count, shape: input)
    result.values.withUnsafeMutableBufferPointer { result in
      // Threads write disjoint images.
      nonisolated(unsafe) let result = result.baseAddress!
      _ = parallelMap(gradient.count, threads: threads) { image in
        gradient.values.withUnsafeBufferPointer { gradient in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: positions * columns) { sums in
            kernels.multiplyPacked(
              positions, filters, columns, gradient.baseAddress! + image * positions * filters, filters,
              packed.pointer, nil, sums.baseAddress!, columns, 0, columns)
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
    let windows = layer.windows(of: kernels, isTraining: true).map { Windows($0, placement) }
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
            windows.map { windowSums($0, images.count, source, slopes, threads: isShared ? threads : 1) }
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

  /// The same for 3 x 3 kernels in products of transformed windows: see `addWinogradKernelGradient` and `transformLargeSlopes`.
  private func windowSums(
    _ windows: Windows, _ images: Int, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>, threads: Int
  ) -> [Float] {
    let (form, numbers, size) = (windows.kernels, windows.kernels.numbers, channels * filters)
    // Threads write disjoint parts.
    nonisolated(unsafe) let (source, slopes) = (source, slopes)
    return withUnsafeTemporaryAllocation(
      byteCount: (numbers * size + numbers * Self.windowsAtOnce * (channels + filters)) * MemoryLayout<Float>.stride,
      alignment: LaneBuffer.alignment
    ) { memory in
      nonisolated(unsafe) let sums = memory.baseAddress!.assumingMemoryBound(to: Float.self)
      nonisolated(unsafe) let transformed = sums + numbers * size
      nonisolated(unsafe) let turned = transformed + numbers * Self.windowsAtOnce * channels
      let all = images * windows.count
      for start in stride(from: 0, to: all, by: Self.windowsAtOnce) {
        let count = min(Self.windowsAtOnce, all - start)
        _ = parallelMap(threads, threads: threads) { part in
          withUnsafeTemporaryAllocation(of: Float.self, capacity: numbers * channels) { edge in
            for index in count * part / threads..<count * (part + 1) / threads {
              let place = windows.place(of: start + index)
              windows.transform(
                place, of: source, input, edge: edge.baseAddress!, to: transformed + index * channels,
                step: count * channels)
              form.transformSlopes(
                slopes + ((place.image * placement.height + place.y) * placement.width + place.x) * filters,
                placement.width * filters, filters, place.height, place.width, turned + index * filters,
                count * filters)
            }
          }
        }
        _ = parallelMap(numbers, threads: threads) { number in
          multiply(
            transformed + number * count * channels, turned + number * count * filters, sums + number * size,
            rows: channels, inner: count, columns: filters, accumulate: start > 0, transposeLeft: true,
            kernels: kernels)
        }
      }
      return [Float](unsafeUninitializedCapacity: 9 * size) { result, initialized in
        nonisolated(unsafe) let result = result.baseAddress!
        _ = parallelMap(channels, threads: threads) { channel in
          form.finishKernels(filters, sums + channel * filters, size, result + channel * filters)
        }
        initialized = 9 * size
      }
    }
  }
}
