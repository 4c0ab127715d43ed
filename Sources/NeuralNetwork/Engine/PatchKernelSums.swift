/// The gradient of a kernel in products of patches: dK = Pᵀ dY.
struct PatchKernelSums {
  private let window: Window
  private let placement: Window.Placement
  private let input: Shape, output: Shape
  private let kernels: Kernels

  /// Patches of one product, which share the packed slopes.
  private static let patchesAtOnce = 512
  /// Numbers of a patch that lie together, as the rows of a product.
  private static let rowsAtOnce = 96

  /// - Parameter input, output: of the layer.
  init(_ window: Window, _ placement: Window.Placement, input: Shape, output: Shape, kernels: Kernels) {
    (self.window, self.placement, self.kernels) = (window, placement, kernels)
    (self.input, self.output) = (input, output)
  }

  private var channels: Int { input.channels }
  private var filters: Int { output.channels }
  private var positions: Int { placement.height * placement.width }

  /// Of some images.
  ///
  /// - Parameters:
  ///   - source: (images, H, W, C)
  ///   - slopes: with respect to the sums before the activation, (images, H, W, filters).
  /// - Returns: (height, width, C, filters)
  func kernel(_ images: Int, _ source: UnsafePointer<Float>, _ slopes: UnsafePointer<Float>) -> [Float] {
    let (all, numbers) = (images * positions, window.height * window.width * channels)
    guard all > 0 else { return [Float](repeating: 0, count: numbers * filters) }
    // A whole window where it is small, or a row of one, or the channels of one place.
    let height = window.height * window.width * channels <= Self.rowsAtOnce ? window.height : 1
    let width = window.width * channels <= Self.rowsAtOnce ? window.width : 1
    let size = height * width * channels
    let block = min(size, Self.rowsAtOnce)
    let most = min(all, Self.patchesAtOnce)
    return [Float](unsafeUninitializedCapacity: numbers * filters) { sums, initialized in
      withAlignedFloats(kernels.packedFactorFloats(most, filters) + (size + block - 1) / block * block * most) {
        packed in
        let patches = packed + kernels.packedFactorFloats(most, filters)
        for start in stride(from: 0, to: all, by: most) {
          let count = min(most, all - start)
          kernels.packFactor(count, filters, 0, count, slopes + start * filters, packed)
          for y in stride(from: 0, to: window.height, by: height) {
            for x in stride(from: 0, to: window.width, by: width) {
              gather(start..<start + count, y, x, height, width, source, block: block, to: patches)
              for first in stride(from: 0, to: size, by: block) {
                let result = sums.baseAddress! + ((y * window.width + x) * channels + first) * filters
                kernels.multiplyPacked(
                  min(block, size - first), count, filters, patches + first * count, 1, block, packed,
                  start > 0 ? UnsafePointer(result) : nil, filters, result, filters, 0, filters)
              }
            }
          }
        }
      }
      initialized = numbers * filters
    }
  }

  /// A part of some patches' windows, (blocks, patches, block); 0 beyond the edge.
  private func gather(
    _ range: Range<Int>, _ dy: Int, _ dx: Int, _ height: Int, _ width: Int, _ source: UnsafePointer<Float>, block: Int,
    to patches: UnsafeMutablePointer<Float>
  ) {
    let (rows, columns) = (input.dimensions[0], input.dimensions[1])
    var (image, position) = range.lowerBound.quotientAndRemainder(dividingBy: positions)
    for patch in 0..<range.count {
      let top = position / placement.width * window.strideY - placement.top + dy
      let left = position % placement.width * window.strideX - placement.left + dx
      let target = patches + patch * block
      if height * width > 1 {
        input.copy(top: top, left: left, height: height, width: width, of: source + image * input.count, to: target)
      } else {
        let isInside = (0..<rows).contains(top) && (0..<columns).contains(left)
        let place = source + image * input.count + (isInside ? (top * columns + left) * channels : 0)
        for first in stride(from: 0, to: channels, by: block) {
          let (part, count) = (target + first * range.count, min(block, channels - first))
          if isInside {
            part.update(from: place + first, count: count)
          } else {
            part.update(repeating: 0, count: count)
          }
        }
      }
      position += 1
      if position == positions { (image, position) = (image + 1, 0) }
    }
  }
}
