import CProcessor

/// Outputs of a sparse product that are computed at once: four vectors, twice over, so that eight sums run side by side.
public let outputsPerTile = 4 * Lanes.scalarCount

/// One tile of outputs of a dense layer for sparse rows: output = bias + the sum of value x weights[index].
///
/// - Parameters:
///   - count: rows.
///   - starts: (count + 1): where each row's entries begin.
///   - indices, values: of the entries: an input, and its number.
///   - weights: (inputs, outputsPerTile)
///   - bias: (outputsPerTile)
///   - output: (count, pitch): `outputsPerTile` numbers are written to each row.
public func multiplySparse(
  _ count: Int, starts: UnsafePointer<Int>, indices: UnsafePointer<Int32>, values: UnsafePointer<Float>,
  weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pitch: Int
) {
  let bias = Quad(bias)
  for row in 0..<count {
    let tile = sparseTile(bias, starts[row], starts[row &+ 1], indices, values, weights)
    tile.store(to: output + row &* pitch)
  }
}

/// As `multiplySparse`, but keeps only each row's largest output; of equal ones the lowest.
///
/// - Parameters:
///   - first: the class of the tile's first output; at 0 the row's `best` and `classes` are set anew.
///   - best: (count): each row's largest output so far.
///   - classes: (count): which one that is.
public func largestSparse(
  _ count: Int, starts: UnsafePointer<Int>, indices: UnsafePointer<Int32>, values: UnsafePointer<Float>,
  weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, first: Int32, best: UnsafeMutablePointer<Float>,
  classes: UnsafeMutablePointer<Int32>
) {
  let bias = Quad(bias)
  for row in 0..<count {
    let tile = sparseTile(bias, starts[row], starts[row &+ 1], indices, values, weights)
    if first == 0 {
      best[row] = tile.a[0]
      classes[row] = 0
    }
    guard tile.hasAny(above: best[row]) else { continue }
    withUnsafeBytes(of: tile) { tile in
      let tile = tile.bindMemory(to: Float.self)
      for index in 0..<outputsPerTile where tile[index] > best[row] {
        best[row] = tile[index]
        classes[row] = first &+ Int32(truncatingIfNeeded: index)
      }
    }
  }
}

@inline(__always)
private func sparseTile(
  _ bias: Quad, _ start: Int, _ end: Int, _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Float>,
  _ weights: UnsafePointer<Float>
) -> Quad {
  var (even, odd) = (bias, Quad())
  var entry = start
  while entry &+ 1 < end {
    even.add(weights + Int(indices[entry]) &* outputsPerTile, times: Lanes(repeating: values[entry]))
    odd.add(weights + Int(indices[entry &+ 1]) &* outputsPerTile, times: Lanes(repeating: values[entry &+ 1]))
    entry &+= 2
  }
  if entry < end {
    even.add(weights + Int(indices[entry]) &* outputsPerTile, times: Lanes(repeating: values[entry]))
  }
  return Quad(a: even.a + odd.a, b: even.b + odd.b, c: even.c + odd.c, d: even.d + odd.d)
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

/// Four vectors of neighbouring outputs.
private struct Quad {
  var a = Lanes(), b = Lanes(), c = Lanes(), d = Lanes()

  @inline(__always)
  init(a: Lanes = Lanes(), b: Lanes = Lanes(), c: Lanes = Lanes(), d: Lanes = Lanes()) {
    (self.a, self.b, self.c, self.d) = (a, b, c, d)
  }

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>) {
    self.init(
      a: read(numbers), b: read(numbers + laneCount), c: read(numbers + 2 &* laneCount),
      d: read(numbers + 3 &* laneCount))
  }

  @inline(__always)
  mutating func add(_ row: UnsafePointer<Float>, times value: Lanes) {
    a = multiplyAdd(a, value, read(row))
    b = multiplyAdd(b, value, read(row + laneCount))
    c = multiplyAdd(c, value, read(row + 2 &* laneCount))
    d = multiplyAdd(d, value, read(row + 3 &* laneCount))
  }

  @inline(__always)
  func store(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
    writeLanes(c, to: numbers + 2 &* laneCount)
    writeLanes(d, to: numbers + 3 &* laneCount)
  }

  @inline(__always)
  func hasAny(above best: Float) -> Bool {
    let best = Lanes(repeating: best)
    return any((a .> best) .| (b .> best) .| (c .> best) .| (d .> best))
  }
}
