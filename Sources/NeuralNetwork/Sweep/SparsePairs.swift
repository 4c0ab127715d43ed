/// Rows of numbers, two by two: of each pair, where at least one of the two is not 0.
///
/// Products with weights take a pair at once, because reading the weights takes as long as multiplying by them; two rows that
/// are alike have their zeros in the same places.
struct SparsePairs {
  /// Where each pair's entries begin, and where the last one's end.
  private(set) var starts = [0]
  /// Of the entries: column, and both numbers; memory after the last one is undefined.
  private(set) var indices: [Int32] = []
  private(set) var values: [Float] = []
  /// The order in which products take the pairs: best those one after the other that are alike.
  var order: [Int] = []
  /// Rows that count: the last pair may have one.
  private(set) var rows = 0
  /// What was appended.
  private(set) var entries = 0

  /// No rows yet.
  /// - Parameter capacity: entries that there is room for at once.
  init(capacity: Int = 0) {
    indices = [Int32](repeating: 0, count: capacity)
    values = [Float](repeating: 0, count: 2 * capacity)
  }

  /// - Parameter numbers: (rows, width)
  init(_ numbers: [Float], width: Int) {
    self.init()
    let rows = numbers.count / width
    numbers.withUnsafeBufferPointer { numbers in
      func row(_ index: Int) -> UnsafeBufferPointer<Float> {
        let start = min(index, rows - 1) * width
        return UnsafeBufferPointer(rebasing: numbers[start..<start + width])
      }
      for first in stride(from: 0, to: rows, by: 2) {
        append(row(first), row(first + 1), at: 0, rectified: false)
        endPair()
      }
    }
    self.rows = rows
  }

  /// Pairs.
  var count: Int { starts.count - 1 }

  /// Where each pair's first entry of a column from `column` on lies, or where the pair ends; columns ascend in each pair.
  func starts(from column: Int) -> [Int] {
    guard column > 0 else { return Array(starts.dropLast()) }
    return (0..<count).map { pair in
      var (low, high) = (starts[pair], starts[pair + 1])
      while low < high {
        let middle = (low + high) / 2
        if indices[middle] < column { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// Adds numbers to the pair that is being made.
  /// - Parameters:
  ///   - one, other: as many of the first row as of the second.
  ///   - column: of the first number.
  ///   - rectified: whether negative ones count as 0.
  mutating func append(
    _ one: UnsafeBufferPointer<Float>, _ other: UnsafeBufferPointer<Float>, at column: Int, rectified: Bool
  ) {
    if indices.count < entries + one.count {
      let more = max(indices.count, one.count)
      indices += [Int32](repeating: 0, count: more)
      values += [Float](repeating: 0, count: 2 * more)
    }
    let start = entries
    entries = indices.withUnsafeMutableBufferPointer { indices in
      values.withUnsafeMutableBufferPointer { values in
        rectified
          ? Self.gather(one, other, column, start, indices, values) { $0 > 0 ? $0 : 0 }
          : Self.gather(one, other, column, start, indices, values) { $0 }
      }
    }
  }

  /// Writes every number and goes on from those that count, because nothing foretells a branch.
  @inline(__always)
  private static func gather(
    _ one: UnsafeBufferPointer<Float>, _ other: UnsafeBufferPointer<Float>, _ column: Int, _ start: Int,
    _ indices: UnsafeMutableBufferPointer<Int32>, _ values: UnsafeMutableBufferPointer<Float>,
    activation: (Float) -> Float
  ) -> Int {
    var entry = start
    for index in 0..<one.count {
      let (a, b) = (activation(one[index]), activation(other[index]))
      indices[entry] = Int32(truncatingIfNeeded: column &+ index)
      values[2 &* entry] = a
      values[2 &* entry &+ 1] = b
      // 0 and -0 have no bit but the sign's.
      let bits = (a.bitPattern | b.bitPattern) << 1
      entry &+= Int(truncatingIfNeeded: (bits | (0 &- bits)) >> 31)
    }
    return entry
  }

  /// Forgets the rows and keeps their room.
  mutating func removeAll() {
    starts.removeSubrange(1...)
    order.removeAll(keepingCapacity: true)
    (rows, entries) = (0, 0)
  }

  /// What is appended next belongs to another pair.
  mutating func endPair() {
    order.append(count)
    starts.append(entries)
    rows += 2
  }
}
