import CProcessor

/// The backward pass of a convolution of stride 1, in lanes.
///
/// Where the input's gradient is wanted, the gradient before the activation is written with a margin of zeros as wide as the
/// kernel less 1, so that the input's is another convolution: of that with the kernel turned by 180 degrees, from output channels
/// to input channels.
struct LaneConvolutionGradient: Sendable {
  private let kernels: Kernels
  /// Vectors of the gradient before the activation, margins included.
  private let paddedCount: Int
  /// From the padded gradient to the input's; nil where nothing asks for that.
  private let backward: LaneConvolution?
  /// The quicker way there, where the input's height and width are even.
  private let winograd: WinogradConvolution?
  /// The forward geometry, its output laid out as the padded gradient is.
  private let geometry: convolution_geometry
  /// Floats before the first number within the margins.
  private let inset: Int
  private let hasBias: Bool
  private let inputChannels: Int
  private let sumsByWinograd: Bool
  /// Floats of the padded gradient that nothing writes: margins, and what no whole window of a pool covers.
  private let zeros: [Range<Int>]

  init(_ layer: Convolution, _ forward: LaneConvolution, input: Shape, wantsInput: Bool, kernels: Kernels) {
    self.kernels = kernels
    hasBias = layer.bias != nil
    inputChannels = layer.inputChannels
    sumsByWinograd = WinogradKernelSums.suits(layer, output: forward.output)
    let window = layer.window
    let (height, width, channels) = (forward.output.dimensions[0], forward.output.dimensions[1], layer.filters)
    let (top, left) = wantsInput ? (window.height - 1, window.width - 1) : (0, 0)
    paddedCount = (height + 2 * top) * (width + 2 * left) * channels
    var geometry = forward.geometry
    geometry.output_pitch = (width + 2 * left) * channels
    self.geometry = geometry
    let floats = channels * kernels.lanes
    inset = (top * (width + 2 * left) + left) * floats
    // A row ends where its right margin begins, and that goes over into the left one of the next row.
    let (written, pitch) = (width - width % 2, width + 2 * left)
    let starts = (0..<height - height % 2).map { (top + $0) * pitch + left }
    zeros = zip([0] + starts.map { $0 + written }, starts + [paddedCount / channels])
      .map { $0 * floats..<$1 * floats }
    guard wantsInput else {
      (backward, winograd) = (nil, nil)
      return
    }
    let turned = layer.turned
    let plain = LaneConvolution(
      turned, inputWidth: width + 2 * left, zeroRows: top, output: input, kernels: kernels)
    let isEven = input.dimensions[0] % 2 == 0 && input.dimensions[1] % 2 == 0
    winograd = isEven ? WinogradConvolution(turned, plain: plain, kernels: kernels) : nil
    backward = plain
  }

  /// - Parameters:
  ///   - input: of the convolution.
  ///   - output: of the convolution, before pooling.
  ///   - pooled: the pool's output where one is fused.
  ///   - upstream: with respect to the output, or to the pool's where one is fused; 0 in lanes without an image.
  func callAsFunction(
    _ input: LaneTensor, output: LaneTensor, pooled: LaneTensor?, upstream: LaneTensor, store: LaneStore
  ) -> (input: LaneTensor?, weights: WeightGradient) {
    let lanes = kernels.lanes
    let result = backward.map { _ in LaneTensor(count: input.count, shape: input.shape, lanes: lanes, store: store) }
    let sums: any KernelSums =
      sumsByWinograd
      ? WinogradKernelSums(geometry, inputChannels: inputChannels, kernels: kernels, store: store)
      : PlainKernelSums(geometry, kernels: kernels, store: store)
    let biasSums = ImageSums(hasBias ? geometry.channels : 0, lanes: lanes, store: store)
    let memory = winograd?.memory(from: store)
    let atOnce = sums.groupsAtOnce(of: input.groups)
    let step = paddedCount * lanes
    let gradients = LaneBuffer(count: atOnce * step, from: store)
    for start in stride(from: 0, to: atOnce * step, by: step) {
      for range in zeros { (gradients.pointer + start + range.lowerBound).update(repeating: 0, count: range.count) }
    }
    for first in stride(from: 0, to: input.groups, by: atOnce) {
      let groups = first..<min(input.groups, first + atOnce)
      for group in groups {
        let inner = gradients.pointer + (group - first) * step + inset
        if let pooled {
          kernels.unpoolGradient(geometry, output.group(group), pooled.group(group), upstream.group(group), inner)
        } else {
          kernels.maskGradient(geometry, output.group(group), upstream.group(group), inner)
        }
      }
      sums.add(groups, input: input, gradient: gradients.pointer + inset, step: step)
      for group in groups {
        let gradient = gradients.pointer + (group - first) * step
        if hasBias { biasSums.addGroup { kernels.addBiasGradient(geometry, gradient + inset, $0) } }
        guard let result else { continue }
        if let winograd, let memory {
          winograd.convolve(gradient, memory: memory, output: result.group(group), pooled: nil)
        } else {
          backward?.convolve(gradient, output: result.group(group), pooled: nil)
        }
      }
    }
    let bias = (0..<(hasBias ? geometry.channels : 0)).map { biasSums[$0] }
    return (result, WeightGradient(kernel: sums.total, bias: bias))
  }
}

extension Convolution {
  /// From output channels to input channels: (h, w, in, out) → (h, w, out, in), turned by 180 degrees.
  fileprivate var turned: Convolution {
    Convolution(
      window: window, inputChannels: filters, filters: inputChannels, kernel: turnedKernel(), bias: nil,
      activation: .linear)
  }
}
