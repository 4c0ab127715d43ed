import CProcessor

/// The gradient of a convolution's kernel in the making, over the images of a block.
protocol KernelSums {
  /// How many groups of images `add` takes at once.
  /// - Parameter groups: of the block.
  func groupsAtOnce(of groups: Int) -> Int

  /// Adds groups of images; to be called in their order.
  /// - Parameters:
  ///   - groups: which, `groupsAtOnce` of them or fewer.
  ///   - input: of the convolution.
  ///   - gradient: of each of these groups, with respect to the sums before the activation, laid out as the geometry's output.
  ///   - step: floats from one group's gradient to the next.
  func add(_ groups: Range<Int>, input: LaneTensor, gradient: UnsafePointer<Float>, step: Int)

  /// In the kernel's own order.
  var total: [Float] { get }
}

/// One sum for each weight and image, by a convolution's own formula.
struct PlainKernelSums: KernelSums {
  /// (tiles, kernel_rows, quarters of the run, 4, tile)
  private let sums: ImageSums
  private let geometry: convolution_geometry
  private let kernels: Kernels
  private let quarters: Int

  /// Zeros.
  init(_ geometry: convolution_geometry, kernels: Kernels, store: LaneStore) {
    self.geometry = geometry
    self.kernels = kernels
    quarters = (geometry.run + 3) / 4
    let tiles = (geometry.channels + kernels.tile - 1) / kernels.tile
    sums = ImageSums(tiles * geometry.kernel_rows * quarters * 4 * kernels.tile, lanes: kernels.lanes, store: store)
  }

  func groupsAtOnce(of groups: Int) -> Int { 1 }

  func add(_ groups: Range<Int>, input: LaneTensor, gradient: UnsafePointer<Float>, step: Int) {
    for group in groups {
      sums.addGroup {
        kernels.addKernelGradient(
          geometry, input.group(group), gradient + (group - groups.lowerBound) * step, $0)
      }
    }
  }

  var total: [Float] {
    let (rows, run, channels, tile) = (geometry.kernel_rows, geometry.run, geometry.channels, kernels.tile)
    var kernel = [Float](repeating: 0, count: rows * run * channels)
    kernel.withUnsafeMutableBufferPointer { kernel in
      for row in 0..<rows {
        for index in 0..<run {
          for first in stride(from: 0, to: channels, by: tile) {
            let place = (first * rows + row * tile) * quarters * 4 + index * tile
            for channel in first..<min(first + tile, channels) {
              kernel[(row * run + index) * channels + channel] = sums[place + channel - first]
            }
          }
        }
      }
    }
    return kernel
  }
}

/// Sums over the images of a block, in an order that knows nothing of lanes: each image has a sum of its own; every fourth
/// image's are added up in the order of images, and then the four.
struct ImageSums {
  /// (count, lanes): of the group at hand.
  private let group: LaneBuffer
  /// (count, 4): of the groups before it.
  private let fours: LaneBuffer
  private let count: Int, lanes: Int

  /// Zeros.
  init(_ count: Int, lanes: Int, store: LaneStore) {
    group = LaneBuffer(count: count * lanes, from: store)
    fours = LaneBuffer(zeros: count * 4, from: store)
    (self.count, self.lanes) = (count, lanes)
  }

  /// Adds the images of one group.
  /// - Parameter body: adds each image's part to a vector of zeros for each sum.
  func addGroup(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    group.pointer.update(repeating: 0, count: count * lanes)
    body(group.pointer)
    let vectors = UnsafeBufferPointer(start: group.pointer, count: count * lanes)
    let sums = UnsafeMutableBufferPointer(start: fours.pointer, count: count * 4)
    for index in 0..<count {
      var four = sums.four(at: 4 &* index)
      var lane = index &* lanes
      for _ in 0..<lanes / 4 {
        four += vectors.four(at: lane)
        lane &+= 4
      }
      sums.store(four, at: 4 &* index)
    }
  }

  /// One of the sums.
  subscript(index: Int) -> Float { fourSum(fours.pointer + 4 * index) }
}

/// (a + b) + (c + d)
@inline(__always)
func fourSum(_ four: UnsafePointer<Float>) -> Float { (four[0] + four[1]) + (four[2] + four[3]) }
