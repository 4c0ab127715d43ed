import CProcessor

/// The gradient of a convolution's kernel in the making, over the images of a block.
protocol KernelSums {
  /// Adds a group of images.
  /// - Parameters:
  ///   - input: of the convolution.
  ///   - gradient: with respect to the sums before the activation, laid out as the geometry's output.
  func add(input: UnsafePointer<Float>, gradient: UnsafePointer<Float>)

  /// In the kernel's own order.
  var total: [Float] { get }
}

/// One sum for each weight and lane, by a convolution's own formula.
struct PlainKernelSums: KernelSums {
  /// (tiles, kernel_rows, quarters of the run, 4, tile) vectors.
  private let sums: LaneBuffer
  private let geometry: convolution_geometry
  private let kernels: Kernels
  private let quarters: Int

  /// Zeros.
  init(_ geometry: convolution_geometry, kernels: Kernels, store: LaneStore) {
    self.geometry = geometry
    self.kernels = kernels
    quarters = (geometry.run + 3) / 4
    let tiles = (geometry.channels + kernels.tile - 1) / kernels.tile
    sums = LaneBuffer(zeros: tiles * geometry.kernel_rows * quarters * 4 * kernels.tile * kernels.lanes, from: store)
  }

  func add(input: UnsafePointer<Float>, gradient: UnsafePointer<Float>) {
    kernels.addKernelGradient(geometry, input, gradient, sums.pointer)
  }

  var total: [Float] {
    let (rows, run, channels, tile) = (geometry.kernel_rows, geometry.run, geometry.channels, kernels.tile)
    var kernel = [Float](repeating: 0, count: rows * run * channels)
    kernel.withUnsafeMutableBufferPointer { kernel in
      for row in 0..<rows {
        for index in 0..<run {
          for first in stride(from: 0, to: channels, by: tile) {
            let vectors = sums.pointer + ((first * rows + row * tile) * quarters * 4 + index * tile) * kernels.lanes
            for channel in first..<min(first + tile, channels) {
              kernel[(row * run + index) * channels + channel] = laneSum(
                vectors + (channel - first) * kernels.lanes, lanes: kernels.lanes)
            }
          }
        }
      }
    }
    return kernel
  }
}

/// Four running sums, then their sum: the same order on every processor of one width.
@inline(__always)
func laneSum(_ vector: UnsafePointer<Float>, lanes: Int) -> Float {
  let vector = UnsafeBufferPointer(start: vector, count: lanes)
  var sum = vector.four(at: 0)
  var index = 4
  while index < lanes {
    sum += vector.four(at: index)
    index &+= 4
  }
  return (sum.x + sum.y) + (sum.z + sum.w)
}
