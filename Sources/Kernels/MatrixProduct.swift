/// Columns of a product that are computed at once.
private var columnsPerTile: Int { @inline(__always) get { 2 &* laneCount } }

/// How many floats of working memory `multiplyMatrices` needs.
public func matrixProductFloats(inner: Int, columns: Int) -> Int {
  columns % laneCount == 0 ? 0 : inner * laneCount
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
  let factors = Factors(left: left, row: leftRow, step: leftInner, rows: rows, inner: inner)
  var column = 0
  while column &+ columnsPerTile <= columns {
    var row = 0
    while row < rows {
      multiplyPairs(factors, row, right + column, rightPitch, result + column, resultPitch, accumulates)
      row &+= 4
    }
    column &+= columnsPerTile
  }
  while column < columns {
    let count = min(laneCount, columns &- column)
    var (panel, pitch) = (right + column, rightPitch)
    if count < laneCount {
      // A vector would read past the last row's end.
      for k in 0..<inner {
        for index in 0..<laneCount {
          memory[k &* laneCount &+ index] = index < count ? panel[k &* pitch &+ index] : 0
        }
      }
      (panel, pitch) = (UnsafePointer(memory), laneCount)
    }
    var row = 0
    while row < rows {
      multiplyVectors(factors, row, panel, pitch, result + column, resultPitch, count, accumulates)
      row &+= 8
    }
    column &+= laneCount
  }
}

/// The left factor; a row beyond the last one is the last one again.
private struct Factors {
  let left: UnsafePointer<Float>
  let row: Int, step: Int, rows: Int, inner: Int

  @inline(__always)
  func start(_ index: Int) -> UnsafePointer<Float> { left + min(index, rows &- 1) &* row }

  /// Offsets into the result's rows.
  @inline(__always)
  func place(_ index: Int, _ pitch: Int) -> Int { min(index, rows &- 1) &* pitch }
}

/// Four rows by two vectors of columns.
@inline(__always)
private func multiplyPairs(
  _ factors: Factors, _ row: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ accumulates: Bool
) {
  let places = (
    result + factors.place(row, pitch), result + factors.place(row &+ 1, pitch),
    result + factors.place(row &+ 2, pitch), result + factors.place(row &+ 3, pitch)
  )
  var (p, q, r, s) = (Pair(), Pair(), Pair(), Pair())
  if accumulates { (p, q, r, s) = (Pair(places.0), Pair(places.1), Pair(places.2), Pair(places.3)) }
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

/// Eight rows by one vector of columns, of which `count` are there.
@inline(__always)
private func multiplyVectors(
  _ factors: Factors, _ row: Int, _ right: UnsafePointer<Float>, _ rightPitch: Int,
  _ result: UnsafeMutablePointer<Float>, _ pitch: Int, _ count: Int, _ accumulates: Bool
) {
  @inline(__always) func sum(_ index: Int) -> Lanes {
    guard accumulates else { return Lanes() }
    let place = result + factors.place(row &+ index, pitch)
    if count == laneCount { return read(place) }
    var lanes = Lanes()
    for lane in 0..<count { lanes[lane] = place[lane] }
    return lanes
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
