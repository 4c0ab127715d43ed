import Threads

/// A wide convolution of 3 x 3 in windows: their transforms, which are rows of products that share each weight among many windows,
/// and what becomes of these.
struct WindowConvolution {
  private let windows: Windows
  private let input: Shape, output: Shape
  private let kernels: any WindowProducts

  /// Windows that one thread takes at once: enough that they share the weights, which stream from memory.
  var atOnce: Int { windows.kernels.outputs == 2 ? 96 : 48 }
  /// With fewer for each thread all threads share them, and each takes some of a window's numbers.
  var fewestAtOnce: Int { windows.kernels.outputs == 2 ? 24 : 48 }
  /// Windows whose transforms are worth a thread.
  private static let sharedAtOnce = 2
  /// Windows of an image.
  var count: Int { windows.count }

  init(_ windows: Windows, _ kernels: any WindowProducts, input: Shape, output: Shape) {
    (self.windows, self.kernels, self.input, self.output) = (windows, kernels, input, output)
  }

  /// - Parameters:
  ///   - range: the windows, of all images' in their order.
  ///   - source: (N, H, W, C)
  ///   - result: (N, H, W, filters)
  ///   - added: of the result's shape; nil for none.
  func convolve(
    _ range: Range<Int>, _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ bias: [Float],
    _ added: UnsafePointer<Float>?, _ finish: RowFinish, threads: Int
  ) {
    let (channels, filters, count) = (input.channels, output.channels, range.count)
    // Threads write disjoint parts of the result.
    nonisolated(unsafe) let (source, result, added) = (source, result, added)
    let (form, placement) = (windows.kernels, windows.placement)
    let numbers = form.numbers
    // All numbers of a window lie together.
    let (factorPitch, productPitch) = (numbers * channels, numbers * filters)
    withAlignedFloats(count * (factorPitch + productPitch)) { memory in
      nonisolated(unsafe) let factors = memory
      nonisolated(unsafe) let products = factors + count * factorPitch
      forEachPart(of: range, threads: threads) { part in
        withZeros(channels) { zeros in
          for index in part {
            windows.transform(
              windows.place(of: index), of: source, input, zeros: zeros,
              to: factors + (index - range.lowerBound) * factorPitch, step: channels)
          }
        }
      }
      kernels.multiply(count, factors, to: products, threads: threads)
      forEachPart(of: range, threads: threads) { part in
        for index in part {
          let place = windows.place(of: index)
          let first = ((place.image * placement.height + place.y) * placement.width + place.x) * filters
          form.finish(
            products + (index - range.lowerBound) * productPitch, filters, filters, bias, added.map { $0 + first },
            result + first, placement.width * filters, place.height, place.width, finish.rectifies,
            finish.ceiling ?? .infinity)
        }
      }
    }
  }

  /// Calls `body` with parts of a range, on as many threads.
  private func forEachPart(of range: Range<Int>, threads: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = max(1, min(threads, range.count / Self.sharedAtOnce))
    _ = parallelMap(parts, threads: threads) { part in
      body(
        range.lowerBound + range.count * part / parts..<range.lowerBound + range.count * (part + 1) / parts)
    }
  }
}
