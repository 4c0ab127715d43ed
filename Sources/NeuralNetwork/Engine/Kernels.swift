import CProcessor
import KernelsAVX2
import KernelsAVX512
import KernelsBaseline

/// The innermost loops of convolutions, compiled for one instruction set. Each works on a group of images, one in each
/// lane of a vector, so that an image's numbers do not depend on the others of its group.
package struct Kernels: Sendable {
  /// The instruction set, as a reader knows it.
  package let name: String
  /// Images in a group: floats in a vector.
  package let lanes: Int
  /// Weights are packed for this many output channels at a time.
  let tile: Int
  let convolve:
    @Sendable (
      _ geometry: convolution_geometry, _ input: UnsafePointer<Float>, _ weights: UnsafePointer<Float>,
      _ bias: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>?, _ pooled: UnsafeMutablePointer<Float>?
    ) -> Void
  /// Vectors of memory that `convolveWinograd` works in.
  let winogradVectors: @Sendable (_ geometry: convolution_geometry, _ inputChannels: Int) -> Int
  let convolveWinograd:
    @Sendable (
      _ geometry: convolution_geometry, _ inputChannels: Int, _ input: UnsafePointer<Float>,
      _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ memory: UnsafeMutablePointer<Float>,
      _ output: UnsafeMutablePointer<Float>?, _ pooled: UnsafeMutablePointer<Float>?
    ) -> Void
  /// Weights of `convolveImage` are packed for this many output channels at a time.
  let imageTile: Int
  let convolveImage:
    @Sendable (
      _ geometry: convolution_geometry, _ first: Int, _ end: Int, _ input: UnsafePointer<Float>,
      _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
      _ pools: Bool
    ) -> Void
  /// Floats of memory that `convolveWinogradImage` works in.
  let winogradImageFloats: @Sendable (_ inputChannels: Int) -> Int
  let convolveWinogradImage:
    @Sendable (
      _ geometry: convolution_geometry, _ inputChannels: Int, _ first: Int, _ end: Int, _ input: UnsafePointer<Float>,
      _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ memory: UnsafeMutablePointer<Float>,
      _ pooled: UnsafeMutablePointer<Float>
    ) -> Void
  let addKernelGradient:
    @Sendable (
      _ geometry: convolution_geometry, _ input: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>,
      _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  /// Vectors of memory that `addWinogradKernelGradient` works in, and the floats that it adds to.
  let winogradGradientVectors: @Sendable (_ geometry: convolution_geometry, _ inputChannels: Int) -> Int
  let winogradGradientSums: @Sendable (_ geometry: convolution_geometry, _ inputChannels: Int) -> Int
  let addWinogradKernelGradient:
    @Sendable (
      _ geometry: convolution_geometry, _ inputChannels: Int, _ groups: Int, _ input: UnsafePointer<Float>,
      _ inputStep: Int, _ gradient: UnsafePointer<Float>, _ gradientStep: Int, _ memory: UnsafeMutablePointer<Float>,
      _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  /// Floats of memory that `multiplyMatrices` works in.
  let matrixProductFloats: @Sendable (_ rows: Int, _ inner: Int, _ columns: Int) -> Int
  let multiplyMatrices:
    @Sendable (
      _ rows: Int, _ inner: Int, _ columns: Int, _ left: UnsafePointer<Float>, _ leftRow: Int, _ leftInner: Int,
      _ right: UnsafePointer<Float>, _ rightPitch: Int, _ result: UnsafeMutablePointer<Float>, _ resultPitch: Int,
      _ accumulates: Bool, _ memory: UnsafeMutablePointer<Float>
    ) -> Void
  /// Columns of a packed factor's panels.
  let columnsPerPanel: Int
  /// Floats of a right factor packed for many products.
  let packedFactorFloats: @Sendable (_ inner: Int, _ columns: Int) -> Int
  let packFactor:
    @Sendable (
      _ inner: Int, _ columns: Int, _ first: Int, _ end: Int, _ right: UnsafePointer<Float>,
      _ packed: UnsafeMutablePointer<Float>
    ) -> Void
  let multiplyPacked:
    @Sendable (
      _ rows: Int, _ inner: Int, _ columns: Int, _ left: UnsafePointer<Float>, _ leftRow: Int, _ leftInner: Int,
      _ packed: UnsafePointer<Float>, _ beginning: UnsafePointer<Float>?, _ beginningPitch: Int,
      _ result: UnsafeMutablePointer<Float>, _ resultPitch: Int, _ first: Int, _ end: Int
    ) -> Void
  /// Filters of a panel of kernels for few windows.
  let filtersPerPanel: Int
  let multiplyFewWindows:
    @Sendable (
      _ windows: Int, _ channels: Int, _ filters: Int, _ factors: UnsafePointer<Float>,
      _ kernels: UnsafePointer<Float>, _ first: Int, _ end: Int, _ products: UnsafeMutablePointer<Float>
    ) -> Void
  /// 3 x 3 convolutions in windows of 2 x 2 outputs, and of 4 x 4.
  let windows: WindowKernels, largeWindows: WindowKernels
  /// For the gradient of a 3 x 3 kernel, of windows of 4 x 4 outputs: the transform of slopes, and what sums make of the kernel.
  let transformLargeSlopes:
    @Sendable (
      _ corner: UnsafePointer<Float>, _ rowPitch: Int, _ channels: Int, _ height: Int, _ width: Int,
      _ result: UnsafeMutablePointer<Float>, _ resultStep: Int, _ block: Int, _ blockStep: Int
    ) -> Void
  let finishLargeKernels:
    @Sendable (
      _ count: Int, _ sums: UnsafePointer<Float>, _ step: Int, _ result: UnsafeMutablePointer<Float>,
      _ resultStep: Int
    ) -> Void
  let finishRows:
    @Sendable (
      _ count: Int, _ values: UnsafeMutablePointer<Float>, _ added: UnsafePointer<Float>?, _ rectified: Bool,
      _ ceiling: Float
    ) -> Void
  let convolveDepthwise:
    @Sendable (
      _ geometry: depthwise_geometry, _ first: Int, _ end: Int, _ input: UnsafePointer<Float>,
      _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
      _ rectified: Bool, _ ceiling: Float
    ) -> Void
  let addRows:
    @Sendable (
      _ rows: Int, _ channels: Int, _ values: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  let addSquares:
    @Sendable (
      _ rows: Int, _ channels: Int, _ values: UnsafePointer<Float>, _ centres: UnsafePointer<Float>,
      _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  let addSlopes:
    @Sendable (
      _ rows: Int, _ channels: Int, _ slopes: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
      _ factors: UnsafePointer<Float>?, _ offsets: UnsafePointer<Float>, _ centres: UnsafePointer<Float>,
      _ sums: UnsafeMutablePointer<Float>, _ products: UnsafeMutablePointer<Float>
    ) -> Void
  let scaleRows:
    @Sendable (
      _ rows: Int, _ channels: Int, _ values: UnsafePointer<Float>, _ factors: UnsafePointer<Float>,
      _ offsets: UnsafePointer<Float>, _ added: UnsafePointer<Float>?, _ rectified: Bool,
      _ result: UnsafeMutablePointer<Float>
    ) -> Void
  let combineRows:
    @Sendable (
      _ rows: Int, _ channels: Int, _ slopes: UnsafePointer<Float>, _ values: UnsafePointer<Float>,
      _ factors: UnsafePointer<Float>?, _ offsets: UnsafePointer<Float>, _ scales: UnsafePointer<Float>,
      _ others: UnsafePointer<Float>, _ shifts: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>
    ) -> Void
  let addBiasGradient:
    @Sendable (
      _ geometry: convolution_geometry, _ gradient: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Float>
    ) -> Void
  let maskGradient:
    @Sendable (
      _ geometry: convolution_geometry, _ output: UnsafePointer<Float>, _ upstream: UnsafePointer<Float>,
      _ gradient: UnsafeMutablePointer<Float>
    ) -> Void
  let unpoolGradient:
    @Sendable (
      _ geometry: convolution_geometry, _ output: UnsafePointer<Float>, _ pooled: UnsafePointer<Float>,
      _ upstream: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>
    ) -> Void
  /// Outputs of a sparse product that are computed at once.
  let outputsPerTile: Int
  /// Inputs whose weights these are computed with before those of the next ones.
  let inputsPerPart: Int
  let multiplySparse:
    @Sendable (
      _ rows: sparse_rows, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
      _ output: UnsafeMutablePointer<Float>, _ pitch: Int
    ) -> Void
  let largestSparse:
    @Sendable (
      _ rows: sparse_rows, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ first: Int32,
      _ best: UnsafeMutablePointer<Float>, _ classes: UnsafeMutablePointer<Int32>
    ) -> Void
  let addChannel:
    @Sendable (
      _ values: UnsafePointer<Float>, _ positions: Int, _ channels: Int, _ tapStarts: UnsafePointer<Int>,
      _ taps: UnsafePointer<sweep_tap>, _ weights: UnsafePointer<Float>, _ width: Int,
      _ sums: UnsafeMutablePointer<Float>
    ) -> Bool

  /// What takes one image at a time: with sixteen channels a vector most layers would leave vectors half empty.
  var forOneImage: Kernels { self.name == Self.avx512.name ? Self.avx2 : self }

  static let avx512 = Kernels(
    name: "AVX-512", lanes: KernelsAVX512.laneCount, tile: KernelsAVX512.channelsPerTile,
    convolve: KernelsAVX512.convolve, winogradVectors: KernelsAVX512.winogradVectors,
    convolveWinograd: KernelsAVX512.convolveWinograd,
    imageTile: KernelsAVX512.imageChannelsPerTile, convolveImage: KernelsAVX512.convolveImage,
    winogradImageFloats: KernelsAVX512.winogradImageFloats, convolveWinogradImage: KernelsAVX512.convolveWinogradImage,
    addKernelGradient: KernelsAVX512.addKernelGradient,
    winogradGradientVectors: KernelsAVX512.winogradGradientVectors,
    winogradGradientSums: KernelsAVX512.winogradGradientSums,
    addWinogradKernelGradient: KernelsAVX512.addWinogradKernelGradient,
    matrixProductFloats: KernelsAVX512.matrixProductFloats, multiplyMatrices: KernelsAVX512.multiplyMatrices,
    columnsPerPanel: KernelsAVX512.columnsPerTile, packedFactorFloats: KernelsAVX512.packedFactorFloats,
    packFactor: KernelsAVX512.packFactor,
    multiplyPacked: KernelsAVX512.multiplyPacked,
    filtersPerPanel: KernelsAVX512.filtersPerPanel, multiplyFewWindows: KernelsAVX512.multiplyFewWindows,
    windows: WindowKernels(
      outputs: 2, transform: KernelsAVX512.transformWindow, finish: KernelsAVX512.finishWindow,
      transformKernels: KernelsAVX512.transformKernels),
    largeWindows: WindowKernels(
      outputs: 4, transform: KernelsAVX512.transformLargeWindow, finish: KernelsAVX512.finishLargeWindow,
      transformKernels: KernelsAVX512.transformLargeKernels),
    transformLargeSlopes: KernelsAVX512.transformLargeSlopes, finishLargeKernels: KernelsAVX512.finishLargeKernels,
    finishRows: KernelsAVX512.finishRows,
    convolveDepthwise: KernelsAVX512.convolveDepthwise,
    addRows: KernelsAVX512.addRows,
    addSquares: KernelsAVX512.addSquares,
    addSlopes: KernelsAVX512.addSlopes, scaleRows: KernelsAVX512.scaleRows, combineRows: KernelsAVX512.combineRows,
    addBiasGradient: KernelsAVX512.addBiasGradient, maskGradient: KernelsAVX512.maskGradient,
    unpoolGradient: KernelsAVX512.unpoolGradient, outputsPerTile: KernelsAVX512.outputsPerTile,
    inputsPerPart: KernelsAVX512.inputsPerPart,
    multiplySparse: KernelsAVX512.multiplySparse, largestSparse: KernelsAVX512.largestSparse,
    addChannel: KernelsAVX512.addChannel)
  static let avx2 = Kernels(
    name: "AVX2", lanes: KernelsAVX2.laneCount, tile: KernelsAVX2.channelsPerTile,
    convolve: KernelsAVX2.convolve, winogradVectors: KernelsAVX2.winogradVectors,
    convolveWinograd: KernelsAVX2.convolveWinograd,
    imageTile: KernelsAVX2.imageChannelsPerTile, convolveImage: KernelsAVX2.convolveImage,
    winogradImageFloats: KernelsAVX2.winogradImageFloats, convolveWinogradImage: KernelsAVX2.convolveWinogradImage,
    addKernelGradient: KernelsAVX2.addKernelGradient,
    winogradGradientVectors: KernelsAVX2.winogradGradientVectors,
    winogradGradientSums: KernelsAVX2.winogradGradientSums,
    addWinogradKernelGradient: KernelsAVX2.addWinogradKernelGradient,
    matrixProductFloats: KernelsAVX2.matrixProductFloats, multiplyMatrices: KernelsAVX2.multiplyMatrices,
    columnsPerPanel: KernelsAVX2.columnsPerTile, packedFactorFloats: KernelsAVX2.packedFactorFloats,
    packFactor: KernelsAVX2.packFactor,
    multiplyPacked: KernelsAVX2.multiplyPacked,
    filtersPerPanel: KernelsAVX2.filtersPerPanel, multiplyFewWindows: KernelsAVX2.multiplyFewWindows,
    windows: WindowKernels(
      outputs: 2, transform: KernelsAVX2.transformWindow, finish: KernelsAVX2.finishWindow,
      transformKernels: KernelsAVX2.transformKernels),
    largeWindows: WindowKernels(
      outputs: 4, transform: KernelsAVX2.transformLargeWindow, finish: KernelsAVX2.finishLargeWindow,
      transformKernels: KernelsAVX2.transformLargeKernels),
    transformLargeSlopes: KernelsAVX2.transformLargeSlopes, finishLargeKernels: KernelsAVX2.finishLargeKernels,
    finishRows: KernelsAVX2.finishRows,
    convolveDepthwise: KernelsAVX2.convolveDepthwise,
    addRows: KernelsAVX2.addRows, addSquares: KernelsAVX2.addSquares,
    addSlopes: KernelsAVX2.addSlopes, scaleRows: KernelsAVX2.scaleRows, combineRows: KernelsAVX2.combineRows,
    addBiasGradient: KernelsAVX2.addBiasGradient, maskGradient: KernelsAVX2.maskGradient,
    unpoolGradient: KernelsAVX2.unpoolGradient, outputsPerTile: KernelsAVX2.outputsPerTile,
    inputsPerPart: KernelsAVX2.inputsPerPart,
    multiplySparse: KernelsAVX2.multiplySparse, largestSparse: KernelsAVX2.largestSparse,
    addChannel: KernelsAVX2.addChannel)
  static let baseline = Kernels(
    name: "baseline", lanes: KernelsBaseline.laneCount, tile: KernelsBaseline.channelsPerTile,
    convolve: KernelsBaseline.convolve, winogradVectors: KernelsBaseline.winogradVectors,
    convolveWinograd: KernelsBaseline.convolveWinograd,
    imageTile: KernelsBaseline.imageChannelsPerTile, convolveImage: KernelsBaseline.convolveImage,
    winogradImageFloats: KernelsBaseline.winogradImageFloats,
    convolveWinogradImage: KernelsBaseline.convolveWinogradImage,
    addKernelGradient: KernelsBaseline.addKernelGradient,
    winogradGradientVectors: KernelsBaseline.winogradGradientVectors,
    winogradGradientSums: KernelsBaseline.winogradGradientSums,
    addWinogradKernelGradient: KernelsBaseline.addWinogradKernelGradient,
    matrixProductFloats: KernelsBaseline.matrixProductFloats, multiplyMatrices: KernelsBaseline.multiplyMatrices,
    columnsPerPanel: KernelsBaseline.columnsPerTile, packedFactorFloats: KernelsBaseline.packedFactorFloats,
    packFactor: KernelsBaseline.packFactor,
    multiplyPacked: KernelsBaseline.multiplyPacked,
    filtersPerPanel: KernelsBaseline.filtersPerPanel, multiplyFewWindows: KernelsBaseline.multiplyFewWindows,
    windows: WindowKernels(
      outputs: 2, transform: KernelsBaseline.transformWindow, finish: KernelsBaseline.finishWindow,
      transformKernels: KernelsBaseline.transformKernels),
    largeWindows: WindowKernels(
      outputs: 4, transform: KernelsBaseline.transformLargeWindow, finish: KernelsBaseline.finishLargeWindow,
      transformKernels: KernelsBaseline.transformLargeKernels),
    transformLargeSlopes: KernelsBaseline.transformLargeSlopes, finishLargeKernels: KernelsBaseline.finishLargeKernels,
    finishRows: KernelsBaseline.finishRows,
    convolveDepthwise: KernelsBaseline.convolveDepthwise,
    addRows: KernelsBaseline.addRows,
    addSquares: KernelsBaseline.addSquares,
    addSlopes: KernelsBaseline.addSlopes, scaleRows: KernelsBaseline.scaleRows,
    combineRows: KernelsBaseline.combineRows,
    addBiasGradient: KernelsBaseline.addBiasGradient, maskGradient: KernelsBaseline.maskGradient,
    unpoolGradient: KernelsBaseline.unpoolGradient, outputsPerTile: KernelsBaseline.outputsPerTile,
    inputsPerPart: KernelsBaseline.inputsPerPart,
    multiplySparse: KernelsBaseline.multiplySparse, largestSparse: KernelsBaseline.largestSparse,
    addChannel: KernelsBaseline.addChannel)
}
