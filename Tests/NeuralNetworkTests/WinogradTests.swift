import NeuralNetwork
import Testing

/// Winograd's algorithm against the exact sum, within the bound that `WinogradConvolution` states.
@Suite struct WinogradTests {
  private static let u = 1 / Double(1 << 24)

  /// G, Bᵀ and Aᵀ of F(2 x 2, 3 x 3), for weights, input and output.
  private static let g: [[Double]] = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]
  private static let b: [[Double]] = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
  private static let a: [[Double]] = [[1, 1, 1, 0], [0, 1, -1, -1]]

  private struct Case {
    var height: Int, width: Int, channels: Int, filters: Int
    /// How far weights and pixels are from 0 on average.
    var offset: Float
  }

  private static let cases = [
    Case(height: 8, width: 6, channels: 8, filters: 8, offset: 0),
    Case(height: 9, width: 11, channels: 11, filters: 13, offset: 0),
    Case(height: 4, width: 4, channels: 40, filters: 61, offset: 0),
    Case(height: 10, width: 13, channels: 20, filters: 40, offset: 3),
    // Five windows: one image's are taken by eights and fours.
    Case(height: 4, width: 12, channels: 9, filters: 20, offset: 0),
  ]

  /// Five images go in lanes, two one after the other.
  @Test(arguments: cases.indices, [5, 2]) func errorStaysWithinItsBound(_ index: Int, count: Int) throws {
    let test = Self.cases[index]
    var layer = convolution(test.channels, test.filters, try Window(height: 3, width: 3), .relu)
    layer.kernel = layer.kernel.map { $0 + test.offset }
    let pool = try Window(height: 2, width: 2, strideY: 2, strideX: 2)
    let network = try chain(
      [test.height, test.width, test.channels], .convolution(layer), .pooling(Pooling(.maximum, window: pool)))
    var images = EngineNetworks.images(network, count)
    images.values = images.values.map { $0 + test.offset }

    for kernels in Kernels.available {
      let found = try ForwardPass(network, threads: 1, kernels: kernels).logits(of: images)
      var worst = 0.0
      for image in 0..<count {
        let pixels = images.images(image..<image + 1).values.map(Double.init)
        for y in 0..<network.shapes[2].dimensions[0] {
          for x in 0..<network.shapes[2].dimensions[1] {
            for filter in 0..<test.filters {
              let (exact, bound) = window(test, layer, pixels, y: 2 * y, x: 2 * x, filter)
              let place = (y * network.shapes[2].dimensions[1] + x) * test.filters + filter
              let error = abs(Double(found.values[image * network.classes + place]) - exact)
              worst = max(worst, error / bound)
            }
          }
        }
      }
      #expect(worst <= 1, "\(kernels.name)")
      // Asked for the convolution's own output too, the pass has to take the plain way: the roundings differ.
      let plain = try ForwardPass(network, threads: 1, kernels: kernels).values(of: [1, 2], given: [0: images])[1]
      #expect(plain.values != found.values, "\(kernels.name)")
    }
  }

  /// The largest of four outputs, at least 0, summed in double precision; and the bound of its error.
  private func window(
    _ test: Case, _ layer: Convolution, _ pixels: [Double], y: Int, x: Int, _ filter: Int
  ) -> (exact: Double, bound: Double) {
    let bias = Double(layer.bias?[filter] ?? 0)
    var outputs = [[Double]](repeating: [bias, bias], count: 2)
    var sums = [[Double]](repeating: [0, 0, 0, 0], count: 4)
    for channel in 0..<test.channels {
      func pixel(_ dy: Int, _ dx: Int) -> Double { pixels[((y + dy) * test.width + x + dx) * test.channels + channel] }
      func weight(_ dy: Int, _ dx: Int) -> Double {
        Double(layer.kernel[((dy * 3 + dx) * test.channels + channel) * test.filters + filter])
      }
      let weights = grown(Self.g, (0..<3).map { dy in (0..<3).map { weight(dy, $0) } })
      let numbers = grown(Self.b, (0..<4).map { dy in (0..<4).map { pixel(dy, $0) } })
      for i in 0..<4 { for j in 0..<4 { sums[i][j] += weights[i][j] * numbers[i][j] } }
      for i in 0..<2 {
        for j in 0..<2 {
          for dy in 0..<3 { for dx in 0..<3 { outputs[i][j] += weight(dy, dx) * pixel(i + dy, j + dx) } }
        }
      }
    }
    let largestSum = grown(Self.a, sums).joined().max() ?? 0
    return (
      max(0, outputs.joined().max() ?? 0), Double(test.channels + 9) * Self.u * (largestSum + abs(bias))
    )
  }

  /// The factor that the documentation gives: for weights and pixels of one size, at most 64 / 9 of the plain sum's bound.
  @Test func theBoundGrowsBy64Over9() {
    let ones = { (count: Int) in [[Double]](repeating: [Double](repeating: 1, count: count), count: count) }
    let (weights, numbers) = (grown(Self.g, ones(3)), grown(Self.b, ones(4)))
    let products = (0..<4).map { i in (0..<4).map { weights[i][$0] * numbers[i][$0] } }
    #expect(grown(Self.a, products) == [[64, 64], [64, 64]])
  }
}
