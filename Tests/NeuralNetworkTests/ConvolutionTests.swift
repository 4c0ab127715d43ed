import NeuralNetwork
import Testing

@Suite struct ConvolutionTests {
  /// One position of the window over an input of odd and even extents.
  struct Case: Sendable, CustomTestStringConvertible {
    var size = (3, 3), stride = (1, 1), padding = Window.Padding.valid, input = [7, 8, 3]
    var bias = true, activation = Activation.linear

    var testDescription: String { "\(size) stride \(stride) \(padding) on \(input), bias \(bias), \(activation)" }
  }

  static let cases = [
    Case(), Case(padding: .same), Case(stride: (2, 2)), Case(stride: (2, 2), padding: .same),
    Case(stride: (2, 1)), Case(stride: (2, 1), padding: .same), Case(size: (2, 4), padding: .same),
    Case(size: (4, 4), input: [55, 47, 3], activation: .relu), Case(size: (1, 1), stride: (3, 2), padding: .same),
    // A window larger than the map: most of it lies beyond the edge.
    Case(size: (9, 11), padding: .same, input: [3, 2, 2]), Case(size: (5, 5), stride: (4, 4), padding: .same),
    Case(size: (7, 8)), Case(bias: false), Case(activation: .relu), Case(bias: false, activation: .sigmoid),
    Case(activation: .tanh), Case(activation: .softmax),
    Case(activation: .rectifier(Rectifier(maxValue: 0.5, negativeSlope: 0.1, threshold: 0.2))),
  ]

  @Test(arguments: cases) func agreesWithTheReference(_ item: Case) throws {
    let window = try Window(
      height: item.size.0, width: item.size.1, strideY: item.stride.0, strideX: item.stride.1, padding: item.padding)
    // The last layer keeps a softmax before it from being taken for the network's own.
    let network = try chain(
      item.input, .convolution(convolution(item.input[2], 5, window, bias: item.bias, item.activation)),
      .dropout(rate: 0.5))
    try expectReference(network)
  }

  @Test func multipliesByHand() throws {
    let layer = Convolution(
      window: try Window(height: 2, width: 2), inputChannels: 1, filters: 2,
      // (height, width, in, out): filter 0 is 1 2 / 3 4, filter 1 picks the upper left.
      kernel: [1, 1, 2, 0, 3, 0, 4, 0], bias: [0.5, -1])
    let network = try chain([2, 3, 1], .convolution(layer))
    #expect(try output(network, [1, 2, 3, 4, 5, 6]) == [37.5, 0, 47.5, 1])
  }

  @Test func putsTheOddPixelOfSamePaddingBehind() throws {
    // Extent 4, window 2, stride 1: one pixel of padding, after the last; sums of pairs, the last one alone.
    let layer = Convolution(
      window: try Window(height: 1, width: 2, padding: .same), inputChannels: 1, filters: 1, kernel: [1, 1], bias: nil)
    #expect(try output(chain([1, 4, 1], .convolution(layer)), [1, 2, 4, 8]) == [3, 6, 12, 8])
  }

  @Test func refusesWhatDoesNotFit() throws {
    let layer = convolution(3, 4, try Window(height: 3, width: 3))
    #expect(
      message { try chain([2, 8, 3], .convolution(layer)) }
        == "layer_1/window: an input of 2 pixels; expected at least 3")
    #expect(message { try chain([8, 8, 2], .convolution(layer)) } == "layer_1/kernel: 3 input channels; expected 2")
    #expect(
      message { try chain([192], .convolution(layer)) }
        == "layer_1/input: shape (192); expected a feature map (height, width, channels)")
    #expect(message { try Window(height: 0, width: 3) } == "window: a size or stride of 0; expected 1...65536")
    #expect(
      message { try Window(height: 3, width: 3, strideX: 65_537) }
        == "window: a size or stride of 65537; expected 1...65536")
  }
}

/// Sizes that a hostile model could ask for.
@Suite struct ConvolutionLimitTests {
  @Test func patchesThatFitInNoMemoryAreRefused() throws {
    let window = try Window(height: 400, width: 400, padding: .same)
    let layer = convolution(1, 1, window)
    let error = #expect(throws: NetworkError.self) { _ = try chain([400, 400, 1], .convolution(layer)) }
    #expect(
      error?.description
        == "layer_1/shape (400, 400, 400, 400, 1): an extent out of range; "
        + "expected positive extents and at most 268435456 values")
  }
}
