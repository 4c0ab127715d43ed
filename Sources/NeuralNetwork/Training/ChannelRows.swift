import Threads

/// The rows of a batch's maps, (rows, C), in parts for threads.
struct ChannelRows: Sendable {
  let count: Int, channels: Int
  private let threads: Int

  private static let perChunk = 256, chunksAtOnce = 8

  init(of tensor: Tensor, threads: Int) {
    channels = tensor.shape.channels
    count = tensor.values.count / max(1, channels)
    self.threads = threads
  }

  private var size: Int { Self.perChunk * Self.chunksAtOnce }
  private var parts: Int { (count + size - 1) / size }

  /// `kinds` sums over all rows for each channel, (kinds, C), chunk after chunk.
  ///
  /// - Parameter add: adds some rows to the sums of a chunk: the place of their first number, and how many rows.
  func sums(
    _ kinds: Int, _ add: @Sendable (_ start: Int, _ rows: Int, _ sums: UnsafeMutablePointer<Float>) -> Void
  ) -> [Double] {
    let parts = parallelMap(parts, threads: threads) { part in
      var totals = [Double](repeating: 0, count: kinds * channels)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: kinds * channels) { sums in
        for row in stride(from: part * size, to: min(count, (part + 1) * size), by: Self.perChunk) {
          sums.update(repeating: 0)
          add(row * channels, min(Self.perChunk, count - row), sums.baseAddress!)
          for index in totals.indices { totals[index] += Double(sums[index]) }
        }
      }
      return totals
    }
    var totals = [Double](repeating: 0, count: kinds * channels)
    for part in parts { for index in totals.indices { totals[index] += part[index] } }
    return totals
  }

  /// Calls `body` with some rows at a time: the place of their first number, and how many rows.
  func forEachPart(_ body: @Sendable (_ start: Int, _ rows: Int) -> Void) {
    _ = parallelMap(parts, threads: threads) { part in
      body(part * size * channels, min(size, count - part * size))
    }
  }
}

extension Tensor {
  /// A tensor of the same shape that `write` gives every number, with others beside it.
  func mapped(
    beside others: [Tensor?], _ write: (UnsafeMutablePointer<Float>, [UnsafePointer<Float>?]) -> Void
  ) -> Tensor {
    let count = values.count
    let written = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      withPointers(others.map { $0?.values }) { write(target.baseAddress!, $0) }
      initialized = count
    }
    return Tensor(count: self.count, shape: shape, values: written)
  }
}

/// Calls `body` with where each of some arrays lies; nil where there is none.
func withPointers(
  _ arrays: [[Float]?], _ pointers: [UnsafePointer<Float>?] = [], _ body: ([UnsafePointer<Float>?]) -> Void
) {
  guard pointers.count < arrays.count else { return body(pointers) }
  guard let array = arrays[pointers.count] else { return withPointers(arrays, pointers + [nil], body) }
  array.withUnsafeBufferPointer { withPointers(arrays, pointers + [$0.baseAddress], body) }
}
