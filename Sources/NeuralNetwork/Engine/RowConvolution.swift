import Threads

/// A wide convolution over maps as they lie, (N, H, W, C): a product of patches and packed weights, or, for 3 x 3, 16 products of
/// transformed windows (`WinogradConvolution` has the source and the bound on the error).
struct RowConvolution: RowLayer {
  private let window: Window
  private let placement: Window.Placement
  private let input: Shape, output: Shape
  /// Packed for `multiplyPacked`: one factor, or one for each of the 16 numbers of a window.
  private let weights: AlignedNumbers
  private let bias: [Float]
  private let isWinograd: Bool
  private let kernels: Kernels

  /// Patches or windows that one thread takes at once: enough that they share the weights, which stream from memory.
  private static let patchesAtOnce = 192, windowsAtOnce = 96
  /// With fewer for each thread all threads share them, and each takes a part of the weights.
  private static let fewestAtOnce = 24

  /// - Parameter scale: what each filter's sum is multiplied by, and the bias then; nil for the layer's own bias alone.
  init(
    _ layer: Convolution, input: Shape, output: Shape, scale: ChannelScale?, kernels: Kernels, threads: Int = 1
  ) throws {
    window = layer.window
    placement = try layer.window.placement(over: input)
    (self.input, self.output, self.kernels) = (input, output, kernels)
    var layer = layer
    if let scale {
      layer.kernel = scale.scaled(layer.kernel)
      layer.bias = scale.scaledBias(layer.bias ?? [])
    }
    bias = layer.bias ?? [Float](repeating: 0, count: layer.filters)
    isWinograd = layer.suitsRowWinograd
    weights = kernels.packedWeights(of: layer, isWinograd: isWinograd, threads: threads)
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
  ) throws {
    let (height, width) = (layer.window.height, layer.window.width)
    window = layer.window
    self.placement = Window.Placement(
      height: output.dimensions[0], width: output.dimensions[1], top: height - 1 - placement.top,
      left: width - 1 - placement.left)
    (self.input, self.output, self.kernels) = (input, output, kernels)
    var kernel = [Float](repeating: 0, count: layer.kernel.count)
    let (channels, filters) = (layer.inputChannels, layer.filters)
    for place in 0..<height * width {
      let turned = (height * width - 1 - place) * channels * filters
      for channel in 0..<channels {
        for filter in 0..<filters {
          kernel[turned + filter * channels + channel] = layer.kernel[(place * channels + channel) * filters + filter]
        }
      }
    }
    let turned = Convolution(window: window, inputChannels: filters, filters: channels, kernel: kernel, bias: nil)
    bias = [Float](repeating: 0, count: channels)
    isWinograd = turned.suitsRowWinograd
    weights = kernels.packedWeights(of: turned, isWinograd: isWinograd, threads: threads)
  }

  /// - Returns: (N, H, W, filters)
  func forward(_ images: Tensor, finish: RowFinish, threads: Int) -> Tensor {
    let values = [Float](unsafeUninitializedCapacity: images.count * output.count) { values, initialized in
      let result = Shared(pointer: values.baseAddress!)
      images.values.withUnsafeBufferPointer { source in
        let source = Source(pointer: source.baseAddress!)
        let units = images.count * (isWinograd ? windows : placement.height * placement.width)
        let (size, inner) = division(of: units, threads: threads)
        withAdded(finish.added) { added in
          _ = parallelMap((units + size - 1) / size, threads: threads) { part in
            let range = part * size..<min(units, (part + 1) * size)
            if isWinograd {
              convolveWindows(range, source.pointer, result.pointer, added.pointer, finish, threads: inner)
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
    let most = isWinograd ? Self.windowsAtOnce : Self.patchesAtOnce
    guard threads > 1 else { return (most, 1) }
    if units < threads * Self.fewestAtOnce { return (max(1, units), threads) }
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
    // Each copy is as long as all before it.
    target.update(from: bias, count: filters)
    var filled = 1
    while filled < range.count {
      let more = min(filled, range.count - filled)
      (target + filled * filters).update(from: target, count: more * filters)
      filled += more
    }
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

  /// target += rows x weights, each thread some columns.
  private func multiply(
    _ rows: UnsafePointer<Float>, rows count: Int, inner: Int, to target: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let (filters, kernels, weights) = (output.channels, kernels, weights)
    let panels = (filters + kernels.columnsPerPanel - 1) / kernels.columnsPerPanel
    let parts = min(threads, panels)
    // Threads write disjoint columns.
    nonisolated(unsafe) let (rows, target) = (rows, target)
    _ = parallelMap(parts, threads: parts) { part in
      let first = panels * part / parts * kernels.columnsPerPanel
      let end = min(filters, panels * (part + 1) / parts * kernels.columnsPerPanel)
      kernels.multiplyPacked(count, inner, filters, rows, inner, weights.pointer, target, filters, first, end)
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
    copy(
      image: image, top: y * window.strideY - placement.top, left: x * window.strideX - placement.left,
      height: window.height, width: window.width, source, to: row)
  }

  /// A part of one image's map, (height, width, C); what lies beyond the edge is 0.
  private func copy(
    image: Int, top: Int, left: Int, height: Int, width: Int, _ source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns, channels) = (input.dimensions[0], input.dimensions[1], input.channels)
    let first = min(width, max(0, -left))
    let last = max(first, min(width, columns - left))
    for y in 0..<height {
      let place = target + y * width * channels
      guard (0..<rows).contains(top + y) else {
        place.update(repeating: 0, count: width * channels)
        continue
      }
      // Most lie within the map.
      if first > 0 { place.update(repeating: 0, count: first * channels) }
      let from = ((image * rows + top + y) * columns + left + first) * channels
      (place + first * channels).update(from: source + from, count: (last - first) * channels)
      if last < width { (place + last * channels).update(repeating: 0, count: (width - last) * channels) }
    }
  }

  // MARK: Windows of 2 x 2 outputs

  private var windowRows: Int { (placement.height + 1) / 2 }
  private var windowColumns: Int { (placement.width + 1) / 2 }
  private var windows: Int { windowRows * windowColumns }

  /// Some windows, of all images' in their order.
  private func convolveWindows(
    _ range: Range<Int>, _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ added: UnsafePointer<Float>?, _ finish: RowFinish, threads: Int
  ) {
    let (channels, filters, count) = (input.channels, output.channels, range.count)
    let factor = weights.count / 16
    withUnsafeTemporaryAllocation(
      byteCount: (16 * count * (channels + filters) + 16 * channels) * MemoryLayout<Float>.stride,
      alignment: LaneBuffer.alignment
    ) { memory in
      let transformed = memory.baseAddress!.assumingMemoryBound(to: Float.self)
      // Threads write disjoint parts.
      nonisolated(unsafe) let products = transformed + 16 * count * channels
      let edge = products + 16 * count * filters
      for index in range {
        transform(
          index, source, edge: edge, to: transformed + (index - range.lowerBound) * channels,
          step: count * channels)
      }
      nonisolated(unsafe) let factors = UnsafePointer(transformed)
      let (kernels, weights) = (kernels, weights)
      _ = parallelMap(16, threads: threads) { number in
        let sums = products + number * count * filters
        sums.update(repeating: 0, count: count * filters)
        kernels.multiplyPacked(
          count, channels, filters, factors + number * count * channels, channels, weights.pointer + number * factor,
          sums, filters, 0, filters)
      }
      for index in range {
        let (image, y, x) = place(of: index)
        let first = ((image * placement.height + 2 * y) * placement.width + 2 * x) * filters
        kernels.finishWindow(
          products + (index - range.lowerBound) * filters, count * filters, filters, bias, added.map { $0 + first },
          result + first, placement.width * filters, min(2, placement.height - 2 * y),
          min(2, placement.width - 2 * x), finish.rectifies, finish.ceiling ?? .infinity)
      }
    }
  }

  private func place(of index: Int) -> (image: Int, y: Int, x: Int) {
    let (image, window) = index.quotientAndRemainder(dividingBy: windows)
    let (y, x) = window.quotientAndRemainder(dividingBy: windowColumns)
    return (image, y, x)
  }

  private func transform(
    _ index: Int, _ source: UnsafePointer<Float>, edge: UnsafeMutablePointer<Float>,
    to result: UnsafeMutablePointer<Float>, step: Int
  ) {
    let (image, y, x) = place(of: index)
    let (rows, columns, channels) = (input.dimensions[0], input.dimensions[1], input.channels)
    let (top, left) = (2 * y - placement.top, 2 * x - placement.left)
    if top >= 0, left >= 0, top + 4 <= rows, left + 4 <= columns {
      let corner = source + ((image * rows + top) * columns + left) * channels
      kernels.transformWindow(corner, columns * channels, channels, result, step)
    } else {
      copy(image: image, top: top, left: left, height: 4, width: 4, source, to: edge)
      kernels.transformWindow(edge, 4 * channels, channels, result, step)
    }
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
}

extension Kernels {
  /// A right factor, (inner, columns), packed for `multiplyPacked`.
  func packed(_ factor: [Float], columns: Int) -> AlignedNumbers {
    let inner = factor.count / columns
    return AlignedNumbers(count: packedFactorFloats(inner, columns)) { packFactor(inner, columns, factor, $0) }
  }

  /// A layer's kernel packed for `multiplyPacked`: one factor, or 16 of transformed kernels.
  fileprivate func packedWeights(of layer: Convolution, isWinograd: Bool, threads: Int) -> AlignedNumbers {
    guard isWinograd else { return packed(layer.kernel, columns: layer.filters) }
    let size = layer.inputChannels * layer.filters
    let floats = packedFactorFloats(layer.inputChannels, layer.filters)
    return AlignedNumbers(count: 16 * floats) { packed in
      // Threads write disjoint parts.
      nonisolated(unsafe) let target = packed
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * size) { memory in
        nonisolated(unsafe) let factors = memory.baseAddress!
        transformKernels(size, layer.kernel, factors)
        _ = parallelMap(16, threads: threads) { number in
          packFactor(layer.inputChannels, layer.filters, factors + number * size, target + number * floats)
        }
      }
    }
  }
}
