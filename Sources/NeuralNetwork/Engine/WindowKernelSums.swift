import Threads

/// The gradient of a 3 x 3 kernel in products of transformed windows: see `addWinogradKernelGradient` and `transformLargeSlopes`.
struct WindowKernelSums {
  private let windows: Windows
  private let input: Shape, output: Shape
  private let kernels: Kernels

  /// Windows of one product.
  private static let windowsAtOnce = 96
  /// Channels and filters whose sums are taken as far as the kernel at once, so that the sums stay in a cache.
  private static let channelsAtOnce = 96, filtersAtOnce = 64

  /// - Parameter input, output: of the layer.
  init(_ windows: Windows, input: Shape, output: Shape, kernels: Kernels) {
    (self.windows, self.input, self.output, self.kernels) = (windows, input, output, kernels)
  }

  private var channels: Int { input.channels }
  private var filters: Int { output.channels }
  private var numbers: Int { windows.kernels.numbers }

  /// Channels that lie together, as the rows of a product; and filters that do, as the columns of a packed panel.
  private var block: Int { min(channels, Self.channelsAtOnce) }
  private var panel: Int { kernels.columnsPerPanel }
  private var blocks: [Range<Int>] {
    stride(from: 0, to: channels, by: block).map { $0..<min(channels, $0 + block) }
  }

  /// What a window takes of each number: whole blocks, and whole panels.
  private var blocksWidth: Int { (channels + block - 1) / block * block }
  private var panelsWidth: Int { (filters + panel - 1) / panel * panel }

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
      withAlignedFloats(numbers * most * (blocksWidth + panelsWidth)) { transformed in
        nonisolated(unsafe) let transformed = transformed
        if all <= most {
          transform(0..<all, source, slopes, to: transformed, threads: threads)
          _ = parallelMap((filters + Self.filtersAtOnce - 1) / Self.filtersAtOnce, threads: threads) { part in
            let first = part * Self.filtersAtOnce
            let columns = first..<min(filters, first + Self.filtersAtOnce)
            withAlignedFloats(numbers * block * columns.count) { memory in
              for rows in blocks {
                let sums = Sums(rows: rows, columns: columns, numbers: memory)
                for number in 0..<numbers { add(number, of: all, transformed, rows, to: sums, accumulates: false) }
                finish(sums, rows, to: kernel)
              }
            }
          }
        } else {
          withAlignedFloats(numbers * channels * filters) { memory in
            nonisolated(unsafe) let sums = Sums(rows: 0..<channels, columns: 0..<filters, numbers: memory)
            for start in stride(from: 0, to: all, by: most) {
              let chunk = start..<min(all, start + most)
              transform(chunk, source, slopes, to: transformed, threads: threads)
              _ = parallelMap(numbers, threads: threads) { number in
                for rows in blocks {
                  add(number, of: chunk.count, transformed, rows, to: sums, accumulates: start > 0)
                }
              }
            }
            _ = parallelMap(threads, threads: threads) { part in
              finish(sums, channels * part / threads..<channels * (part + 1) / threads, to: kernel)
            }
          }
        }
      }
      initialized = 9 * channels * filters
    }
  }

  /// The transforms of some windows and, behind them, of their slopes: for each number (blocks, windows, `block`), and (panels,
  /// windows, `panel`).
  private func transform(
    _ range: Range<Int>, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>,
    to transformed: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (placement, count) = (windows.placement, range.count)
    // Threads write disjoint parts.
    nonisolated(unsafe) let (source, slopes, transformed) = (source, slopes, transformed)
    nonisolated(unsafe) let turned = transformed + numbers * count * blocksWidth
    _ = parallelMap(threads, threads: threads) { part in
      withZeros(channels) { zeros in
        for index in count * part / threads..<count * (part + 1) / threads {
          let place = windows.place(of: range.lowerBound + index)
          windows.transform(
            place, of: source, input, zeros: zeros, to: transformed + index * block,
            step: count * blocksWidth, block: block, blockStep: count * block)
          kernels.transformLargeSlopes(
            slopes + ((place.image * placement.height + place.y) * placement.width + place.x) * filters,
            placement.width * filters, filters, place.height, place.width, turned + index * panel, count * panelsWidth,
            panel, count * panel)
        }
      }
    }
  }

  /// The sums of some channels for some filters: (numbers, rows, columns).
  private struct Sums {
    let rows: Range<Int>, columns: Range<Int>
    let numbers: UnsafeMutablePointer<Float>

    func place(_ number: Int, _ channel: Int) -> UnsafeMutablePointer<Float> {
      numbers + (number * rows.count + channel - rows.lowerBound) * columns.count
    }
  }

  /// One number's products of `count` windows.
  ///
  /// - Parameter rows: a block's channels.
  private func add(
    _ number: Int, of count: Int, _ transformed: UnsafePointer<Float>, _ rows: Range<Int>, to sums: Sums,
    accumulates: Bool
  ) {
    let turned = transformed + numbers * count * blocksWidth
    let (columns, result) = (sums.columns, sums.place(number, rows.lowerBound))
    kernels.multiplyPacked(
      rows.count, count, columns.count, transformed + count * (number * blocksWidth + rows.lowerBound), 1, block,
      turned + count * (number * panelsWidth + columns.lowerBound), accumulates ? UnsafePointer(result) : nil,
      columns.count, result, columns.count, 0, columns.count)
  }

  /// What sums make of the kernel.
  private func finish(_ sums: Sums, _ rows: Range<Int>, to kernel: UnsafeMutablePointer<Float>) {
    let width = sums.columns.count
    for channel in rows {
      kernels.finishLargeKernels(
        width, sums.place(0, channel), sums.rows.count * width,
        kernel + channel * filters + sums.columns.lowerBound, channels * filters)
    }
  }
}
