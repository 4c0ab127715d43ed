/// Normalisation by stored statistics (inference only): gamma (x - mean) / sqrt(variance + epsilon) + beta, per channel.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015, algorithm 2.
public struct BatchNormalization: Equatable, Sendable {
  /// (C) each; nil where the layer was built without it.
  public var gamma: [Float]?, beta: [Float]?
  /// (C) each.
  public var mean: [Float], variance: [Float]
  /// Added to every variance.
  public let epsilon: Float

  /// A layer with these numbers, one a channel.
  public init(gamma: [Float]?, beta: [Float]?, mean: [Float], variance: [Float], epsilon: Float) {
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
  }

  func outputShape(_ input: Shape) throws -> Shape {
    guard input.channels == mean.count else {
      throw NetworkError("moving_mean", found: "\(mean.count) channels", expected: "\(input.channels)")
    }
    return input
  }

  func forward(_ input: Tensor) -> Tensor {
    var output = input
    let channels = mean.count
    let factors = (0..<channels).map { (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() }
    let offsets = (0..<channels).map { (beta?[$0] ?? 0) - mean[$0] * factors[$0] }
    output.values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: channels) {
        for channel in 0..<channels {
          values[start + channel] = values[start + channel] * factors[channel] + offsets[channel]
        }
      }
    }
    return output
  }

  /// The gradients with respect to gamma, beta and the input; the stored statistics stay as they are.
  func backward(_ input: Tensor, gradient: Tensor) -> (input: Tensor, weights: WeightGradient) {
    let channels = mean.count
    let factors = (0..<channels).map { 1 / (variance[$0] + epsilon).squareRoot() }
    var weights = WeightGradient(kernel: gamma?.count ?? 0, bias: beta?.count ?? 0)
    var result = gradient
    for start in stride(from: 0, to: gradient.values.count, by: channels) {
      for channel in 0..<channels {
        let upstream = gradient.values[start + channel]
        if let gamma {
          weights.kernel[channel] += upstream * (input.values[start + channel] - mean[channel]) * factors[channel]
          result.values[start + channel] *= gamma[channel]
        }
        if beta != nil { weights.bias[channel] += upstream }
        result.values[start + channel] *= factors[channel]
      }
    }
    return (result, weights)
  }

  /// A copy whose channels answer 0 everywhere, or nil where gamma or beta is not there to be zeroed.
  func silencing(_ channels: Set<Int>) -> BatchNormalization? {
    guard gamma != nil, beta != nil else { return nil }
    var copy = self
    for channel in channels {
      copy.gamma?[channel] = 0
      copy.beta?[channel] = 0
    }
    return copy
  }
}
