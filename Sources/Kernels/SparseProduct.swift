import CProcessor

/// Outputs of a sparse product that are computed at once: a column of vectors, for each of four rows. Weights come from the
/// second-level cache, which would keep two rows waiting.
public let outputsPerTile = Column.count * Lanes.scalarCount

/// One tile of outputs of a dense layer for sparse rows, over some of their entries: output = bias + the sum of
/// value x weights[index], or += that sum.
///
/// - Parameters:
///   - weights: (inputs, outputsPerTile)
///   - bias: (outputsPerTile); nil where the output holds what the sums begin with.
///   - output: (rows, pitch): `outputsPerTile` numbers are written to each row.
public func multiplySparse(
  _ rows: sparse_rows, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
  output: UnsafeMutablePointer<Float>, pitch: Int
) {
  for group in 0..<rows.groups {
    let (first, last) = (rows.rows[group], rows.rows[group &+ 1] &- 1)
    if first == last {
      let sum = rows.sum(of: group, bias ?? UnsafePointer(output + first &* pitch), weights)
      sum.write(to: output + first &* pitch)
      continue
    }
    func begin(_ row: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> { bias ?? UnsafePointer(row) }
    // A row that is missing has the last one's numbers, and its sums are written there once more.
    let (a, b) = (output + first &* pitch, output + (first &+ 1) &* pitch)
    let (c, d) = (output + min(first &+ 2, last) &* pitch, output + last &* pitch)
    let sums = rows.sums(of: group, (begin(a), begin(b), begin(c), begin(d)), weights)
    sums.a.write(to: a)
    sums.b.write(to: b)
    sums.c.write(to: c)
    sums.d.write(to: d)
  }
}

/// As `multiplySparse`, but keeps only each row's largest output; of equal ones the lowest.
///
/// - Parameters:
///   - first: the class of the tile's first output; at 0 the row's `best` and `classes` are reset.
///   - best: (rows): each row's largest output so far.
///   - classes: (rows): which one that is.
public func largestSparse(
  _ rows: sparse_rows, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, first: Int32,
  best: UnsafeMutablePointer<Float>, classes: UnsafeMutablePointer<Int32>
) {
  for group in 0..<rows.groups {
    let (row, last) = (rows.rows[group], rows.rows[group &+ 1] &- 1)
    if row == last {
      keepLargest(of: rows.sum(of: group, bias, weights), first, best + row, classes + row)
      continue
    }
    let sums = rows.sums(of: group, (bias, bias, bias, bias), weights)
    let third = min(row &+ 2, last)
    keepLargest(of: sums.a, first, best + row, classes + row)
    keepLargest(of: sums.b, first, best + (row &+ 1), classes + (row &+ 1))
    keepLargest(of: sums.c, first, best + third, classes + third)
    keepLargest(of: sums.d, first, best + last, classes + last)
  }
}

@inline(__always)
private func keepLargest(
  of tile: Column, _ first: Int32, _ best: UnsafeMutablePointer<Float>, _ found: UnsafeMutablePointer<Int32>
) {
  if first == 0 {
    best.pointee = tile.a[0]
    found.pointee = 0
  }
  guard tile.hasAny(above: best.pointee) else { return }
  withUnsafeBytes(of: tile) { tile in
    let tile = tile.bindMemory(to: Float.self)
    for index in 0..<outputsPerTile where tile[index] > best.pointee {
      best.pointee = tile[index]
      found.pointee = first &+ Int32(truncatingIfNeeded: index)
    }
  }
}

extension sparse_rows {
  /// A tile of a group's four rows.
  /// - Parameter beginnings: (outputsPerTile) of each row: what its sums begin with.
  @inline(__always)
  fileprivate func sums(
    of group: Int,
    _ beginnings: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>),
    _ weights: UnsafePointer<Float>
  ) -> (a: Column, b: Column, c: Column, d: Column) {
    var (a, b) = (Column(reading: beginnings.0), Column(reading: beginnings.1))
    var (c, d) = (Column(reading: beginnings.2), Column(reading: beginnings.3))
    for entry in starts[group]..<starts[group &+ 1] {
      let factors = Column(reading: weights + Int(indices[entry]) &* outputsPerTile)
      let row = values + 4 &* entry
      a.add(Lanes(repeating: row[0]), times: factors)
      b.add(Lanes(repeating: row[1]), times: factors)
      c.add(Lanes(repeating: row[2]), times: factors)
      d.add(Lanes(repeating: row[3]), times: factors)
    }
    return (a, b, c, d)
  }

  /// A tile of a group's only row.
  @inline(__always)
  fileprivate func sum(
    of group: Int, _ beginning: UnsafePointer<Float>, _ weights: UnsafePointer<Float>
  ) -> Column {
    var sum = Column(reading: beginning)
    for entry in starts[group]..<starts[group &+ 1] {
      let factors = Column(reading: weights + Int(indices[entry]) &* outputsPerTile)
      sum.add(Lanes(repeating: values[4 &* entry]), times: factors)
    }
    return sum
  }
}

/// Adds one channel of an image's map to the sums of a layer that is linear in it.
///
/// - Parameters:
///   - values: (positions, channels), from the channel's first number on.
///   - tapStarts: (positions + 1): where each position's taps begin.
///   - weights: (places, channels, width), from the channel's first row on.
///   - width: outputs of a tap, a multiple of `laneCount`.
///   - sums: what the taps' offsets count from.
/// - Returns: whether any of the channel's numbers is not 0.
public func addChannel(
  _ values: UnsafePointer<Float>, positions: Int, channels: Int, tapStarts: UnsafePointer<Int>,
  taps: UnsafePointer<sweep_tap>, weights: UnsafePointer<Float>, width: Int, sums: UnsafeMutablePointer<Float>
) -> Bool {
  var changes = false
  for position in 0..<positions {
    let value = values[position &* channels]
    guard value != 0 else { continue }
    changes = true
    let factor = Lanes(repeating: value)
    for index in tapStarts[position]..<tapStarts[position &+ 1] {
      let row = weights + taps[index].place &* channels &* width
      let sum = sums + taps[index].offset
      var output = 0
      while output < width {
        writeLanes(multiplyAdd(read(sum + output), factor, read(row + output)), to: sum + output)
        output &+= laneCount
      }
    }
  }
  return changes
}
