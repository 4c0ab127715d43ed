import Threads

/// What the gradient of a dense layer's kernel is made of, for one block of images: dK = Xᵀ dY.
struct DenseSlopes: Sendable {
  /// (N, inputs)
  let input: Tensor
  /// With respect to the sums before the activation, (N, units).
  let gradient: Tensor
}

extension Dense {
  /// The gradient of the kernel over all blocks, a few of its rows at a time, which stay in the cache from block to block.
  ///
  /// Products are added in the order of the images, whatever the number of threads.
  func kernelGradient(_ blocks: [DenseSlopes], threads: Int) -> [Float] {
    let rows = max(8, Self.numbersAtOnce / units / 8 * 8)
    return [Float](unsafeUninitializedCapacity: inputs * units) { result, count in
      // Threads write disjoint rows.
      nonisolated(unsafe) let kernel = result.baseAddress!
      _ = parallelMap((inputs + rows - 1) / rows, threads: threads) { part in
        let range = part * rows..<min(inputs, (part + 1) * rows)
        for (index, block) in blocks.enumerated() { add(block, rows: range, to: kernel, accumulate: index > 0) }
      }
      count = inputs * units
    }
  }

  /// 128 KB.
  private static let numbersAtOnce = 1 << 15

  private func add(
    _ block: DenseSlopes, rows: Range<Int>, to kernel: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    block.input.values.withUnsafeBufferPointer { input in
      block.gradient.values.withUnsafeBufferPointer { gradient in
        multiply(
          input.baseAddress! + rows.lowerBound, gradient.baseAddress!, kernel + rows.lowerBound * units,
          rows: rows.count, inner: input.count / inputs, columns: units, accumulate: accumulate,
          transposeLeft: true, leftPitch: inputs)
      }
    }
  }
}
