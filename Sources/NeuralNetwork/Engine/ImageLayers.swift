import CProcessor
import Threads

/// The layers of a network for a few images, one after the other: lanes hold output channels, rows of a map are divided among
/// threads, and dense layers leave out what is 0, because reading their weights takes longer than multiplying them.
struct ImageLayers: Sendable {
  /// By node.
  let convolutions: [Int: ImageConvolution]
  let dense: [Int: SparseDense]

  init(_ network: Network, kernels: Kernels) {
    var convolutions: [Int: ImageConvolution] = [:]
    var dense: [Int: SparseDense] = [:]
    for (index, node) in network.nodes.enumerated() {
      switch node.layer {
      case .convolution(let layer) where !layer.isWide:
        convolutions[index] = ImageConvolution(
          layer, input: network.shapes[node.inputs[0]], output: network.shapes[index], kernels: kernels)
      case .dense(let layer): dense[index] = SparseDense(layer, kernels: kernels)
      default: break
      }
    }
    self.convolutions = convolutions
    self.dense = dense
  }
}

/// A convolution for one image at a time.
struct ImageConvolution: Sendable {
  private let geometry: convolution_geometry
  /// (tiles, kernel_rows, run, imageTile)
  private let weights: [Float]
  /// As `convolveWinogradImage` wants them; nil where it cannot compute the layer.
  private let winogradWeights: [Float]?
  private let bias: [Float]
  private let inputChannels: Int
  private let kernels: Kernels

  /// From this many multiplications on, some 10 µs, another thread is worth what it takes to share them: it is awake.
  private static let multiplicationsPerThread = 300_000

  /// nil for a convolution that the kernels have no way to compute, as for `LaneConvolution`.
  init?(_ layer: Convolution, input: Shape, output: Shape, kernels: Kernels) {
    guard layer.canRunInKernels else { return nil }
    geometry = convolution_geometry(layer, inputWidth: input.dimensions[1], output: output)
    self.kernels = kernels
    (weights, bias) = layer.packed(tile: kernels.imageTile)
    winogradWeights = layer.winogradWeights(tile: kernels.imageTile)
    inputChannels = layer.inputChannels
  }

  /// The convolution's output, or that of the 2 x 2 maximum pool behind it.
  /// - Parameter shape: of one image's result.
  func forward(_ input: Tensor, pools: Bool, shape: Shape, threads: Int) -> Tensor {
    let rows = shape.dimensions[0]
    let work = geometry.height * geometry.width * geometry.channels * geometry.kernel_rows * geometry.run
    let parts = max(1, min(threads, rows, work / Self.multiplicationsPerThread))
    let (count, size) = (input.count * shape.count, input.shape.count)
    let values = [Float](unsafeUninitializedCapacity: count) { values, initialized in
      let output = Shared(pointer: values.baseAddress!)
      for image in 0..<input.count {
        _ = parallelMap(parts, threads: parts) { part in
          input.values.withUnsafeBufferPointer { input in
            convolve(
              rows * part / parts..<rows * (part + 1) / parts, input.baseAddress! + image * size,
              output.pointer + image * shape.count, pools: pools)
          }
        }
      }
      initialized = count
    }
    return Tensor(count: input.count, shape: shape, values: values)
  }

  /// Some rows of one image's result.
  private func convolve(
    _ rows: Range<Int>, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, pools: Bool
  ) {
    guard pools, let winogradWeights else {
      return kernels.convolveImage(
        geometry, rows.lowerBound, rows.upperBound, input, weights, bias, output, pools)
    }
    var memory = [Float](repeating: 0, count: kernels.winogradImageFloats(inputChannels))
    kernels.convolveWinogradImage(
      geometry, inputChannels, rows.lowerBound, rows.upperBound, input, winogradWeights, bias, &memory, output)
  }

  /// Memory that threads write disjoint rows of.
  private struct Shared: @unchecked Sendable { let pointer: UnsafeMutablePointer<Float> }
}

/// A value that is computed on first use.
final class Lazily<Value: Sendable>: Sendable {
  private let value = Locked<Value?>(nil)
  private let make: @Sendable () -> Value

  init(_ make: @escaping @Sendable () -> Value) { self.make = make }

  func callAsFunction() -> Value {
    value.withLock { value in
      if let value { return value }
      let made = make()
      value = made
      return made
    }
  }
}
