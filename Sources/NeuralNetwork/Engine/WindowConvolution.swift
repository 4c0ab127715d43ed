import Threads

/// A wide convolution of 3 x 3 in windows: their transforms, which are rows of products that share each weight among many windows,
/// and what becomes of these.
struct WindowConvolution {
  private let windows: Windows
  private let input: Shape, output: Shape
  /// A packed factor for each of a window's numbers.
  private let weights: AlignedNumbers
  private let kernels: Kernels

  /// Windows that one thread takes at once: enough that they share the weights, which stream from memory.
  var atOnce: Int { windows.kernels.outputs == 2 ? 96 : 48 }
  /// With fewer for each thread all threads share them, and each takes some of a window's numbers.
  var fewestAtOnce: Int { windows.kernels.outputs == 2 ? 24 : 48 }
  /// Windows whose transforms are worth a thread.
  private static let sharedAtOnce = 16
  /// Windows of an image.
  var count: Int { windows.count }

  init(
    _ windows: Windows, _ layer: Convolution, input: Shape, output: Shape, kernels: Kernels, threads: Int
  ) {
    (self.windows, self.input, self.output, self.kernels) = (windows, input, output, kernels)
    weights = kernels.packed(layer, windows.kernels, threads: threads)
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
        withUnsafeTemporaryAllocation(of: Float.self, capacity: factorPitch) { edge in
          for index in part {
            windows.transform(
              windows.place(of: index), of: source, input, edge: edge.baseAddress!,
              to: factors + (index - range.lowerBound) * factorPitch, step: channels)
          }
        }
      }
      let (kernels, weights) = (kernels, weights)
      let factor = weights.count / numbers
      _ = parallelMap(numbers, threads: threads) { number in
        kernels.multiplyPacked(
          count, channels, filters, factors + number * channels, factorPitch, weights.pointer + number * factor, nil,
          products + number * filters, productPitch, 0, filters)
      }
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

extension Kernels {
  /// Input channels whose kernels are transformed at once: the second-level cache keeps these until they are packed.
  private static let channelsAtOnce = 8

  /// A layer's transformed kernels, a packed factor for each number of a window.
  fileprivate func packed(_ layer: Convolution, _ windows: WindowKernels, threads: Int) -> AlignedNumbers {
    let (channels, filters) = (layer.inputChannels, layer.filters)
    let floats = packedFactorFloats(channels, filters)
    let numbers = windows.numbers
    return AlignedNumbers(count: numbers * floats) { packed in
      // Threads write disjoint rows.
      nonisolated(unsafe) let packed = packed
      _ = parallelMap((channels + Self.channelsAtOnce - 1) / Self.channelsAtOnce, threads: threads) { part in
        let first = part * Self.channelsAtOnce
        let end = min(channels, first + Self.channelsAtOnce)
        let size = (end - first) * filters
        withAlignedFloats(numbers * size) { transformed in
          layer.kernel.withUnsafeBufferPointer {
            windows.transformKernels(size, $0.baseAddress! + first * filters, channels * filters, transformed)
          }
          for number in 0..<numbers {
            packFactor(channels, filters, first, end, transformed + number * size, packed + number * floats)
          }
        }
      }
    }
  }
}
