import CProcessor

/// The gradient of a 3 x 3 kernel with Winograd's algorithm: fewer products, and a little less exact. Gradients are taken two by two, so
/// that it suits maps of even height and width.
///
/// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.1. With u = 2^-24, N the
/// number of windows of all images, s their 2 x 2 gradients and d the 4 x 4 inputs under these, each weight's gradient differs
/// from the exact one by at most
///
///     (N + 9) u Aᵀ [ sum over windows of (|G| |s| |Gᵀ|) ⊙ (|Bᵀ| |d| |B|) ] |A|, to first order:
///
/// each number of d and of s passes 2 roundings, each product 1 where it is not fused with its addition, their sum N, and the
/// four-fold sums behind it 4; what G and A halve stays exact.
struct WinogradKernelSums: KernelSums {
  private let sums: LaneBuffer
  private let memory: LaneBuffer
  private let geometry: convolution_geometry
  private let inputChannels: Int
  private let kernels: Kernels

  /// Whether a convolution's gradient can be taken this way, and whether that is worth the transforms' cost.
  static func suits(_ layer: Convolution, output: Shape) -> Bool {
    layer.suitsWinograd && output.dimensions[0] % 2 == 0 && output.dimensions[1] % 2 == 0
  }

  /// Zeros.
  init(_ geometry: convolution_geometry, inputChannels: Int, kernels: Kernels, store: LaneStore) {
    self.geometry = geometry
    self.inputChannels = inputChannels
    self.kernels = kernels
    sums = LaneBuffer(zeros: kernels.winogradGradientSums(geometry, inputChannels), from: store)
    memory = LaneBuffer(count: kernels.winogradGradientVectors(geometry, inputChannels) * kernels.lanes, from: store)
  }

  func groupsAtOnce(of groups: Int) -> Int { groups }

  func add(_ groups: Range<Int>, input: LaneTensor, gradient: UnsafePointer<Float>, step: Int) {
    kernels.addWinogradKernelGradient(
      geometry, inputChannels, groups.count, input.group(groups.lowerBound), input.shape.count, gradient,
      step / kernels.lanes, memory.pointer, sums.pointer)
  }

  /// Aᵀ m A of every input and output channel, where m are the 4 x 4 sums.
  var total: [Float] {
    let channels = geometry.channels
    let perInputTile = (channels + kernels.tile - 1) / kernels.tile * kernels.tile * 16
    let perNumber = (inputChannels + 3) / 4 * perInputTile
    var kernel = [Float](repeating: 0, count: 9 * inputChannels * channels)
    kernel.withUnsafeMutableBufferPointer { kernel in
      for input in 0..<inputChannels {
        for channel in 0..<channels {
          let m = sums.pointer + (input / 4 * perInputTile + (channel * 4 + input % 4) * 4)
          @inline(__always) func sum(_ number: Int) -> Float { fourSum(m + number * perNumber) }
          /// Aᵀ times a column; G's halves come with the middle numbers.
          @inline(__always) func column(_ a: Float, _ b: Float, _ c: Float, _ d: Float) -> (Float, Float, Float) {
            let (sum, difference) = ((b + c) / 2, (b - c) / 2)
            return (a + sum, difference, sum - d)
          }
          @inline(__always) func ofNumbers(_ x: Int) -> (Float, Float, Float) {
            column(sum(x), sum(4 + x), sum(8 + x), sum(12 + x))
          }
          let (a, b, c, d) = (ofNumbers(0), ofNumbers(1), ofNumbers(2), ofNumbers(3))
          let rows = (column(a.0, b.0, c.0, d.0), column(a.1, b.1, c.1, d.1), column(a.2, b.2, c.2, d.2))
          let place = input * channels + channel
          for (row, numbers) in [rows.0, rows.1, rows.2].enumerated() {
            let (first, step) = (3 * row * inputChannels * channels + place, inputChannels * channels)
            kernel[first] = numbers.0
            kernel[first + step] = numbers.1
            kernel[first + 2 * step] = numbers.2
          }
        }
      }
    }
    return kernel
  }
}
