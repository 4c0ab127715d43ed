import Threads

/// Memory for vectors, taken from a store and given back to it: fresh pages from the system cost as much time as a
/// pool does, at every block of images.
final class LaneBuffer {
  let pointer: UnsafeMutablePointer<Float>
  private let bytes: Int
  private let store: LaneStore

  /// The largest vector's size, and what is read behind a map's end.
  static let alignment = 64
  private static let slack = 5 * alignment

  /// - Parameter count: floats; what they are is undefined.
  init(count: Int, from store: LaneStore) {
    bytes = count * MemoryLayout<Float>.stride + Self.slack
    self.store = store
    let memory =
      store.take(bytes) ?? UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    pointer = memory.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
  }

  /// As many 0s.
  convenience init(zeros count: Int, from store: LaneStore) {
    self.init(count: count, from: store)
    pointer.update(repeating: 0, count: count)
  }

  deinit { store.giveBack(UnsafeMutableRawPointer(pointer), bytes: bytes) }
}

/// Calls `body` with memory for floats that begins where a cache line does.
func withAlignedFloats<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
  withUnsafeTemporaryAllocation(
    byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: LaneBuffer.alignment
  ) { body($0.baseAddress!.bindMemory(to: Float.self, capacity: count)) }
}

/// Calls `body` with as many zeros.
func withZeros(_ count: Int, _ body: (UnsafePointer<Float>) -> Void) {
  withAlignedFloats(count) { zeros in
    zeros.update(repeating: 0, count: count)
    body(zeros)
  }
}

/// The memory that a pass over a network has used and will use again.
final class LaneStore: Sendable {
  /// Addresses by size in bytes.
  private let free = Locked<[Int: [UInt]]>([:])

  func take(_ bytes: Int) -> UnsafeMutableRawPointer? {
    free.withLock { $0[bytes]?.popLast() }.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
  }

  func giveBack(_ memory: UnsafeMutableRawPointer, bytes: Int) {
    free.withLock { $0[bytes, default: []].append(UInt(bitPattern: memory)) }
  }

  deinit {
    free.withLock { free in
      for address in free.values.joined() { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }
  }
}
