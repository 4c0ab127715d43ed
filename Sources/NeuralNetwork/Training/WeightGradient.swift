/// The gradient of a loss with respect to one layer's weights.
public struct WeightGradient: Equatable, Sendable {
  /// As many as the layer's kernel has, in its order.
  public var kernel: [Float]
  /// One an output channel; none for a layer without a bias.
  public var bias: [Float]

  /// The given numbers.
  public init(kernel: [Float], bias: [Float]) {
    self.kernel = kernel
    self.bias = bias
  }

  init(kernel: Int, bias: Int) {
    self.kernel = [Float](repeating: 0, count: kernel)
    self.bias = [Float](repeating: 0, count: bias)
  }

  /// Adds each row of `gradient`, (rows, outputs), to the bias' gradient.
  mutating func addBias(_ gradient: UnsafeBufferPointer<Float>) {
    let width = bias.count
    guard width > 0 else { return }
    bias.withUnsafeMutableBufferPointer { bias in
      for start in stride(from: 0, to: gradient.count, by: width) {
        for index in 0..<width { bias[index] += gradient[start + index] }
      }
    }
  }

  /// The sum of the squares of all of it.
  var squaredNorm: Double { bias.reduce(kernel.reduce(0, Self.addSquare), Self.addSquare) }

  private static func addSquare(_ sum: Double, _ number: Float) -> Double { sum + Double(number) * Double(number) }

  mutating func add(_ other: WeightGradient) {
    NeuralNetwork.add(other.kernel, to: &kernel)
    NeuralNetwork.add(other.bias, to: &bias)
  }
}
