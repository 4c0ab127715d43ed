import CProcessor

/// Numbers that begin at the boundary of a cache line: vectors of them, read one by one, never lie across two.
final class AlignedNumbers: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Bytes of a large page.
  private static let largePage = 1 << 21

  /// - Parameter write: gives every number a value.
  init(count: Int, write: (UnsafeMutablePointer<Float>) -> Void) {
    self.count = count
    let bytes = max(1, count) * MemoryLayout<Float>.stride
    let isLarge = bytes >= Self.largePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? Self.largePage : LaneBuffer.alignment)
    if isLarge { use_large_pages(memory, bytes / Self.largePage * Self.largePage) }
    pointer = memory.bindMemory(to: Float.self, capacity: count)
    write(pointer)
  }

  convenience init(repeating number: Float, count: Int) {
    self.init(count: count) { $0.initialize(repeating: number, count: count) }
  }

  convenience init(_ numbers: [Float]) {
    self.init(count: numbers.count) { pointer in
      for (index, number) in numbers.enumerated() { pointer[index] = number }
    }
  }

  deinit { pointer.deallocate() }
}
