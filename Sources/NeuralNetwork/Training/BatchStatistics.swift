import Threads

/// Mean and variance of every channel over a batch: what batch normalisation uses in training.
///
/// Source: Ioffe & Szegedy, "Batch normalization", ICML 2015, algorithm 1. Rows are summed in chunks of a fixed length as floats,
/// and these sums in their order as doubles: the same numbers for any number of threads and every instruction set.
public struct BatchStatistics: Equatable, Sendable {
  /// (C) each; the variance is the one that divides by the number of values.
  public let mean: [Float], variance: [Float]
  /// Values of each channel.
  public let count: Int

  init(of tensor: Tensor, kernels: Kernels, threads: Int) {
    let rows = ChannelRows(of: tensor, threads: threads)
    let channels = rows.channels
    count = rows.count
    let divisor = Double(max(1, count))
    (mean, variance) = tensor.values.withUnsafeBufferPointer { values in
      // Threads only read them.
      nonisolated(unsafe) let values = values.baseAddress!
      let mean = rows.sums(1) { kernels.addRows($1, channels, values + $0, $2) }.map { Float($0 / divisor) }
      let squares = rows.sums(1) { start, count, sums in
        mean.withUnsafeBufferPointer { kernels.addSquares(count, channels, values + start, $0.baseAddress!, sums) }
      }
      return (mean, squares.map { Float($0 / divisor) })
    }
  }
}

extension BatchNormalization {
  /// The layer with a batch's statistics in place of the stored ones.
  func using(_ statistics: BatchStatistics) -> BatchNormalization {
    var copy = self
    (copy.mean, copy.variance) = (statistics.mean, statistics.variance)
    return copy
  }

  /// The layer whose stored statistics have moved towards those of a batch: (1 - share) old + share new.
  ///
  /// The new variance is the one that divides by one less than the number of values, as PyTorch's is.
  public func moved(towards batch: BatchStatistics, share: Float) -> BatchNormalization {
    var copy = self
    let unbiased = batch.count > 1 ? Float(Double(batch.count) / Double(batch.count - 1)) : 1
    for channel in mean.indices {
      copy.mean[channel] += share * (batch.mean[channel] - mean[channel])
      copy.variance[channel] += share * (batch.variance[channel] * unbiased - variance[channel])
    }
    return copy
  }

  /// gamma / sqrt(variance + epsilon) of every channel, and what is added then.
  private var scaling: (factors: [Float], offsets: [Float]) {
    let factors = mean.indices.map { (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() }
    return (factors, mean.indices.map { (beta?[$0] ?? 0) - mean[$0] * factors[$0] })
  }

  /// `forward` by the kernels, over a whole batch; then another map's numbers and max(x, 0), as requested.
  func forward(_ input: Tensor, added: Tensor?, rectified: Bool, kernels: Kernels, threads: Int) -> Tensor {
    let (factors, offsets) = scaling
    let rows = ChannelRows(of: input, threads: threads)
    return input.mapped(beside: [input, added]) { target, others in
      // Threads write disjoint rows.
      nonisolated(unsafe) let (target, values, added) = (target, others[0]!, others[1])
      rows.forEachPart { start, count in
        kernels.scaleRows(
          count, rows.channels, values + start, factors, offsets, added.map { $0 + start }, rectified, target + start)
      }
    }
  }

  /// The gradients with respect to gamma, beta and the input.
  ///
  /// With the batch's own statistics, s the upstream gradient and x̂ the normalised value: dx = gamma / sigma (s - mean(s) - x̂ mean(s x̂)).
  /// - Parameters:
  ///   - input: what was normalised, with the statistics of this copy.
  ///   - rectified: whether max(x, 0) follows, by which the gradient has not passed yet.
  ///   - isBatch: whether the statistics are those of `input`, and not stored ones.
  func backward(
    _ input: Tensor, gradient: Tensor, rectified: Bool, isBatch: Bool, kernels: Kernels, threads: Int
  ) -> (input: Tensor, weights: WeightGradient) {
    let rows = ChannelRows(of: input, threads: threads)
    let (channels, mean) = (rows.channels, mean)
    let (forward, added) = scaling
    let passing = rectified ? forward : nil
    var weights = WeightGradient(kernel: [], bias: [])
    let result = input.mapped(beside: [gradient, input]) { target, others in
      // Threads write disjoint rows.
      nonisolated(unsafe) let (target, slopes, values) = (target, others[0]!, others[1]!)
      let both = rows.sums(2) { start, count, sums in
        withPointers([passing]) { passing in
          kernels.addSlopes(
            count, channels, slopes + start, values + start, passing[0], added, mean, sums, sums + channels)
        }
      }
      let inverse = (0..<channels).map { 1 / (Double(variance[$0]) + Double(epsilon)).squareRoot() }
      // Σ s and Σ s x̂
      let sums = Array(both[..<channels])
      let products = (0..<channels).map { both[channels + $0] * inverse[$0] }
      weights = WeightGradient(
        kernel: gamma == nil ? [] : products.map(Float.init), bias: beta == nil ? [] : sums.map(Float.init))
      let count = Double(max(1, rows.count))
      let factors = (0..<channels).map { Double(gamma?[$0] ?? 1) * inverse[$0] }
      // dx = f s + a x + b
      let others = (0..<channels).map { isBatch ? -factors[$0] * products[$0] / count * inverse[$0] : 0 }
      let offsets = (0..<channels).map {
        isBatch ? -factors[$0] * sums[$0] / count - others[$0] * Double(mean[$0]) : 0
      }
      let (scale, other, offset) = (factors.map(Float.init), others.map(Float.init), offsets.map(Float.init))
      rows.forEachPart { start, count in
        withPointers([passing]) { passing in
          kernels.combineRows(
            count, channels, slopes + start, values + start, passing[0], added, scale, other, offset, target + start)
        }
      }
    }
    return (result, weights)
  }
}
