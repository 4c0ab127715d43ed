/// What each channel is multiplied by, and then added: a batch normalisation as its stored numbers have it.
struct ChannelScale {
  private let factors: [Double], offsets: [Double]

  /// gamma / sqrt(variance + epsilon), and beta - mean times that.
  init(_ layer: BatchNormalization) {
    let factors = layer.mean.indices.map {
      Double(layer.gamma?[$0] ?? 1) / (Double(layer.variance[$0]) + Double(layer.epsilon)).squareRoot()
    }
    self.factors = factors
    offsets = layer.mean.indices.map { Double(layer.beta?[$0] ?? 0) - Double(layer.mean[$0]) * factors[$0] }
  }

  /// - Parameter kernel: (…, channels)
  func scaled(_ kernel: [Float]) -> [Float] {
    kernel.indices.map { Float(Double(kernel[$0]) * factors[$0 % factors.count]) }
  }

  /// - Parameter bias: (channels), or none for zeros.
  func scaledBias(_ bias: [Float]) -> [Float] {
    factors.indices.map { Float((bias.isEmpty ? 0 : Double(bias[$0])) * factors[$0] + offsets[$0]) }
  }
}
