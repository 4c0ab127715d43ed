import CProcessor

/// A convolution of 3 x 3, with Winograd's algorithm: fewer products, and a little less exact. Outputs come four at a time, so that it
/// suits a 2 x 2 maximum pool behind it, and maps of even height and width.
///
/// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.1. With u = 2^-24, C input
/// channels, and G, B, A of that paper, each output y differs from the exact one by at most
///
///     (C + 9) u Aᵀ [ sum over channels of (|G| |g| |Gᵀ|) ⊙ (|Bᵀ| |d| |B|) ] |A|  +  (C + 9) u |bias|, to first order:
///
/// the weights are transformed in double precision and rounded once, each number of d passes 2 roundings, each product C, the
/// four-fold sums behind it 4, and the bias one. For |g| and |d| of one size that is at most 64 / 9 of the plain sum's own
/// bound.
struct WinogradConvolution: Sendable {
  private let geometry: convolution_geometry
  /// (H, W, C), before pooling.
  private let output: Shape
  private let inputChannels: Int
  /// (16, tiles, inputChannels, tile)
  private let weights: [Float]
  private let bias: [Float]
  private let kernels: Kernels

  /// nil where `Convolution.winogradWeights` is.
  init?(_ layer: Convolution, plain: LaneConvolution, kernels: Kernels) {
    guard let weights = layer.winogradWeights(tile: kernels.tile) else { return nil }
    (geometry, output) = (plain.geometry, plain.output)
    inputChannels = layer.inputChannels
    self.kernels = kernels
    self.weights = weights
    bias = layer.bias(tile: kernels.tile)
  }

  /// What a forward pass gives: the convolution's own output where it is requested, and the pool's.
  func forward(_ input: LaneTensor, keepsOutput: Bool, pooled: Shape, store: LaneStore) -> (
    output: LaneTensor?, pooled: LaneTensor
  ) {
    let result =
      keepsOutput ? LaneTensor(count: input.count, shape: output, lanes: kernels.lanes, store: store) : nil
    let pool = LaneTensor(count: input.count, shape: pooled, lanes: kernels.lanes, store: store)
    let memory = memory(from: store)
    for group in 0..<input.groups {
      convolve(input.group(group), memory: memory, output: result?.group(group), pooled: pool.group(group))
    }
    return (result, pool)
  }

  /// What `convolve` works in.
  func memory(from store: LaneStore) -> LaneBuffer {
    LaneBuffer(count: kernels.winogradVectors(geometry, inputChannels) * kernels.lanes, from: store)
  }

  /// One group of images.
  func convolve(
    _ input: UnsafePointer<Float>, memory: LaneBuffer, output: UnsafeMutablePointer<Float>?,
    pooled: UnsafeMutablePointer<Float>?
  ) {
    kernels.convolveWinograd(geometry, inputChannels, input, weights, bias, memory.pointer, output, pooled)
  }
}

extension Convolution {
  /// Input and output channels from which the transforms are worth their cost; a vector has no more numbers where they count.
  private static let fewestChannels = 8

  /// Whether it is of the form that Winograd's algorithm is for, with enough channels for the transforms to save more than they cost.
  var suitsWinograd: Bool {
    window.height == 3 && window.width == 3 && window.strideY == 1 && window.strideX == 1
      && inputChannels >= Self.fewestChannels && filters >= Self.fewestChannels
  }

  /// G g Gᵀ of every kernel, as (16, filters / tile rounded up, inputChannels, tile); nil where it does not suit.
  func winogradWeights(tile: Int) -> [Float]? {
    guard suitsWinograd else { return nil }
    let tiles = (filters + tile - 1) / tile
    var weights = [Float](repeating: 0, count: 16 * tiles * inputChannels * tile)
    weights.withUnsafeMutableBufferPointer { weights in
      kernel.withUnsafeBufferPointer { kernel in
        for channel in 0..<inputChannels {
          for filter in 0..<filters {
            var place = (filter / tile * inputChannels + channel) * tile + filter % tile
            let step = inputChannels * filters
            Self.forEachTransformed({ Double(kernel[channel * filters + filter + $0 * step]) }) { number in
              weights[place] = Float(number)
              place += tiles * inputChannels * tile
            }
          }
        }
      }
    }
    return weights
  }

  /// Calls `body` with G g Gᵀ, (4, 4), of a kernel g, (3, 3), row by row. A network's training transforms its kernels at every
  /// step, so no array is made.
  @inline(__always)
  private static func forEachTransformed(_ g: (Int) -> Double, _ body: (Double) -> Void) {
    func column(_ a: Double, _ b: Double, _ c: Double) -> (Double, Double, Double, Double) {
      (a, (a + b + c) / 2, (a - b + c) / 2, c)
    }
    let (a, b, c) = (column(g(0), g(3), g(6)), column(g(1), g(4), g(7)), column(g(2), g(5), g(8)))
    for row in [(a.0, b.0, c.0), (a.1, b.1, c.1), (a.2, b.2, c.2), (a.3, b.3, c.3)] {
      let numbers = column(row.0, row.1, row.2)
      body(numbers.0)
      body(numbers.1)
      body(numbers.2)
      body(numbers.3)
    }
  }
}
