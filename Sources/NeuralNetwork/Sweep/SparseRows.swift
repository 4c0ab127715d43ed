import CProcessor

/// Rows of numbers in groups of up to four neighbours: of each group, the columns where at least one row is not 0.
///
/// Products with weights take a group at once, because reading the weights takes longer than multiplying one row by them; rows
/// that are alike have their zeros in the same places. They take some columns at a time, whose entries lie together.
struct SparseRows {
  /// Rows of a group at most.
  static let group = 4
  /// Where the numbers of a group's rows lie, those of missing rows where the last one's do.
  typealias Four = (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)

  /// Where each group's rows begin, and where the last one's end.
  private var firstRows = [0]
  /// Columns of a part.
  private let columns: Int
  private var parts: [SparsePart]

  /// No rows yet.
  /// - Parameters:
  ///   - width: of a row.
  ///   - columns: that products take at a time.
  ///   - groups: that there is room for at once.
  init(width: Int, columns: Int, groups: Int = 0) {
    self.columns = columns
    let part = SparsePart(capacity: groups * min(width, columns))
    parts = [SparsePart](repeating: part, count: max(1, (width + columns - 1) / columns))
  }

  /// - Parameter numbers: (rows, width)
  init(_ numbers: [Float], width: Int, columns: Int) {
    let rows = numbers.count / width
    self.init(width: width, columns: columns, groups: (rows + Self.group - 1) / Self.group)
    numbers.withUnsafeBufferPointer { numbers in
      guard let numbers = numbers.baseAddress else { return }
      for first in stride(from: 0, to: rows, by: Self.group) {
        let count = min(Self.group, rows - first)
        append(Self.four(count) { numbers + (first + $0) * width }, count: width, at: 0, rectified: false)
        endGroup(rows: count)
      }
    }
  }

  var rows: Int { firstRows[firstRows.count - 1] }

  /// Columns of all groups that are there.
  var entries: Int { parts.reduce(0) { $0 + $1.entries } }

  var partCount: Int { parts.count }

  /// - Parameter row: where the numbers of each of one to four rows lie.
  static func four(_ count: Int, _ row: (Int) -> UnsafePointer<Float>) -> Four {
    (row(0), row(min(1, count - 1)), row(min(2, count - 1)), row(count - 1))
  }

  /// Adds columns to the group that is being made.
  /// - Parameters:
  ///   - rows: of the group.
  ///   - count: numbers of each.
  ///   - column: of the first number.
  ///   - rectified: whether negative ones count as 0.
  mutating func append(_ rows: Four, count: Int, at column: Int, rectified: Bool) {
    var first = 0
    while first < count {
      let part = (column + first) / columns
      let end = min(count, (part + 1) * columns - column)
      parts[part].append(
        (rows.0 + first, rows.1 + first, rows.2 + first, rows.3 + first), count: end - first, at: column + first,
        rectified: rectified)
      first = end
    }
  }

  /// What is appended next belongs to another group.
  /// - Parameter rows: of the group that was made.
  mutating func endGroup(rows: Int) {
    for part in parts.indices { parts[part].endGroup() }
    firstRows.append(self.rows + rows)
  }

  /// Forgets the rows and keeps their room.
  mutating func removeAll() {
    for part in parts.indices { parts[part].removeAll() }
    firstRows.removeSubrange(1...)
  }

  /// Calls `body` with what lies in some columns.
  func withPart(_ part: Int, _ body: (sparse_rows) -> Void) {
    firstRows.withUnsafeBufferPointer { parts[part].withRows($0, body) }
  }
}

/// The entries of some columns.
private struct SparsePart {
  /// Where each group's entries begin, and where the last one's end.
  private var starts = [0]
  /// Of the entries: column, and the number of each of four rows; memory after the last one is undefined.
  private var indices: [Int32]
  private var values: [Float]
  private(set) var entries = 0

  /// - Parameter capacity: entries that there is room for at once.
  init(capacity: Int) { (indices, values) = Self.room(capacity) }

  private static func room(_ capacity: Int) -> (indices: [Int32], values: [Float]) {
    (
      [Int32](unsafeUninitializedCapacity: capacity) { $1 = capacity },
      [Float](unsafeUninitializedCapacity: SparseRows.group * capacity) { $1 = SparseRows.group * capacity }
    )
  }

  mutating func append(_ rows: SparseRows.Four, count: Int, at column: Int, rectified: Bool) {
    if indices.count < entries + count {
      let more = Self.room(max(indices.count, count))
      indices += more.indices
      values += more.values
    }
    let start = entries
    entries = indices.withUnsafeMutableBufferPointer { indices in
      values.withUnsafeMutableBufferPointer { values in
        rectified
          ? Self.gather(rows, count, column, start, indices, values) { $0.replacing(with: 0, where: .!($0 .> 0)) }
          : Self.gather(rows, count, column, start, indices, values) { $0 }
      }
    }
  }

  /// Writes every column and goes on from those that count, because nothing foretells a branch; four columns of four rows at a
  /// time.
  @inline(__always)
  private static func gather(
    _ rows: SparseRows.Four, _ count: Int, _ column: Int, _ start: Int, _ indices: UnsafeMutableBufferPointer<Int32>,
    _ values: UnsafeMutableBufferPointer<Float>, activation: (SIMD4<Float>) -> SIMD4<Float>
  ) -> Int {
    guard let numbers = values.baseAddress else { return start }
    var entry = start
    @inline(__always) func add(_ index: Int, _ four: SIMD4<Float>, _ counts: UInt32) {
      indices[entry] = Int32(truncatingIfNeeded: column &+ index)
      UnsafeMutableRawPointer(numbers + SparseRows.group &* entry).storeBytes(of: four, as: SIMD4<Float>.self)
      entry &+= Int(truncatingIfNeeded: counts)
    }
    @inline(__always) func four(_ row: UnsafePointer<Float>, _ index: Int) -> SIMD4<Float> {
      activation(UnsafeRawPointer(row + index).loadUnaligned(as: SIMD4<Float>.self))
    }
    forEachFour(of: count) { index in
      let (a, b, c, d) = (four(rows.0, index), four(rows.1, index), four(rows.2, index), four(rows.3, index))
      let counts = isThere(a, b, c, d)
      add(index, SIMD4(a.x, b.x, c.x, d.x), counts.x)
      add(index &+ 1, SIMD4(a.y, b.y, c.y, d.y), counts.y)
      add(index &+ 2, SIMD4(a.z, b.z, c.z, d.z), counts.z)
      add(index &+ 3, SIMD4(a.w, b.w, c.w, d.w), counts.w)
    } rest: { index in
      let numbers = activation(SIMD4(rows.0[index], rows.1[index], rows.2[index], rows.3[index]))
      add(index, numbers, any(numbers .!= 0) ? 1 : 0)
    }
    return entry
  }

  /// 1 where one of four numbers is not 0: 0 and -0 have no bit but the sign's.
  @inline(__always)
  private static func isThere(
    _ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>
  ) -> SIMD4<UInt32> {
    func bits(_ numbers: SIMD4<Float>) -> SIMD4<UInt32> { unsafeBitCast(numbers, to: SIMD4<UInt32>.self) }
    let bits = (bits(a) | bits(b) | bits(c) | bits(d)) &<< 1
    return (bits | (0 &- bits)) &>> 31
  }

  mutating func endGroup() { starts.append(entries) }

  mutating func removeAll() {
    starts.removeSubrange(1...)
    entries = 0
  }

  func withRows(_ firstRows: UnsafeBufferPointer<Int>, _ body: (sparse_rows) -> Void) {
    starts.withUnsafeBufferPointer { starts in
      indices.withUnsafeBufferPointer { indices in
        values.withUnsafeBufferPointer { values in
          body(
            sparse_rows(
              groups: firstRows.count - 1, rows: firstRows.baseAddress, starts: starts.baseAddress,
              indices: indices.baseAddress, values: values.baseAddress))
        }
      }
    }
  }
}
