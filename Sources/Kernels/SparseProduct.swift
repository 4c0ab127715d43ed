import CProcessor

/// Outputs of a sparse product that are computed at once, for each of a group's rows.
public let outputsPerTile = 3 * laneCount

/// Inputs whose weights in a tile all rows pass before the next ones: 384 KB, which the second-level cache keeps and from which they
/// are fetched before their turn; or 24 KB, which the first-level one does, where there is no register for eight rows' sums.
public let inputsPerPart = hasManyRegisters ? 2048 : 256

/// A row's outputs of a tile. With those of eight rows, its factors and a value they take 28 of 32 registers, and twice as many
/// products as numbers from a cache; with those of four, 16 of 16.
private struct Outputs {
  var a, b, c: Lanes

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>) {
    (a, b, c) = (read(numbers), read(numbers + laneCount), read(numbers + 2 &* laneCount))
  }

  @inline(__always)
  mutating func add(_ value: Float, times factors: Outputs) {
    let value = Lanes(repeating: value)
    a = multiplyAdd(a, value, factors.a)
    b = multiplyAdd(b, value, factors.b)
    c = multiplyAdd(c, value, factors.c)
  }

  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
    writeLanes(c, to: numbers + 2 &* laneCount)
  }

  @inline(__always)
  func hasAny(above number: Float) -> Bool {
    let number = Lanes(repeating: number)
    return any((a .> number) .| (b .> number) .| (c .> number))
  }
}

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
    rows.forEachOutput(of: group, weights, fetches: true) { row in
      bias ?? UnsafePointer(output + row &* pitch)
    } _: { row, outputs in
      outputs.write(to: output + row &* pitch)
    }
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
    rows.forEachOutput(of: group, weights, fetches: false) { _ in
      bias
    } _: { row, outputs in
      keepLargest(of: outputs, first, best + row, classes + row)
    }
  }
}

@inline(__always)
private func keepLargest(
  of tile: Outputs, _ first: Int32, _ best: UnsafeMutablePointer<Float>, _ found: UnsafeMutablePointer<Int32>
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
  /// Computes a tile of a group's rows.
  /// - Parameters:
  ///   - fetches: whether weights come from further away than the first-level cache.
  ///   - beginning: (outputsPerTile) of a row: what its sums begin with.
  ///   - body: gets each row, and its outputs; of a row that is missing the last one's once more.
  @inline(__always)
  fileprivate func forEachOutput(
    of group: Int, _ weights: UnsafePointer<Float>, fetches: Bool, beginning: (Int) -> UnsafePointer<Float>,
    _ body: (_ row: Int, _ outputs: Outputs) -> Void
  ) {
    let (first, last) = (rows[group], rows[group &+ 1] &- 1)
    @inline(__always) func row(_ index: Int) -> Int { min(first &+ index, last) }
    @inline(__always) func begin(_ index: Int) -> Outputs { Outputs(beginning(row(index))) }
    @inline(__always) func factors(_ entry: Int) -> UnsafePointer<Float> {
      weights + Int(indices[entry]) &* outputsPerTile
    }
    @inline(__always)
    func forEachEntry(fetches: Bool = false, _ body: (_ row: UnsafePointer<Float>, _ factors: Outputs) -> Void) {
      for entry in starts[group]..<starts[group &+ 1] {
        if fetches {
          // Nothing else foresees which column comes next.
          let next = factors(entry &+ sparse_entries_ahead)
          fetch_next(next)
          fetch_next(next + laneCount)
          fetch_next(next + 2 &* laneCount)
        }
        body(values + sparse_rows_per_group &* entry, Outputs(factors(entry)))
      }
    }
    @inline(__always) func four(from first: Int) {
      var (a, b, c, d) = (begin(first), begin(first &+ 1), begin(first &+ 2), begin(first &+ 3))
      forEachEntry { row, factors in
        a.add(row[first], times: factors)
        b.add(row[first &+ 1], times: factors)
        c.add(row[first &+ 2], times: factors)
        d.add(row[first &+ 3], times: factors)
      }
      body(row(first), a)
      body(row(first &+ 1), b)
      body(row(first &+ 2), c)
      body(row(first &+ 3), d)
    }
    if first == last {
      var a = begin(0)
      forEachEntry { row, factors in a.add(row[0], times: factors) }
      body(first, a)
    } else if last &- first < 4 {
      four(from: 0)
    } else if !hasManyRegisters {
      four(from: 0)
      four(from: 4)
    } else {
      var (a, b, c, d) = (begin(0), begin(1), begin(2), begin(3))
      var (e, f, g, h) = (begin(4), begin(5), begin(6), begin(7))
      forEachEntry(fetches: fetches) { row, factors in
        a.add(row[0], times: factors)
        b.add(row[1], times: factors)
        c.add(row[2], times: factors)
        d.add(row[3], times: factors)
        e.add(row[4], times: factors)
        f.add(row[5], times: factors)
        g.add(row[6], times: factors)
        h.add(row[7], times: factors)
      }
      body(row(0), a)
      body(row(1), b)
      body(row(2), c)
      body(row(3), d)
      body(row(4), e)
      body(row(5), f)
      body(row(6), g)
      body(row(7), h)
    }
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
