import NeuralNetwork
import Testing

/// The gradient of a 3 x 3 kernel with Winograd's algorithm against the exact sum, within the bound that `WinogradKernelSums` states.
@Suite struct WinogradGradientTests {
  private static let u = 1 / Double(1 << 24)

  /// G, Bᵀ and Aᵀ of F(3 x 3, 2 x 2), for gradients, input and weights.
  private static let g: [[Double]] = [[1, 0], [0.5, 0.5], [0.5, -0.5], [0, 1]]
  private static let b: [[Double]] = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
  private static let a: [[Double]] = [[1, 1, 1, 0], [0, 1, -1, 0], [0, 1, 1, -1]]

  private struct Case {
    var height: Int, width: Int, channels: Int, filters: Int, count: Int
    /// How far pixels are from 0 on average.
    var offset: Float
  }

  private static let cases = [
    Case(height: 6, width: 8, channels: 8, filters: 8, count: 5, offset: 0),
    Case(height: 4, width: 4, channels: 11, filters: 13, count: 37, offset: 0),
    Case(height: 8, width: 6, channels: 9, filters: 16, count: 18, offset: 3),
    // Windows in several blocks, for every width of a vector.
    Case(height: 26, width: 22, channels: 20, filters: 40, count: 3, offset: 0),
  ]

  /// With weights of 0 every class is as likely, so that the gradients before the activation are known: 1 / (classes N), and 1 / N
  /// less at an image's label. Every output number is a class.
  @Test(arguments: cases.indices) func errorStaysWithinItsBound(_ index: Int) throws {
    let test = Self.cases[index]
    var layer = convolution(test.channels, test.filters, try Window(height: 3, width: 3))
    layer.kernel = layer.kernel.map { _ in 0 }
    layer.bias = layer.bias.map { $0.map { _ in 0 } }
    let network = try chain([test.height, test.width, test.channels], .convolution(layer), .flatten)
    var images = EngineNetworks.images(network, test.count)
    images.values = images.values.map { $0 + test.offset }
    let labels = (0..<test.count).map { ($0 * 31 + 7) % network.classes }
    let (rows, columns) = (test.height - 2, test.width - 2)
    let windows = Double(test.count * rows * columns / 4)
    let share = 1 / (Float(network.classes) * Float(test.count))

    for kernels in Kernels.available {
      let found = try #require(
        try BackwardPass(network, threads: 1, kernels: kernels).run(images: images, labels: labels).gradients[1])
      let plain = try #require(
        try BackwardPass(network, threads: 1, kernels: nil).run(images: images, labels: labels).gradients[1])
      #expect(found.kernel != plain.kernel, "\(kernels.name): roundings differ")
      var worst = 0.0
      for channel in [0, 4, test.channels - 1] {
        for filter in [0, 7, test.filters - 1] {
          var exact = [[Double]](repeating: [0, 0, 0], count: 3)
          var sums = [[Double]](repeating: [0, 0, 0, 0], count: 4)
          for image in 0..<test.count {
            let pixels = images.images(image..<image + 1).values
            func pixel(_ y: Int, _ x: Int) -> Double { Double(pixels[(y * test.width + x) * test.channels + channel]) }
            func slope(_ y: Int, _ x: Int) -> Double {
              let isLabel = (y * columns + x) * test.filters + filter == labels[image]
              return Double(isLabel ? share - 1 / Float(test.count) : share)
            }
            for y in stride(from: 0, to: rows, by: 2) {
              for x in stride(from: 0, to: columns, by: 2) {
                let slopes = (0..<2).map { dy in (0..<2).map { slope(y + dy, x + $0) } }
                for i in 0..<3 {
                  for j in 0..<3 {
                    for dy in 0..<2 {
                      for dx in 0..<2 { exact[i][j] += slopes[dy][dx] * pixel(y + dy + i, x + dx + j) }
                    }
                  }
                }
                let weights = grown(Self.g, slopes)
                let numbers = grown(Self.b, (0..<4).map { dy in (0..<4).map { pixel(y + dy, x + $0) } })
                for i in 0..<4 { for j in 0..<4 { sums[i][j] += weights[i][j] * numbers[i][j] } }
              }
            }
          }
          let largest = grown(Self.a, sums)
          for i in 0..<3 {
            for j in 0..<3 {
              let place = ((i * 3 + j) * test.channels + channel) * test.filters + filter
              let error = abs(Double(found.kernel[place]) - exact[i][j])
              worst = max(worst, error / ((windows + 9) * Self.u * largest[i][j]))
            }
          }
        }
      }
      #expect(worst <= 1, "\(kernels.name)")
    }
  }
}

/// |m| |x| |mᵀ| for a square x: what Winograd's transforms can make of it at most.
func grown(_ m: [[Double]], _ x: [[Double]]) -> [[Double]] {
  m.map { left in
    m.map { right in
      left.indices.reduce(0) { sum, i in
        sum + right.indices.reduce(0) { $0 + abs(left[i]) * abs(x[i][$1]) * abs(right[$1]) }
      }
    }
  }
}
