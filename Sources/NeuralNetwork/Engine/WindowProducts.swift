import Threads

/// A layer's kernels as windows are multiplied by them.
protocol WindowProducts: Sendable {
  /// The products of some windows.
  ///
  /// - Parameters:
  ///   - factors: (count, numbers, channels), the transformed windows.
  ///   - products: (count, numbers, filters)
  func multiply(
    _ count: Int, _ factors: UnsafePointer<Float>, to products: UnsafeMutablePointer<Float>, threads: Int)
}

/// Transformed kernels, a packed factor for each of a window's numbers, which many windows share.
struct TransformedKernels: WindowProducts {
  private let numbers: Int
  private let channels: Int, filters: Int
  private let weights: AlignedNumbers
  private let kernels: Kernels

  /// Input channels whose kernels are transformed at once: the second-level cache keeps these until they are packed.
  private static let channelsAtOnce = 8

  /// - Parameter isTurned: whether the kernel is turned by 180 degrees, and its input and output channels exchanged.
  init(_ layer: Convolution, isTurned: Bool, _ windows: WindowKernels, kernels: Kernels, threads: Int) {
    let (channels, filters) =
      isTurned ? (layer.filters, layer.inputChannels) : (layer.inputChannels, layer.filters)
    let numbers = windows.numbers
    (self.channels, self.filters, self.numbers, self.kernels) = (channels, filters, numbers, kernels)
    let floats = kernels.packedFactorFloats(channels, filters)
    weights = AlignedNumbers(count: numbers * floats) { packed in
      // Threads write disjoint rows.
      nonisolated(unsafe) let packed = packed
      _ = parallelMap((channels + Self.channelsAtOnce - 1) / Self.channelsAtOnce, threads: threads) { part in
        let first = part * Self.channelsAtOnce
        let end = min(channels, first + Self.channelsAtOnce)
        let size = (end - first) * filters
        withAlignedFloats(numbers * size) { transformed in
          layer.withKernels(ofChannels: first..<end, isTurned: isTurned) {
            windows.transformKernels(size, $0, $1, transformed)
          }
          for number in 0..<numbers {
            kernels.packFactor(channels, filters, first, end, transformed + number * size, packed + number * floats)
          }
        }
      }
    }
  }

  func multiply(
    _ count: Int, _ factors: UnsafePointer<Float>, to products: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (channels, filters, numbers, kernels, weights) = (channels, filters, numbers, kernels, weights)
    // Threads write disjoint numbers.
    nonisolated(unsafe) let (factors, products) = (factors, products)
    _ = parallelMap(numbers, threads: threads) { number in
      kernels.multiplyPacked(
        count, channels, filters, factors + number * channels, numbers * channels, 1,
        weights.pointer + number * (weights.count / numbers), nil, 0, products + number * filters, numbers * filters, 0,
        filters)
    }
  }
}

/// Kernels as they are, in panels of some filters, for windows so few that reading the kernels takes longer than transforming them.
struct KernelPanels: WindowProducts {
  private let channels: Int, filters: Int
  private let weights: AlignedNumbers
  private let kernels: Kernels

  /// Sides of a map up to which an image has few windows.
  private static let mostOutputs = 4

  /// Whether an image's windows of a map are few.
  static func suit(_ map: Shape) -> Bool { map.dimensions[0] <= mostOutputs && map.dimensions[1] <= mostOutputs }

  /// - Parameter layer: 3 x 3, with filters a multiple of 16.
  init(_ layer: Convolution, kernels: Kernels) {
    let (channels, filters, width) = (layer.inputChannels, layer.filters, kernels.filtersPerPanel)
    (self.channels, self.filters, self.kernels) = (channels, filters, kernels)
    weights = AlignedNumbers(count: layer.kernel.count) { panels in
      layer.kernel.withUnsafeBufferPointer { kernel in
        var target = panels
        for filter in stride(from: 0, to: filters, by: width) {
          for channel in 0..<channels {
            for place in 0..<9 {
              target.update(
                from: kernel.baseAddress! + (place * channels + channel) * filters + filter, count: width)
              target += width
            }
          }
        }
      }
    }
  }

  func multiply(
    _ count: Int, _ factors: UnsafePointer<Float>, to products: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (channels, filters, kernels, weights) = (channels, filters, kernels, weights)
    let width = kernels.filtersPerPanel
    let panels = filters / width
    // Threads write disjoint filters.
    nonisolated(unsafe) let (factors, products) = (factors, products)
    let parts = min(threads, panels)
    _ = parallelMap(parts, threads: parts) { part in
      kernels.multiplyFewWindows(
        count, channels, filters, factors, weights.pointer, panels * part / parts * width,
        panels * (part + 1) / parts * width, products)
    }
  }
}

extension Convolution {
  /// Calls `body` with the kernels of some input channels, (places, channels, filters), and from one place to the next.
  ///
  /// - Parameter isTurned: as of `TransformedKernels`.
  fileprivate func withKernels(
    ofChannels range: Range<Int>, isTurned: Bool, _ body: (_ kernels: UnsafePointer<Float>, _ step: Int) -> Void
  ) {
    let (places, all) = (window.height * window.width, inputChannels * filters)
    kernel.withUnsafeBufferPointer { kernel in
      guard isTurned else { return body(kernel.baseAddress! + range.lowerBound * filters, all) }
      let size = range.count * inputChannels
      withAlignedFloats(places * size) { turned in
        for place in 0..<places {
          transpose(
            kernel.baseAddress! + (places - 1 - place) * all + range.lowerBound, rows: inputChannels,
            columns: range.count, rowStep: filters, to: turned + place * size)
        }
        body(turned, size)
      }
    }
  }
}
