import CProcessor

/// A convolution of 3 x 3 with the 2 x 2 maximum pool behind it, by Winograd's way: fewer products, and a little less exact.
///
/// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.1. With u = 2^-24, C input
/// channels, and G, B, A of that paper, each output y differs from the exact one by at most
///
///     (C + 9) u Aᵀ [ sum over channels of (|G| |g| |Gᵀ|) ⊙ (|Bᵀ| |d| |B|) ] |A|  +  (C + 9) u |bias|, to first order:
///
/// the weights are transformed in double precision and rounded once, each number of d passes 2 roundings, each product C, the
/// four-fold sums behind it 4, and the bias one. For |g| and |d| of one size that is at most 64 / 9 of the plain sum's own
/// bound. Training keeps to the plain sum.
struct WinogradConvolution: Sendable {
  private let geometry: convolution_geometry
  private let inputChannels: Int
  /// (16, tiles, inputChannels, tile)
  private let weights: [Float]
  private let bias: [Float]
  private let kernels: Kernels

  /// nil where `Convolution.winogradWeights` is.
  init?(_ layer: Convolution, plain: LaneConvolution, kernels: Kernels) {
    guard let weights = layer.winogradWeights(tile: kernels.tile) else { return nil }
    geometry = plain.geometry
    inputChannels = layer.inputChannels
    self.kernels = kernels
    self.weights = weights
    bias = layer.bias(tile: kernels.tile)
  }

  /// The pool's output.
  func forward(_ input: LaneTensor, pooled: Shape, store: LaneStore) -> LaneTensor {
    let result = LaneTensor(count: input.count, shape: pooled, lanes: kernels.lanes, store: store)
    let memory = LaneBuffer(count: kernels.winogradVectors(geometry, inputChannels) * kernels.lanes, from: store)
    for group in 0..<input.groups {
      kernels.convolveWinograd(
        geometry, inputChannels, input.group(group), weights, bias, memory.pointer, result.group(group))
    }
    return result
  }
}

extension Convolution {
  /// Input and output channels from which the transforms are worth their cost; a vector has no more numbers where they count.
  private static let fewestChannels = 8

  /// G g Gᵀ of every kernel, as (16, filters / tile rounded up, inputChannels, tile); nil for a convolution of another form, or
  /// with so few channels that the transforms cost more than they save.
  func winogradWeights(tile: Int) -> [Float]? {
    guard [window.height, window.width] == [3, 3], [window.strideY, window.strideX] == [1, 1],
      inputChannels >= Self.fewestChannels, filters >= Self.fewestChannels
    else { return nil }
    let tiles = (filters + tile - 1) / tile
    var weights = [Float](repeating: 0, count: 16 * tiles * inputChannels * tile)
    for filter in 0..<filters {
      for channel in 0..<inputChannels {
        let kernel = (0..<9).map { Double(self.kernel[($0 * inputChannels + channel) * filters + filter]) }
        for (number, value) in Self.transformed(kernel).enumerated() {
          weights[((number * tiles + filter / tile) * inputChannels + channel) * tile + filter % tile] = Float(value)
        }
      }
    }
    return weights
  }

  /// G g Gᵀ, (4, 4), of a kernel g, (3, 3).
  private static func transformed(_ kernel: [Double]) -> [Double] {
    func column(_ g: [Double]) -> [Double] {
      [g[0], (g[0] + g[1] + g[2]) / 2, (g[0] - g[1] + g[2]) / 2, g[2]]
    }
    let columns = (0..<3).map { x in column([kernel[x], kernel[3 + x], kernel[6 + x]]) }
    return (0..<4).flatMap { y in column([columns[0][y], columns[1][y], columns[2][y]]) }
  }
}
