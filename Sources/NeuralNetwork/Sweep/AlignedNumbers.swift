/// Numbers that begin at the boundary of a cache line: vectors of them, read one by one, never lie across two.
final class AlignedNumbers: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(repeating number: Float, count: Int) {
    self.count = count
    pointer = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, count) * MemoryLayout<Float>.stride, alignment: LaneBuffer.alignment
    ).bindMemory(to: Float.self, capacity: count)
    pointer.initialize(repeating: number, count: count)
  }

  convenience init(_ numbers: [Float]) {
    self.init(repeating: 0, count: numbers.count)
    for (index, number) in numbers.enumerated() { pointer[index] = number }
  }

  deinit { pointer.deallocate() }
}
