import CProcessor

/// Outputs of a sparse product that are computed at once: four vectors, for two rows, so that eight sums run side by side.
public let outputsPerTile = 4 * Lanes.scalarCount

/// One tile of outputs of a dense layer for pairs of sparse rows, over some of their entries: output = bias + the sum of
/// value x weights[index], or += that sum.
///
/// - Parameters:
///   - count: pairs.
///   - order: (count): which pair is taken when.
///   - starts, ends: (count): where each pair's entries begin and end.
///   - indices, values: of the entries: an input, and both rows' numbers.
///   - weights: (inputs, outputsPerTile)
///   - bias: (outputsPerTile); nil where the output holds what the sums begin with.
///   - output: (2 x count, pitch): `outputsPerTile` numbers are written to each row.
public func multiplySparse(
  _ count: Int, order: UnsafePointer<Int>, starts: UnsafePointer<Int>, ends: UnsafePointer<Int>,
  indices: UnsafePointer<Int32>, values: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>?, output: UnsafeMutablePointer<Float>, pitch: Int
) {
  let first = bias.map { Quad($0) }
  for place in 0..<count {
    let pair = order[place]
    let (one, other) = (output + 2 &* pair &* pitch, output + (2 &* pair &+ 1) &* pitch)
    let sums = sparseTile(
      (first ?? Quad(one), first ?? Quad(other)), starts[pair], ends[pair], indices, values, weights)
    sums.0.store(to: one)
    sums.1.store(to: other)
  }
}

/// As `multiplySparse`, but keeps only each row's largest output; of equal ones the lowest.
///
/// - Parameters:
///   - first: the class of the tile's first output; at 0 the row's `best` and `classes` are reset.
///   - best: (2 x count): each row's largest output so far.
///   - classes: (2 x count): which one that is.
public func largestSparse(
  _ count: Int, starts: UnsafePointer<Int>, indices: UnsafePointer<Int32>, values: UnsafePointer<Float>,
  weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, first: Int32, best: UnsafeMutablePointer<Float>,
  classes: UnsafeMutablePointer<Int32>
) {
  let bias = Quad(bias)
  for pair in 0..<count {
    let (one, other) = sparseTile((bias, bias), starts[pair], starts[pair &+ 1], indices, values, weights)
    keepLargest(of: one, first, best + 2 &* pair, classes + 2 &* pair)
    keepLargest(of: other, first, best + (2 &* pair &+ 1), classes + (2 &* pair &+ 1))
  }
}

@inline(__always)
private func keepLargest(
  of tile: Quad, _ first: Int32, _ best: UnsafeMutablePointer<Float>, _ found: UnsafeMutablePointer<Int32>
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

@inline(__always)
private func sparseTile(
  _ sums: (Quad, Quad), _ start: Int, _ end: Int, _ indices: UnsafePointer<Int32>, _ values: UnsafePointer<Float>,
  _ weights: UnsafePointer<Float>
) -> (Quad, Quad) {
  var (one, other) = sums
  for entry in start..<end {
    let factors = Quad(weights + Int(indices[entry]) &* outputsPerTile)
    one.add(factors, times: Lanes(repeating: values[2 &* entry]))
    other.add(factors, times: Lanes(repeating: values[2 &* entry &+ 1]))
  }
  return (one, other)
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
  var a: Lanes, b: Lanes, c: Lanes, d: Lanes

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>) {
    a = read(numbers)
    b = read(numbers + laneCount)
    c = read(numbers + 2 &* laneCount)
    d = read(numbers + 3 &* laneCount)
  }

  @inline(__always)
  mutating func add(_ factors: Quad, times value: Lanes) {
    a = multiplyAdd(a, value, factors.a)
    b = multiplyAdd(b, value, factors.b)
    c = multiplyAdd(c, value, factors.c)
    d = multiplyAdd(d, value, factors.d)
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
