import CProcessor

// A tile of a product: some rows of the left factor by the columns of one panel of the right one, whose sums stay in registers.

/// Columns of a tile, which are also those of a packed panel.
public var columnsPerTile: Int { @inline(__always) get { 2 &* laneCount } }

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

/// A panel of the right factor: the numbers of its columns, `pitch` from one row to the next.
struct Panel {
  let numbers: UnsafePointer<Float>
  let pitch: Int
  /// From its columns to those of the panel beside it.
  let gap: Int
  /// Whether the panel beside it is the next one in memory, too.
  let isPacked: Bool

  @inline(__always)
  func moved(by panels: Int) -> Panel {
    Panel(numbers: numbers + panels &* gap, pitch: pitch, gap: gap, isPacked: isPacked)
  }
}

/// The columns of a tile, side by side in vectors.
protocol TileColumns {
  /// How many panels they are of.
  static var panels: Int { get }
  /// Zeros.
  init()
  /// Numbers that lie in one or two parts, `gap` from one to the other.
  init(_ numbers: UnsafePointer<Float>, gap: Int)
  mutating func add(_ value: Lanes, times factors: Self)
  func write(to numbers: UnsafeMutablePointer<Float>)
}

extension Pair: TileColumns {
  static var panels: Int { @inline(__always) get { 1 } }

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>, gap: Int) { self.init(numbers) }
}

/// The columns of two panels, for processors with 32 registers.
private struct TwoPairs: TileColumns {
  private var first: Pair, second: Pair

  static var panels: Int { @inline(__always) get { 2 } }

  @inline(__always)
  init() { (first, second) = (Pair(), Pair()) }

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>, gap: Int) { (first, second) = (Pair(numbers), Pair(numbers + gap)) }

  @inline(__always)
  mutating func add(_ value: Lanes, times factors: TwoPairs) {
    first.add(value, times: factors.first)
    second.add(value, times: factors.second)
  }

  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    first.write(to: numbers)
    second.write(to: numbers + columnsPerTile)
  }
}

/// Some rows by the columns of panels that lie side by side.
///
/// - Parameters:
///   - panel: the first one.
///   - columns: a multiple of `columnsPerTile`.
@inline(__always)
func multiplyPanels(
  _ factors: Factors, _ rows: Range<Int>, _ panel: Panel, columns: Int, _ result: UnsafeMutablePointer<Float>,
  _ pitch: Int, _ beginning: Beginning
) {
  // Panels come from far away: with each number of its sums a tile fetches some of the next panel's.
  let tiles = (rows.count &+ 5) / 6
  let fetched = panel.isPacked ? (columnsPerTile &+ tiles &- 1) / tiles : 0
  var column = 0
  @inline(__always) func multiply<Columns: TileColumns>(_: Columns.Type) {
    multiplyTiles(
      factors, rows, panel.moved(by: column / columnsPerTile), result + column, pitch,
      beginning.from(column: column), fetched: Columns.panels &* fetched, Columns.self)
    column &+= Columns.panels &* columnsPerTile
  }
  if hasManyRegisters {
    while column &+ 2 &* columnsPerTile <= columns { multiply(TwoPairs.self) }
  }
  while column < columns { multiply(Pair.self) }
}

/// Some rows by the columns of a tile.
@inline(__always)
private func multiplyTiles<Columns: TileColumns>(
  _ factors: Factors, _ rows: Range<Int>, _ panel: Panel, _ result: UnsafeMutablePointer<Float>, _ pitch: Int,
  _ beginning: Beginning, fetched: Int, _: Columns.Type
) {
  var ahead = panel.moved(by: Columns.panels).numbers
  var row = rows.lowerBound
  while row < rows.upperBound {
    if rows.upperBound &- row <= 4 {
      multiplyFour(factors, row, panel, result, pitch, beginning, ahead, fetched, Columns.self)
      row &+= 4
    } else {
      multiplySix(factors, row, panel, result, pitch, beginning, ahead, fetched, Columns.self)
      row &+= 6
    }
    ahead += fetched &* factors.inner
  }
}

/// Six rows by the columns of a tile: with one panel's, 12 sums, a pair of columns and a number of the left factor fill 15 of 16
/// registers.
@inline(__always)
private func multiplySix<Columns: TileColumns>(
  _ factors: Factors, _ row: Int, _ panel: Panel, _ result: UnsafeMutablePointer<Float>, _ pitch: Int,
  _ beginning: Beginning, _ ahead: UnsafePointer<Float>, _ fetched: Int,
  _: Columns.Type
) {
  let places = (
    result + factors.place(row, pitch), result + factors.place(row &+ 1, pitch),
    result + factors.place(row &+ 2, pitch), result + factors.place(row &+ 3, pitch),
    result + factors.place(row &+ 4, pitch), result + factors.place(row &+ 5, pitch)
  )
  @inline(__always) func begin(_ index: Int) -> Columns {
    beginning.numbers.map { Columns($0 + factors.place(row &+ index, beginning.pitch), gap: columnsPerTile) }
      ?? Columns()
  }
  var (p, q, r, s, t, u) = (begin(0), begin(1), begin(2), begin(3), begin(4), begin(5))
  let (a, b, c) = (factors.start(row), factors.start(row &+ 1), factors.start(row &+ 2))
  let (d, e, f) = (factors.start(row &+ 3), factors.start(row &+ 4), factors.start(row &+ 5))
  var numbers = panel.numbers
  var next = ahead
  // With one panel's columns there is no time for it between the products.
  if Columns.panels == 1 {
    for _ in 0..<(fetched &* factors.inner &+ 15) / 16 {
      fetch_soon(next)
      next += 16
    }
  }
  var index = 0
  for _ in 0..<factors.inner {
    if Columns.panels > 1 {
      fetch_soon(next)
      next += fetched
    }
    let columns = Columns(numbers, gap: panel.gap)
    p.add(Lanes(repeating: a[index]), times: columns)
    q.add(Lanes(repeating: b[index]), times: columns)
    r.add(Lanes(repeating: c[index]), times: columns)
    s.add(Lanes(repeating: d[index]), times: columns)
    t.add(Lanes(repeating: e[index]), times: columns)
    u.add(Lanes(repeating: f[index]), times: columns)
    numbers += panel.pitch
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
private func multiplyFour<Columns: TileColumns>(
  _ factors: Factors, _ row: Int, _ panel: Panel, _ result: UnsafeMutablePointer<Float>, _ pitch: Int,
  _ beginning: Beginning, _ ahead: UnsafePointer<Float>, _ fetched: Int, _: Columns.Type
) {
  let places = (
    result + factors.place(row, pitch), result + factors.place(row &+ 1, pitch),
    result + factors.place(row &+ 2, pitch), result + factors.place(row &+ 3, pitch)
  )
  @inline(__always) func begin(_ index: Int) -> Columns {
    beginning.numbers.map { Columns($0 + factors.place(row &+ index, beginning.pitch), gap: columnsPerTile) }
      ?? Columns()
  }
  var (p, q, r, s) = (begin(0), begin(1), begin(2), begin(3))
  let (a, b, c, d) = (
    factors.start(row), factors.start(row &+ 1), factors.start(row &+ 2), factors.start(row &+ 3)
  )
  var numbers = panel.numbers
  var index = 0
  var next = ahead
  let lines = (fetched &+ 15) / 16
  for _ in 0..<factors.inner {
    for _ in 0..<lines {
      fetch_soon(next)
      next += 16
    }
    let columns = Columns(numbers, gap: panel.gap)
    p.add(Lanes(repeating: a[index]), times: columns)
    q.add(Lanes(repeating: b[index]), times: columns)
    r.add(Lanes(repeating: c[index]), times: columns)
    s.add(Lanes(repeating: d[index]), times: columns)
    numbers += panel.pitch
    index &+= factors.step
  }
  p.write(to: places.0)
  q.write(to: places.1)
  r.write(to: places.2)
  s.write(to: places.3)
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
