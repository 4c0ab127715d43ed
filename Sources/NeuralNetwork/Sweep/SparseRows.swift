/// The numbers of some rows that are not 0.
struct SparseRows {
  /// Where each row's entries begin, and where the last one's end.
  private(set) var starts = [0]
  /// Of the entries: column and number; what lies behind the last one is undefined.
  private(set) var indices: [Int32] = []
  private(set) var values: [Float] = []
  private var entries = 0

  /// No rows yet.
  init() {}

  /// - Parameter numbers: (rows, width)
  init(_ numbers: [Float], width: Int) {
    numbers.withUnsafeBufferPointer { numbers in
      for start in stride(from: 0, to: numbers.count, by: width) {
        append(UnsafeBufferPointer(rebasing: numbers[start..<start + width]), at: 0, rectified: false)
        endRow()
      }
    }
  }

  var count: Int { starts.count - 1 }

  /// Adds numbers to the row that is being made.
  /// - Parameters:
  ///   - column: of the first number.
  ///   - rectified: whether negative ones count as 0.
  mutating func append(_ numbers: UnsafeBufferPointer<Float>, at column: Int, rectified: Bool) {
    if indices.count < entries + numbers.count {
      let more = max(indices.count, numbers.count)
      indices += [Int32](repeating: 0, count: more)
      values += [Float](repeating: 0, count: more)
    }
    let start = entries
    entries = indices.withUnsafeMutableBufferPointer { indices in
      values.withUnsafeMutableBufferPointer { values in
        rectified
          ? Self.gather(numbers, column, start, indices, values) {
            UInt32(bitPattern: 0 &- Int32(bitPattern: $0)) >> 31
          }
          : Self.gather(numbers, column, start, indices, values) { (($0 << 1) | (0 &- ($0 << 1))) >> 31 }
      }
    }
  }

  /// Writes every number and goes on from those that count, because nothing foretells a branch.
  /// - Parameter counts: 1 or 0 for a number's bits, without a branch: a positive number's are those of a positive integer.
  @inline(__always)
  private static func gather(
    _ numbers: UnsafeBufferPointer<Float>, _ column: Int, _ start: Int, _ indices: UnsafeMutableBufferPointer<Int32>,
    _ values: UnsafeMutableBufferPointer<Float>, counts: (UInt32) -> UInt32
  ) -> Int {
    var entry = start
    for index in 0..<numbers.count {
      let number = numbers[index]
      indices[entry] = Int32(truncatingIfNeeded: column &+ index)
      values[entry] = number
      entry &+= Int(truncatingIfNeeded: counts(number.bitPattern))
    }
    return entry
  }

  /// What is appended next belongs to another row.
  mutating func endRow() { starts.append(entries) }
}
