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

  static let rowsPerChunk = 256, chunksAtOnce = 8

  init(of values: Tensor, kernels: Kernels, threads: Int) {
    let channels = values.shape.channels
    count = values.values.count / max(1, channels)
    let rows = Double(max(1, count))
    let mean = values.rowSums(1, threads: threads) { range, sums in
      kernels.addRows(range.rows, channels, range.values, sums)
    }.map { Float($0 / rows) }
    let squares = values.rowSums(1, threads: threads) { range, sums in
      mean.withUnsafeBufferPointer { kernels.addSquares(range.rows, channels, range.values, $0.baseAddress!, sums) }
    }
    self.mean = mean
    variance = squares.map { Float($0 / rows) }
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

  /// gamma / sqrt(variance + epsilon) of every channel.
  private var factors: [Float] { mean.indices.map { (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot() } }

  /// `forward` by the kernels, over a whole batch.
  func forward(_ input: Tensor, kernels: Kernels, threads: Int) -> Tensor {
    let channels = mean.count
    let factors = factors
    let offsets = (0..<channels).map { (beta?[$0] ?? 0) - mean[$0] * factors[$0] }
    var output = input
    output.forEachRowRange(threads: threads) { range in
      kernels.scaleRows(range.rows, channels, UnsafePointer(range.target), factors, offsets, range.target)
    }
    return output
  }

  /// The gradients with respect to gamma, beta and the input.
  ///
  /// With the batch's own statistics, s the upstream gradient and x̂ the normalised value: dx = gamma / sigma (s - mean(s) - x̂ mean(s x̂)).
  /// - Parameters:
  ///   - input: what was normalised, with the statistics of this copy.
  ///   - isBatch: whether the statistics are those of `input`, and not stored ones.
  func backward(
    _ input: Tensor, gradient: Tensor, isBatch: Bool, kernels: Kernels, threads: Int
  ) -> (input: Tensor, weights: WeightGradient) {
    let channels = mean.count
    let both = input.rowSums(2, threads: threads, beside: gradient) { range, sums in
      mean.withUnsafeBufferPointer {
        kernels.addSlopes(
          range.rows, channels, range.beside!, range.values, $0.baseAddress!, sums, sums + channels)
      }
    }
    let inverse = (0..<channels).map { 1 / (Double(variance[$0]) + Double(epsilon)).squareRoot() }
    // Σ s and Σ s x̂
    let sums = Array(both[..<channels])
    let products = (0..<channels).map { both[channels + $0] * inverse[$0] }
    let weights = WeightGradient(
      kernel: gamma == nil ? [] : products.map(Float.init), bias: beta == nil ? [] : sums.map(Float.init))
    let rows = Double(max(1, input.values.count / channels))
    let factors = (0..<channels).map { Double(gamma?[$0] ?? 1) * inverse[$0] }
    // dx = f s + a x + b
    let others = (0..<channels).map { isBatch ? -factors[$0] * products[$0] / rows * inverse[$0] : 0 }
    let offsets = (0..<channels).map {
      isBatch ? -factors[$0] * sums[$0] / rows - others[$0] * Double(mean[$0]) : 0
    }
    var result = gradient
    let (scale, other, offset) = (factors.map(Float.init), others.map(Float.init), offsets.map(Float.init))
    result.forEachRowRange(threads: threads, beside: input) { range in
      kernels.combineRows(range.rows, channels, range.target, scale, range.beside!, other, offset)
    }
    return (result, weights)
  }
}

/// Rows of a tensor that are summed together.
struct RowRange {
  let rows: Int
  let values: UnsafePointer<Float>
  /// The same rows of another tensor.
  let beside: UnsafePointer<Float>?
}

/// Rows of a tensor that are changed together.
struct ChangedRows {
  let rows: Int
  let target: UnsafeMutablePointer<Float>
  let beside: UnsafePointer<Float>?
}

extension Tensor {
  /// `kinds` sums over all rows for each channel, (kinds, C), chunk after chunk.
  fileprivate func rowSums(
    _ kinds: Int, threads: Int, beside: Tensor? = nil,
    _ add: @Sendable (RowRange, UnsafeMutablePointer<Float>) -> Void
  ) -> [Double] {
    let channels = shape.channels
    let rows = values.count / max(1, channels)
    let size = BatchStatistics.rowsPerChunk * BatchStatistics.chunksAtOnce
    let other = beside?.values
    let parts = parallelMap((rows + size - 1) / size, threads: threads) { part in
      var totals = [Double](repeating: 0, count: kinds * channels)
      var sums = [Float](repeating: 0, count: kinds * channels)
      values.withUnsafeBufferPointer { values in
        withOptional(other) { other in
          sums.withUnsafeMutableBufferPointer { sums in
            for start in stride(
              from: part * size, to: min(rows, (part + 1) * size), by: BatchStatistics.rowsPerChunk)
            {
              sums.update(repeating: 0)
              add(
                RowRange(
                  rows: min(BatchStatistics.rowsPerChunk, rows - start), values: values.baseAddress! + start * channels,
                  beside: other.map { $0 + start * channels }), sums.baseAddress!)
              for index in totals.indices { totals[index] += Double(sums[index]) }
            }
          }
        }
      }
      return totals
    }
    var totals = [Double](repeating: 0, count: kinds * channels)
    for part in parts { for index in totals.indices { totals[index] += part[index] } }
    return totals
  }

  /// Changes all rows in place, some at a time.
  fileprivate mutating func forEachRowRange(
    threads: Int, beside: Tensor? = nil, _ change: @Sendable (ChangedRows) -> Void
  ) {
    let channels = shape.channels
    let rows = values.count / max(1, channels)
    let other = beside?.values
    let size = BatchStatistics.rowsPerChunk * BatchStatistics.chunksAtOnce
    values.withUnsafeMutableBufferPointer { values in
      // Threads change disjoint rows.
      nonisolated(unsafe) let target = values.baseAddress!
      withOptional(other) { other in
        nonisolated(unsafe) let other = other
        _ = parallelMap((rows + size - 1) / size, threads: threads) { part in
          let start = part * size
          change(
            ChangedRows(
              rows: min(size, rows - start), target: target + start * channels,
              beside: other.map { $0 + start * channels }))
        }
      }
    }
  }
}

func withOptional(_ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void) {
  guard let values else { return body(nil) }
  values.withUnsafeBufferPointer { body($0.baseAddress) }
}
