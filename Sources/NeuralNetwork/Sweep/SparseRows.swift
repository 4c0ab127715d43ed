import CProcessor

/// Rows of numbers in groups of up to eight neighbours: of each group, the columns where at least one row is not 0.
///
/// Products with weights take a group at once, because reading the weights takes longer than multiplying one row by them; rows
/// that are alike have their zeros in the same places. They take some columns at a time, whose entries lie together.
struct SparseRows {
  /// Rows of a group at most.
  static let group = sparse_rows_per_group

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
        append(GroupRows(count) { numbers + (first + $0) * width }, count: width, at: 0, rectified: false)
        endGroup(rows: count)
      }
    }
  }

  var rows: Int { firstRows[firstRows.count - 1] }

  /// Columns of all groups that are there.
  var entries: Int { parts.reduce(0) { $0 + $1.entries } }

  var partCount: Int { parts.count }

  /// Adds columns to the group that is being made.
  /// - Parameters:
  ///   - rows: of the group.
  ///   - count: numbers of each.
  ///   - column: of the first number.
  ///   - rectified: whether negative ones count as 0.
  mutating func append(_ rows: GroupRows, count: Int, at column: Int, rectified: Bool) {
    var first = 0
    while first < count {
      let part = (column + first) / columns
      let end = min(count, (part + 1) * columns - column)
      parts[part].append(rows.from(first), count: end - first, at: column + first, rectified: rectified)
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

/// Where the numbers of a group's rows lie, those of missing rows where the last one's do.
struct GroupRows {
  private var a, b, c, d, e, f, g, h: UnsafePointer<Float>

  /// - Parameters:
  ///   - count: one to eight rows.
  ///   - row: where a row's numbers lie.
  init(_ count: Int, _ row: (Int) -> UnsafePointer<Float>) {
    func place(_ index: Int) -> UnsafePointer<Float> { row(min(index, count - 1)) }
    (a, b, c, d) = (place(0), place(1), place(2), place(3))
    (e, f, g, h) = (place(4), place(5), place(6), place(7))
  }

  /// The rows from a later number on.
  func from(_ index: Int) -> GroupRows {
    var rows = self
    (rows.a, rows.b, rows.c, rows.d) = (a + index, b + index, c + index, d + index)
    (rows.e, rows.f, rows.g, rows.h) = (e + index, f + index, g + index, h + index)
    return rows
  }

  /// A number of each row, or something made of its place.
  @inline(__always)
  func map<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Eight<Result> {
    Eight(low: (body(a), body(b), body(c), body(d)), high: (body(e), body(f), body(g), body(h)))
  }
}

/// One thing of each row of a group.
struct Eight<Element> {
  let low: (Element, Element, Element, Element), high: (Element, Element, Element, Element)
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
      [Int32](unsafeUninitializedCapacity: capacity + sparse_entries_ahead) { $1 = capacity + sparse_entries_ahead },
      [Float](unsafeUninitializedCapacity: SparseRows.group * capacity) { $1 = SparseRows.group * capacity }
    )
  }

  mutating func append(_ rows: GroupRows, count: Int, at column: Int, rectified: Bool) {
    if values.count < SparseRows.group * (entries + count) {
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

  /// Writes every column and goes on from those that count, because nothing foretells a branch; four columns of a group's rows at
  /// a time.
  @inline(__always)
  private static func gather(
    _ rows: GroupRows, _ count: Int, _ column: Int, _ start: Int, _ indices: UnsafeMutableBufferPointer<Int32>,
    _ values: UnsafeMutableBufferPointer<Float>, activation: (SIMD4<Float>) -> SIMD4<Float>
  ) -> Int {
    guard let numbers = values.baseAddress else { return start }
    var entry = start
    @inline(__always) func add(_ index: Int, _ low: SIMD4<Float>, _ high: SIMD4<Float>, _ counts: UInt32) {
      indices[entry] = Int32(truncatingIfNeeded: column &+ index)
      let place = UnsafeMutableRawPointer(numbers + SparseRows.group &* entry)
      place.storeBytes(of: low, as: SIMD4<Float>.self)
      place.storeBytes(of: high, toByteOffset: 16, as: SIMD4<Float>.self)
      entry &+= Int(truncatingIfNeeded: counts)
    }
    forEachFour(of: count) { index in
      let eight = rows.map { activation(UnsafeRawPointer($0 + index).loadUnaligned(as: SIMD4<Float>.self)) }
      let ((a, b, c, d), (e, f, g, h)) = (eight.low, eight.high)
      let counts = isThere(bits(a) | bits(b) | bits(c) | bits(d) | bits(e) | bits(f) | bits(g) | bits(h))
      add(index, SIMD4(a.x, b.x, c.x, d.x), SIMD4(e.x, f.x, g.x, h.x), counts.x)
      add(index &+ 1, SIMD4(a.y, b.y, c.y, d.y), SIMD4(e.y, f.y, g.y, h.y), counts.y)
      add(index &+ 2, SIMD4(a.z, b.z, c.z, d.z), SIMD4(e.z, f.z, g.z, h.z), counts.z)
      add(index &+ 3, SIMD4(a.w, b.w, c.w, d.w), SIMD4(e.w, f.w, g.w, h.w), counts.w)
    } rest: { index in
      let eight = rows.map { $0[index] }
      let ((a, b, c, d), (e, f, g, h)) = (eight.low, eight.high)
      let (low, high) = (activation(SIMD4(a, b, c, d)), activation(SIMD4(e, f, g, h)))
      add(index, low, high, any((low .!= 0) .| (high .!= 0)) ? 1 : 0)
    }
    return entry
  }

  @inline(__always)
  private static func bits(_ numbers: SIMD4<Float>) -> SIMD4<UInt32> {
    unsafeBitCast(numbers, to: SIMD4<UInt32>.self)
  }

  /// 1 where one of some numbers, whose bits these are, is not 0: 0 and -0 have no bit but the sign's.
  @inline(__always)
  private static func isThere(_ bits: SIMD4<UInt32>) -> SIMD4<UInt32> {
    let bits = bits &<< 1
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
