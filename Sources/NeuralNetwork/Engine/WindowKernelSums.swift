import Threads

/// The gradient of a 3 x 3 kernel in products of transformed windows: see `addWinogradKernelGradient` and `transformLargeSlopes`.
struct WindowKernelSums {
  private let windows: Windows
  private let input: Shape, output: Shape
  private let kernels: Kernels

  /// Windows of one product.
  private static let windowsAtOnce = 96
  /// Filters whose sums are taken as far as the kernel at once, so that the sums stay in a cache.
  private static let filtersAtOnce = 64

  /// - Parameter input, output: of the layer.
  init(_ windows: Windows, input: Shape, output: Shape, kernels: Kernels) {
    (self.windows, self.input, self.output, self.kernels) = (windows, input, output, kernels)
  }

  private var channels: Int { input.channels }
  private var filters: Int { output.channels }
  private var numbers: Int { windows.kernels.numbers }

  /// Of some images.
  ///
  /// - Parameters:
  ///   - source: (images, H, W, C)
  ///   - slopes: with respect to the sums before the activation, (images, H, W, filters).
  /// - Returns: (3, 3, C, filters)
  func kernel(
    _ images: Int, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>, threads: Int
  ) -> [Float] {
    let all = images * windows.count
    let most = min(all, Self.windowsAtOnce)
    return [Float](unsafeUninitializedCapacity: 9 * channels * filters) { kernel, initialized in
      // Threads write disjoint parts.
      nonisolated(unsafe) let kernel = kernel.baseAddress!
      withAlignedFloats(numbers * most * (channels + filters)) { memory in
        nonisolated(unsafe) let memory = memory
        if all <= most {
          transform(0..<all, source, slopes, to: memory, threads: threads)
          _ = parallelMap((filters + Self.filtersAtOnce - 1) / Self.filtersAtOnce, threads: threads) { part in
            let first = part * Self.filtersAtOnce
            let columns = first..<min(filters, first + Self.filtersAtOnce)
            withAlignedFloats(numbers * channels * columns.count) { sums in
              for number in 0..<numbers { add(number, of: all, memory, columns, to: sums, accumulates: false) }
              finish(sums, 0..<channels, columns, to: kernel)
            }
          }
        } else {
          withAlignedFloats(numbers * channels * filters) { sums in
            nonisolated(unsafe) let sums = sums
            for start in stride(from: 0, to: all, by: most) {
              let chunk = start..<min(all, start + most)
              transform(chunk, source, slopes, to: memory, threads: threads)
              _ = parallelMap(numbers, threads: threads) { number in
                add(number, of: chunk.count, memory, 0..<filters, to: sums, accumulates: start > 0)
              }
            }
            _ = parallelMap(threads, threads: threads) { part in
              let rows = channels * part / threads..<channels * (part + 1) / threads
              finish(sums, rows, 0..<filters, to: kernel)
            }
          }
        }
      }
      initialized = 9 * channels * filters
    }
  }

  /// The transforms of some windows and, behind them, of their slopes: for each number (windows, C), and (windows, filters).
  private func transform(
    _ range: Range<Int>, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>,
    to memory: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (form, placement, count) = (windows.kernels, windows.placement, range.count)
    // Threads write disjoint parts.
    nonisolated(unsafe) let (source, slopes, transformed) = (source, slopes, memory)
    nonisolated(unsafe) let turned = memory + numbers * count * channels
    _ = parallelMap(threads, threads: threads) { part in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: numbers * channels) { edge in
        for index in count * part / threads..<count * (part + 1) / threads {
          let place = windows.place(of: range.lowerBound + index)
          windows.transform(
            place, of: source, input, edge: edge.baseAddress!, to: transformed + index * channels,
            step: count * channels)
          form.transformSlopes(
            slopes + ((place.image * placement.height + place.y) * placement.width + place.x) * filters,
            placement.width * filters, filters, place.height, place.width, turned + index * filters, count * filters)
        }
      }
    }
  }

  /// One number's products of `count` windows, for some filters: (C, columns) of the sums.
  private func add(
    _ number: Int, of count: Int, _ memory: UnsafePointer<Float>, _ columns: Range<Int>,
    to sums: UnsafeMutablePointer<Float>, accumulates: Bool
  ) {
    let turned = memory + numbers * count * channels
    multiply(
      memory + number * count * channels, turned + number * count * filters + columns.lowerBound,
      sums + number * channels * columns.count, rows: channels, inner: count, columns: columns.count,
      accumulate: accumulates, transposeLeft: true, rightPitch: filters, kernels: kernels)
  }

  /// What some channels' sums for some filters make of the kernel.
  private func finish(
    _ sums: UnsafePointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>, to kernel: UnsafeMutablePointer<Float>
  ) {
    for channel in rows {
      windows.kernels.finishKernels(
        columns.count, sums + channel * columns.count, channels * columns.count,
        kernel + channel * filters + columns.lowerBound, channels * filters)
    }
  }
}
