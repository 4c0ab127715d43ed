import Threads

/// The gradient of a strided convolution with respect to its input, (N, H, W, C), from that of its output.
///
/// Positions of the input that lie a stride apart have the same taps of the kernel, so that they are a convolution of stride 1 of the
/// output's gradient with these taps alone: there are `strideY` x `strideX` such phases, each a product of patches and packed weights.
struct StridedInputGradient {
  /// Positions y, y + strideY, … and x, x + strideX, … of the input.
  private struct Phase {
    let y: Int, x: Int
    /// How many of them there are.
    let height: Int, width: Int
    let rows: Taps, columns: Taps
    /// (taps x filters, C), packed for `multiplyPacked`.
    let weights: AlignedNumbers
  }

  /// The taps of a kernel that meet a phase, along one axis: the last one comes first, so that the outputs that they come from are in
  /// order.
  private struct Taps {
    let taps: [Int]
    /// The output that the first one comes from, for the phase's first position.
    let first: Int

    init(start: Int, stride: Int, window: Int, before: Int) {
      taps = (0..<window).filter { (start + before - $0) % stride == 0 }.reversed()
      first = taps.first.map { (start + before - $0) / stride } ?? 0
    }
  }

  private let input: Shape, output: Shape
  private let window: Window
  private let phases: [Phase]
  private let kernels: Kernels

  /// Patches that one thread takes at once: enough that they share the weights.
  private static let patchesAtOnce = 192

  /// - Parameters:
  ///   - placement: of the layer.
  ///   - input, output: of the layer.
  init(
    _ layer: Convolution, _ placement: Window.Placement, input: Shape, output: Shape, kernels: Kernels, threads: Int
  ) {
    (self.input, self.output, self.kernels, window) = (input, output, kernels, layer.window)
    let window = layer.window
    let (height, width) = (min(window.strideY, input.dimensions[0]), min(window.strideX, input.dimensions[1]))
    phases = parallelMap(height * width, threads: threads) { index in
      let (y, x) = index.quotientAndRemainder(dividingBy: width)
      let rows = Taps(start: y, stride: window.strideY, window: window.height, before: placement.top)
      let columns = Taps(start: x, stride: window.strideX, window: window.width, before: placement.left)
      let places = rows.taps.flatMap { row in columns.taps.map { row * window.width + $0 } }
      return Phase(
        y: y, x: x, height: (input.dimensions[0] - y + window.strideY - 1) / window.strideY,
        width: (input.dimensions[1] - x + window.strideX - 1) / window.strideX, rows: rows, columns: columns,
        weights: kernels.packed(layer.transposed(places), columns: layer.inputChannels))
    }
  }

  /// - Parameters:
  ///   - gradient: with respect to the sums before the activation, (N, H, W, filters).
  ///   - added: to the result, and of its shape; nil for nothing.
  /// - Returns: (N, H, W, C)
  func forward(_ gradient: Tensor, added: Tensor?, threads: Int) -> Tensor {
    let values = [Float](unsafeUninitializedCapacity: gradient.count * input.count) { values, initialized in
      // Threads write disjoint positions.
      nonisolated(unsafe) let result = values.baseAddress!
      withPointers([gradient.values, added?.values]) { pointers in
        nonisolated(unsafe) let (slopes, added) = (pointers[0]!, pointers[1])
        for phase in phases {
          let positions = gradient.count * phase.height * phase.width
          _ = parallelMap((positions + Self.patchesAtOnce - 1) / Self.patchesAtOnce, threads: threads) { part in
            let first = part * Self.patchesAtOnce
            convolve(phase, first..<min(positions, first + Self.patchesAtOnce), slopes, added, result)
          }
        }
      }
      initialized = gradient.count * input.count
    }
    return Tensor(count: gradient.count, shape: input, values: values)
  }

  /// Some of a phase's positions, of all images' in their order.
  private func convolve(
    _ phase: Phase, _ range: Range<Int>, _ slopes: UnsafePointer<Float>, _ added: UnsafePointer<Float>?,
    _ result: UnsafeMutablePointer<Float>
  ) {
    let (channels, filters) = (input.channels, output.channels)
    let inner = phase.rows.taps.count * phase.columns.taps.count * filters
    withUnsafeTemporaryAllocation(of: Float.self, capacity: range.count * (inner + channels)) { memory in
      let (patches, sums) = (memory.baseAddress!, memory.baseAddress! + range.count * inner)
      sums.update(repeating: 0, count: inner == 0 ? range.count * channels : 0)
      for index in range where inner > 0 {
        let place = self.place(index, phase)
        output.copy(
          top: place.y + phase.rows.first, left: place.x + phase.columns.first, height: phase.rows.taps.count,
          width: phase.columns.taps.count, of: slopes + place.image * output.count,
          to: patches + (index - range.lowerBound) * inner)
      }
      if inner > 0 {
        kernels.multiplyPacked(
          range.count, inner, channels, patches, inner, 1, phase.weights.pointer, nil, 0, sums, channels, 0, channels)
      }
      for index in range {
        let place = self.place(index, phase)
        let (y, x) = (phase.y + place.y * window.strideY, phase.x + place.x * window.strideX)
        let first = place.image * input.count + (y * input.dimensions[1] + x) * channels
        (result + first).update(from: sums + (index - range.lowerBound) * channels, count: channels)
        if let added { kernels.finishRows(channels, result + first, added + first, false, .infinity) }
      }
    }
  }

  private func place(_ index: Int, _ phase: Phase) -> (image: Int, y: Int, x: Int) {
    let (image, position) = index.quotientAndRemainder(dividingBy: phase.height * phase.width)
    let (y, x) = position.quotientAndRemainder(dividingBy: phase.width)
    return (image, y, x)
  }
}

extension Convolution {
  /// Some places of the kernel, each (filters, C).
  fileprivate func transposed(_ places: [Int]) -> [Float] {
    let size = inputChannels * filters
    return [Float](unsafeUninitializedCapacity: places.count * size) { target, initialized in
      kernel.withUnsafeBufferPointer { kernel in
        for (index, place) in places.enumerated() {
          transpose(
            kernel.baseAddress! + place * size, rows: inputChannels, columns: filters, rowStep: filters,
            to: target.baseAddress! + index * size)
        }
      }
      initialized = places.count * size
    }
  }
}
