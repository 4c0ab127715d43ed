import Threads

/// A wide convolution over maps as they lie, (N, H, W, C): a product of patches and packed weights, or, for 3 x 3, products of
/// transformed windows.
struct RowConvolution: RowLayer {
  private let window: Window
  private let placement: Window.Placement
  private let input: Shape, output: Shape
  /// Packed for `multiplyPacked`.
  private let weights: AlignedNumbers
  private let bias: [Float]
  /// What convolves by windows; nil where patches do.
  private let windows: WindowConvolution?
  private let kernels: Kernels

  /// Patches that one thread takes at once: enough that they share the weights, which stream from memory.
  private static let patchesAtOnce = 192
  /// With fewer for each thread all threads share them, and each takes a part of the weights.
  private static let fewestAtOnce = 24

  /// - Parameters:
  ///   - scale: what each filter's sum is multiplied by, and the bias then; nil for the layer's own bias alone.
  ///   - forFewWindows: whether few windows come at once; the sums are the same.
  ///   - isTraining: whether the windows may be large ones, whose rounding is coarser.
  init(
    _ layer: Convolution, input: Shape, output: Shape, scale: ChannelScale?, kernels: Kernels,
    forFewWindows: Bool = false, threads: Int = 1, isTraining: Bool = false
  ) throws {
    var layer = layer
    if let scale {
      layer.kernel = scale.scaled(layer.kernel)
      layer.bias = scale.scaledBias(layer.bias ?? [])
    }
    self.init(
      layer, isTurned: false, try layer.window.placement(over: input), input: input, output: output,
      windows: layer.windows(of: kernels, isTraining: isTraining), forFewWindows: forFewWindows, kernels: kernels,
      threads: threads)
  }

  /// The convolution that takes gradients of a layer's output to those of its input: the kernel turned by 180 degrees, its input
  /// and output channels exchanged.
  ///
  /// - Parameters:
  ///   - layer: of stride 1.
  ///   - placement: of the layer.
  ///   - input, output: of this convolution: the layer's output and input.
  init(
    turning layer: Convolution, _ placement: Window.Placement, input: Shape, output: Shape, kernels: Kernels,
    threads: Int
  ) {
    let (height, width) = (layer.window.height, layer.window.width)
    let turned = Window.Placement(
      height: output.dimensions[0], width: output.dimensions[1], top: height - 1 - placement.top,
      left: width - 1 - placement.left)
    self.init(
      layer, isTurned: true, turned, input: input, output: output,
      windows: layer.windows(of: kernels, isTraining: true), forFewWindows: false, kernels: kernels, threads: threads)
  }

  private init(
    _ layer: Convolution, isTurned: Bool, _ placement: Window.Placement, input: Shape, output: Shape,
    windows: WindowKernels?, forFewWindows: Bool, kernels: Kernels, threads: Int
  ) {
    (window, self.placement) = (layer.window, placement)
    (self.input, self.output, self.kernels) = (input, output, kernels)
    let bias = isTurned ? nil : layer.bias
    self.bias = bias ?? [Float](repeating: 0, count: output.channels)
    self.windows = windows.map { windows in
      WindowConvolution(
        Windows(windows, placement),
        forFewWindows
          ? KernelPanels(layer, kernels: kernels)
          : TransformedKernels(layer, isTurned: isTurned, windows, kernels: kernels, threads: threads), input: input,
        output: output)
    }
    weights =
      windows == nil
      ? kernels.packed(isTurned ? layer.turnedKernel(threads: threads) : layer.kernel, columns: output.channels)
      : AlignedNumbers(count: 0) { _ in }
  }

  /// - Returns: (N, H, W, filters)
  func forward(_ images: Tensor, finish: RowFinish, threads: Int) -> Tensor {
    let values = [Float](unsafeUninitializedCapacity: images.count * output.count) { values, initialized in
      let result = Shared(pointer: values.baseAddress!)
      images.values.withUnsafeBufferPointer { source in
        let source = Source(pointer: source.baseAddress!)
        let units = images.count * (windows?.count ?? placement.height * placement.width)
        let (size, inner) = division(of: units, threads: threads)
        withAdded(finish.added) { added in
          _ = parallelMap((units + size - 1) / size, threads: threads) { part in
            let range = part * size..<min(units, (part + 1) * size)
            if let windows {
              windows.convolve(range, source.pointer, result.pointer, bias, added.pointer, finish, threads: inner)
            } else {
              convolvePatches(range, source.pointer, result.pointer, added.pointer, finish, threads: inner)
            }
          }
        }
      }
      initialized = images.count * output.count
    }
    return Tensor(count: images.count, shape: output, values: values)
  }

  /// How many units one thread takes at once, and how many threads share the products of these.
  private func division(of units: Int, threads: Int) -> (size: Int, inner: Int) {
    let most = windows?.atOnce ?? Self.patchesAtOnce
    guard threads > 1 else { return (most, 1) }
    if units < threads * (windows?.fewestAtOnce ?? Self.fewestAtOnce) { return (max(1, units), threads) }
    let parts = (units + threads * most - 1) / (threads * most) * threads
    return ((units + parts - 1) / parts, 1)
  }

  private func withAdded(_ tensor: Tensor?, _ body: (Added) -> Void) {
    guard let tensor else { return body(Added(pointer: nil)) }
    tensor.values.withUnsafeBufferPointer { body(Added(pointer: $0.baseAddress)) }
  }

  // MARK: Patches

  private func convolvePatches(
    _ range: Range<Int>, _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ added: UnsafePointer<Float>?, _ finish: RowFinish, threads: Int
  ) {
    let filters = output.channels
    let inner = window.height * window.width * input.channels
    let target = result + range.lowerBound * filters
    if isPointwise {
      multiply(source + range.lowerBound * inner, rows: range.count, inner: inner, to: target, threads: threads)
    } else {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count * inner) { patches in
        for row in range {
          gather(row, source, into: patches.baseAddress! + (row - range.lowerBound) * inner)
        }
        multiply(patches.baseAddress!, rows: range.count, inner: inner, to: target, threads: threads)
      }
    }
    if finish.rectifies || added != nil {
      kernels.finishRows(
        range.count * filters, target, added.map { $0 + range.lowerBound * filters }, finish.rectifies,
        finish.ceiling ?? .infinity)
    }
  }

  /// target = bias + rows x weights, each thread some columns.
  private func multiply(
    _ rows: UnsafePointer<Float>, rows count: Int, inner: Int, to target: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (filters, kernels, weights, bias) = (output.channels, kernels, weights, bias)
    let panels = (filters + kernels.columnsPerPanel - 1) / kernels.columnsPerPanel
    let parts = min(threads, panels)
    // Threads write disjoint columns.
    nonisolated(unsafe) let (rows, target) = (rows, target)
    _ = parallelMap(parts, threads: parts) { part in
      let first = panels * part / parts * kernels.columnsPerPanel
      let end = min(filters, panels * (part + 1) / parts * kernels.columnsPerPanel)
      kernels.multiplyPacked(
        count, inner, filters, rows, inner, 1, weights.pointer, bias, 0, target, filters, first, end)
    }
  }

  /// Whether patches are the map's own numbers.
  private var isPointwise: Bool {
    window.height == 1 && window.width == 1 && window.strideY == 1 && window.strideX == 1
  }

  /// One patch, of all images' in their order; what lies beyond the edge is 0.
  private func gather(_ patch: Int, _ source: UnsafePointer<Float>, into row: UnsafeMutablePointer<Float>) {
    let (image, position) = patch.quotientAndRemainder(dividingBy: placement.height * placement.width)
    let (y, x) = position.quotientAndRemainder(dividingBy: placement.width)
    input.copy(
      top: y * window.strideY - placement.top, left: x * window.strideX - placement.left, height: window.height,
      width: window.width, of: source + image * input.count, to: row)
  }

  /// Memory that threads write disjoint parts of, and memory that they read.
  private struct Shared: @unchecked Sendable { let pointer: UnsafeMutablePointer<Float> }
  private struct Source: @unchecked Sendable { let pointer: UnsafePointer<Float> }
  private struct Added: @unchecked Sendable { let pointer: UnsafePointer<Float>? }
}

extension Convolution {
  /// Channels in and out from which a layer is wide. Where they are a multiple of 16, every instruction set has whole vectors.
  private static let fewestWideChannels = 32

  /// Whether it is 3 x 3 and so wide that the transforms save more than they cost.
  var suitsRowWinograd: Bool {
    suitsWinograd && inputChannels >= Self.fewestWideChannels && filters >= Self.fewestWideChannels
      && inputChannels % 16 == 0 && filters % 16 == 0
  }

  /// The windows that a wide layer is computed in; nil where patches are.
  ///
  /// Training takes large ones: some ten times the rounding error of small ones is nothing beside its own noise.
  func windows(of kernels: Kernels, isTraining: Bool) -> WindowKernels? {
    guard suitsRowWinograd else { return nil }
    return isTraining ? kernels.largeWindows : kernels.windows
  }

  /// The kernel turned by 180 degrees, with its input and output channels exchanged.
  func turnedKernel(threads: Int = 1) -> [Float] {
    let (places, size) = (window.height * window.width, inputChannels * filters)
    return [Float](unsafeUninitializedCapacity: kernel.count) { target, initialized in
      // Threads write disjoint places.
      nonisolated(unsafe) let target = target.baseAddress!
      kernel.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let source = source.baseAddress!
        _ = parallelMap(places, threads: threads) { place in
          transpose(
            source + place * size, rows: inputChannels, columns: filters, rowStep: filters,
            to: target + (places - 1 - place) * size)
        }
      }
      initialized = kernel.count
    }
  }
}

extension Kernels {
  /// A right factor, (inner, columns), packed for `multiplyPacked`.
  func packed(_ factor: [Float], columns: Int) -> AlignedNumbers {
    let inner = factor.count / columns
    return AlignedNumbers(count: packedFactorFloats(inner, columns)) {
      packFactor(inner, columns, 0, inner, factor, $0)
    }
  }
}
