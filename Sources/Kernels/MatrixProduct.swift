// The product of matrices, in blocks as by Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM
// TOMS 2008, §4: a panel of the right factor stays in the first-level cache while rows of the left one pass it. Deviates: the
// left factor is read where it lies. A block boundary stores a sum and reads it back, which changes no bit of it.

/// Columns of a tile, which are also those of a packed panel.
public var columnsPerTile: Int { @inline(__always) get { 2 &* laneCount } }
/// Numbers of a sum between two stores: a panel takes 16 KB, half of a first-level cache.
var innerPerBlock: Int { @inline(__always) get { 4096 / columnsPerTile } }
/// Columns that are packed together: 1 MB at most.
private let columnsPerBlock = 1024
/// Rows that pass one panel after another, so that they come from the second-level cache.
let rowsPerBlock = 96
/// Packing a panel pays from this many rows on.
private let rowsThatPack = 9

/// How many floats of working memory `multiplyMatrices` needs.
public func matrixProductFloats(rows: Int, inner: Int, columns: Int) -> Int {
  let strip = columns % laneCount == 0 ? 0 : inner * laneCount
  guard rows >= rowsThatPack else { return strip }
  return max(strip, min(inner, innerPerBlock) * (min(columns, columnsPerBlock) + min(rows, rowsPerBlock)))
}

/// result = left x right, or result += left x right: each number is one chain of fused multiply-adds over `inner` in ascending
/// order, from 0 or from what the result holds.
///
/// - Parameters:
///   - rows, inner, columns: left is (rows, inner), right (inner, columns), the result (rows, columns); all positive.
///   - left: where a number of row i and column k lies: left[i * leftRow + k * leftInner].
///   - right: row-major, `rightPitch` from one row to the next.
///   - result: row-major, `resultPitch` from one row to the next.
///   - memory: `matrixProductFloats` floats.
public func multiplyMatrices(
  rows: Int, inner: Int, columns: Int, left: UnsafePointer<Float>, leftRow: Int, leftInner: Int,
  right: UnsafePointer<Float>, rightPitch: Int, result: UnsafeMutablePointer<Float>, resultPitch: Int,
  accumulates: Bool, memory: UnsafeMutablePointer<Float>
) {
  let tiled = columns / columnsPerTile &* columnsPerTile
  for column in stride(from: 0, to: tiled, by: columnsPerBlock) {
    let width = min(columnsPerBlock, tiled &- column)
    for start in stride(from: 0, to: inner, by: innerPerBlock) {
      let depth = min(innerPerBlock, inner &- start)
      let factors = Factors(left: left + start &* leftInner, row: leftRow, step: leftInner, rows: rows, inner: depth)
      let beginning = Beginning(numbers: accumulates || start > 0 ? UnsafePointer(result) : nil, pitch: resultPitch)
      multiplyBlock(
        factors, columns: width, right + start &* rightPitch + column, rightPitch, result + column, resultPitch,
        beginning.from(column: column), memory)
    }
  }
  let factors = Factors(left: left, row: leftRow, step: leftInner, rows: rows, inner: inner)
  for column in stride(from: tiled, to: columns, by: laneCount) {
    multiplyStrip(
      factors, count: min(laneCount, columns &- column), right + column, rightPitch, result + column, resultPitch,
      accumulates: accumulates, memory)
  }
}

/// What the sums of a product begin with.
struct Beginning {
  /// Of a row, `pitch` from one to the next, which is 0 where all rows begin with the same; nil for zeros.
  let numbers: UnsafePointer<Float>?
  let pitch: Int

  /// The same from a later column on.
  @inline(__always)
  func from(column: Int) -> Beginning { Beginning(numbers: numbers.map { $0 + column }, pitch: pitch) }

  /// The same from a later row on.
  @inline(__always)
  func from(row: Int) -> Beginning { from(column: row &* pitch) }

  /// A pair of a row; one beyond the last one is the last one again.
  @inline(__always)
  func pair(_ index: Int, of factors: Factors) -> Pair {
    numbers.map { Pair($0 + factors.place(index, pitch)) } ?? Pair()
  }
}

/// The left factor's part of a block.
struct Factors {
  let left: UnsafePointer<Float>
  let row: Int, step: Int, rows: Int, inner: Int

  /// A row; one beyond the last one is the last one again.
  @inline(__always)
  func start(_ index: Int) -> UnsafePointer<Float> { left + min(index, rows &- 1) &* row }

  /// Offset of a row of the result.
  @inline(__always)
  func place(_ index: Int, _ pitch: Int) -> Int { min(index, rows &- 1) &* pitch }
}

/// All rows by the columns of a block, whole tiles of them, over the block's part of the sums.
private func multiplyBlock(
  _ factors: Factors, columns: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ beginning: Beginning, _ memory: UnsafeMutablePointer<Float>
) {
  let packs = factors.rows >= rowsThatPack
  let panelPitch = packs ? columnsPerTile : rightPitch
  if packs { pack(right, rightPitch, inner: factors.inner, columns: columns, to: memory) }
  // Rows of a transposed factor are read one number from each of many lines, which are brought together.
  let copies = packs && factors.row == 1 && factors.step > rowsPerBlock
  let copied = memory + factors.inner &* columns
  for first in stride(from: 0, to: factors.rows, by: rowsPerBlock) {
    let end = min(first &+ rowsPerBlock, factors.rows)
    var block = Factors(
      left: factors.left + first &* factors.row, row: factors.row, step: factors.step, rows: end &- first,
      inner: factors.inner)
    if copies { block = copiedRows(block, to: copied) }
    for column in stride(from: 0, to: columns, by: columnsPerTile) {
      let panel = packs ? UnsafePointer(memory) + column &* factors.inner : right + column
      multiplyTiles(
        block, 0, block.rows, panel, panelPitch, result + (first &* pitch &+ column), pitch,
        beginning.from(row: first).from(column: column))
    }
  }
}

/// Rows of a transposed factor, one number of all of them behind the other.
private func copiedRows(_ factors: Factors, to memory: UnsafeMutablePointer<Float>) -> Factors {
  var source = factors.left
  var target = memory
  for _ in 0..<factors.inner {
    forEachVector(of: factors.rows) { index, width in writePart(part(source + index, width), to: target + index, width)
    }
    source += factors.step
    target += factors.rows
  }
  return Factors(left: memory, row: 1, step: factors.rows, rows: factors.rows, inner: factors.inner)
}

/// Some rows by the columns of one panel.
@inline(__always)
func multiplyTiles(
  _ factors: Factors, _ first: Int, _ end: Int, _ panel: UnsafePointer<Float>, _ panelPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ beginning: Beginning
) {
  var row = first
  while row < end {
    let few = end &- row <= 4
    if few {
      multiplyFour(factors, row, panel, panelPitch, result, pitch, beginning)
    } else {
      multiplySix(factors, row, panel, panelPitch, result, pitch, beginning)
    }
    row &+= few ? 4 : 6
  }
}

/// Panels of `columnsPerTile` columns, each with its rows one behind the other; four panels at a time, so that a row is read
/// in longer parts.
private func pack(
  _ right: UnsafePointer<Float>, _ pitch: Int, inner: Int, columns: Int, to memory: UnsafeMutablePointer<Float>
) {
  let panelFloats = inner &* columnsPerTile
  var column = 0
  while column < columns {
    let count = min(4, (columns &- column) / columnsPerTile)
    var source = right + column
    var target = memory + column &* inner
    for _ in 0..<inner {
      for index in 0..<count {
        Pair(source + index &* columnsPerTile).write(to: target + index &* panelFloats)
      }
      source += pitch
      target += columnsPerTile
    }
    column &+= count &* columnsPerTile
  }
}

/// Six rows by the columns of a tile: 12 sums, a pair of columns and a number of the left factor fill 15 of 16 registers.
@inline(__always)
private func multiplySix(
  _ factors: Factors, _ row: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ beginning: Beginning
) {
  let places = (
    result + factors.place(row, pitch), result + factors.place(row &+ 1, pitch),
    result + factors.place(row &+ 2, pitch), result + factors.place(row &+ 3, pitch),
    result + factors.place(row &+ 4, pitch), result + factors.place(row &+ 5, pitch)
  )
  @inline(__always) func begin(_ index: Int) -> Pair { beginning.pair(row &+ index, of: factors) }
  var (p, q, r, s, t, u) = (begin(0), begin(1), begin(2), begin(3), begin(4), begin(5))
  let (a, b, c) = (factors.start(row), factors.start(row &+ 1), factors.start(row &+ 2))
  let (d, e, f) = (factors.start(row &+ 3), factors.start(row &+ 4), factors.start(row &+ 5))
  var panel = right
  var index = 0
  for _ in 0..<factors.inner {
    let pair = Pair(panel)
    p.add(Lanes(repeating: a[index]), times: pair)
    q.add(Lanes(repeating: b[index]), times: pair)
    r.add(Lanes(repeating: c[index]), times: pair)
    s.add(Lanes(repeating: d[index]), times: pair)
    t.add(Lanes(repeating: e[index]), times: pair)
    u.add(Lanes(repeating: f[index]), times: pair)
    panel += rightPitch
    index &+= factors.step
  }
  p.write(to: places.0)
  q.write(to: places.1)
  r.write(to: places.2)
  s.write(to: places.3)
  t.write(to: places.4)
  u.write(to: places.5)
}

/// Four rows by the columns of a tile, for the last ones.
@inline(__always)
private func multiplyFour(
  _ factors: Factors, _ row: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ beginning: Beginning
) {
  let places = (
    result + factors.place(row, pitch), result + factors.place(row &+ 1, pitch),
    result + factors.place(row &+ 2, pitch), result + factors.place(row &+ 3, pitch)
  )
  @inline(__always) func begin(_ index: Int) -> Pair { beginning.pair(row &+ index, of: factors) }
  var (p, q, r, s) = (begin(0), begin(1), begin(2), begin(3))
  let (a, b, c, d) = (
    factors.start(row), factors.start(row &+ 1), factors.start(row &+ 2), factors.start(row &+ 3)
  )
  var panel = right
  var index = 0
  for _ in 0..<factors.inner {
    let pair = Pair(panel)
    p.add(Lanes(repeating: a[index]), times: pair)
    q.add(Lanes(repeating: b[index]), times: pair)
    r.add(Lanes(repeating: c[index]), times: pair)
    s.add(Lanes(repeating: d[index]), times: pair)
    panel += rightPitch
    index &+= factors.step
  }
  p.write(to: places.0)
  q.write(to: places.1)
  r.write(to: places.2)
  s.write(to: places.3)
}

/// All rows by one vector of columns, of which `count` are there.
private func multiplyStrip(
  _ factors: Factors, count: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, accumulates: Bool, _ memory: UnsafeMutablePointer<Float>
) {
  var (panel, panelPitch) = (right, rightPitch)
  if count < laneCount {
    // A vector would read past the last row's end.
    for k in 0..<factors.inner {
      for index in 0..<laneCount {
        memory[k &* laneCount &+ index] = index < count ? panel[k &* panelPitch &+ index] : 0
      }
    }
    (panel, panelPitch) = (UnsafePointer(memory), laneCount)
  }
  var row = 0
  while row < factors.rows {
    multiplyVectors(
      factors, row, panel, panelPitch, result, pitch, count,
      Beginning(numbers: accumulates ? UnsafePointer(result) : nil, pitch: pitch))
    row &+= 8
  }
}

/// Eight rows by one vector of columns, of which `count` are there.
@inline(__always)
func multiplyVectors(
  _ factors: Factors, _ row: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ count: Int, _ beginning: Beginning
) {
  @inline(__always) func sum(_ index: Int) -> Lanes {
    beginning.numbers.map { part($0 + factors.place(row &+ index, beginning.pitch), count) } ?? Lanes()
  }
  @inline(__always) func write(_ lanes: Lanes, _ index: Int) {
    let place = result + factors.place(row &+ index, pitch)
    if count == laneCount { return writeLanes(lanes, to: place) }
    for lane in 0..<count { place[lane] = lanes[lane] }
  }
  var (a, b, c, d, e, f, g, h) = (sum(0), sum(1), sum(2), sum(3), sum(4), sum(5), sum(6), sum(7))
  let (p, q, r, s) = (
    factors.start(row), factors.start(row &+ 1), factors.start(row &+ 2), factors.start(row &+ 3)
  )
  let (t, u, v, w) = (
    factors.start(row &+ 4), factors.start(row &+ 5), factors.start(row &+ 6), factors.start(row &+ 7)
  )
  var panel = right
  var index = 0
  for _ in 0..<factors.inner {
    let vector: Lanes = read(panel)
    a = multiplyAdd(a, Lanes(repeating: p[index]), vector)
    b = multiplyAdd(b, Lanes(repeating: q[index]), vector)
    c = multiplyAdd(c, Lanes(repeating: r[index]), vector)
    d = multiplyAdd(d, Lanes(repeating: s[index]), vector)
    e = multiplyAdd(e, Lanes(repeating: t[index]), vector)
    f = multiplyAdd(f, Lanes(repeating: u[index]), vector)
    g = multiplyAdd(g, Lanes(repeating: v[index]), vector)
    h = multiplyAdd(h, Lanes(repeating: w[index]), vector)
    panel += rightPitch
    index &+= factors.step
  }
  write(a, 0)
  write(b, 1)
  write(c, 2)
  write(d, 3)
  write(e, 4)
  write(f, 5)
  write(g, 6)
  write(h, 7)
}
