import CProcessor

/// Weights of `convolveImage` are packed for this many output channels at a time.
public let imageChannelsPerTile = 2 * Lanes.scalarCount

/// Convolves one image, with bias and, as `geometry` says, max(x, 0): output channels lie side by side in a vector, where
/// `convolve` has images.
///
/// Numbers and lengths are single floats: those of `geometry` too.
/// - Parameters:
///   - first, end: the rows of positions (of pooled ones with `pools`) to compute: first..<end.
///   - input: (rows, columns, channels).
///   - weights: (channels / imageChannelsPerTile rounded up, kernel_rows, run, imageChannelsPerTile).
///   - bias: one an output channel, with 0s up to a multiple of `imageChannelsPerTile`.
///   - output: (height, width, channels), or with `pools` (height / 2, width / 2, channels): the largest of each 2 x 2.
public func convolveImage(
  _ geometry: convolution_geometry, first: Int, end: Int, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pools: Bool
) {
  let (row, column, channels) = (geometry.row_step, geometry.column_step, geometry.channels)
  let columns = pools ? geometry.width / 2 : geometry.width
  let last = end &* columns &- 1
  /// Where a position, or a window of two by two, begins; those past the end are the last one again.
  @inline(__always) func start(_ place: Int) -> UnsafePointer<Float> {
    let (y, x) = min(place, last).quotientAndRemainder(dividingBy: columns)
    return pools ? input + (2 &* y &* row &+ 2 &* x &* column) : input + (y &* row &+ x &* column)
  }
  @inline(__always) func target(_ place: Int) -> UnsafeMutablePointer<Float> {
    output + min(place, last) &* channels
  }
  var place = first &* columns
  while place <= last {
    if pools {
      @inline(__always) func window(_ place: Int) -> Places {
        let corner = start(place)
        return (corner, corner + column, corner + row, corner + (row &+ column))
      }
      sumTiles(
        geometry, weights, bias, window(place), window(place &+ 1), isHalf: place == last
      ) { channel, count, half, p, q, r, s in
        finished(geometry, p.larger(q).larger(r.larger(s))).write(count, to: target(place &+ half) + channel)
      }
      place &+= 2
    } else {
      sumTiles(
        geometry, weights, bias, (start(place), start(place &+ 1), start(place &+ 2), start(place &+ 3)),
        (start(place &+ 4), start(place &+ 5), start(place &+ 6), start(place &+ 7)), isHalf: place &+ 3 >= last
      ) { channel, count, half, p, q, r, s in
        let first = place &+ 4 &* half
        finished(geometry, p).write(count, to: target(first) + channel)
        finished(geometry, q).write(count, to: target(first &+ 1) + channel)
        finished(geometry, r).write(count, to: target(first &+ 2) + channel)
        finished(geometry, s).write(count, to: target(first &+ 3) + channel)
      }
      place &+= 8
    }
  }
}

/// Where four positions' numbers begin.
typealias Places = (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)

/// The sums of eight positions, a tile of output channels at a time.
@inline(__always)
private func sumTiles(
  _ geometry: convolution_geometry, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ one: Places,
  _ other: Places, isHalf: Bool,
  _ body: (_ channel: Int, _ count: Int, _ half: Int, _ p: Pair, _ q: Pair, _ r: Pair, _ s: Pair) -> Void
) {
  var weight = weights
  var channel = 0
  while channel < geometry.channels {
    let count = min(imageChannelsPerTile, geometry.channels &- channel)
    sumTile(
      rows: geometry.kernel_rows, run: geometry.run, pitch: geometry.row_pitch, weight, from: Pair(bias + channel), one,
      other, isHalf: isHalf, isNarrow: count <= laneCount
    ) { half, p, q, r, s in body(channel, count, half, p, q, r, s) }
    weight += geometry.kernel_rows &* geometry.run &* imageChannelsPerTile
    channel &+= imageChannelsPerTile
  }
}

/// The sums of eight positions for one tile of output channels: of four and four where its channels fill two vectors, of all
/// at once where one is enough, so that there are always eight sums that do not wait for each other.
///
/// - Parameters:
///   - rows, run, pitch: `rows` times `run` numbers of a position count, `pitch` from one row to the next.
///   - weights: (rows, run, imageChannelsPerTile).
///   - isHalf: whether the first four positions are enough.
///   - isNarrow: whether one vector is enough.
///   - body: gets the sums of the first four positions (half 0) and the other four (half 1).
@inline(__always)
func sumTile(
  rows: Int, run: Int, pitch: Int, _ weights: UnsafePointer<Float>, from start: Pair, _ one: Places, _ other: Places,
  isHalf: Bool, isNarrow: Bool, _ body: (_ half: Int, _ p: Pair, _ q: Pair, _ r: Pair, _ s: Pair) -> Void
) {
  /// Calls `body` with the place of each number that counts and with its weights.
  @inline(__always) func forEachNumber(_ body: (_ index: Int, _ weight: UnsafePointer<Float>) -> Void) {
    var weight = weights
    var offset = 0
    for _ in 0..<rows {
      for index in offset..<offset &+ run {
        body(index, weight)
        weight += imageChannelsPerTile
      }
      offset &+= pitch
    }
  }
  guard isNarrow else {
    for half in 0..<(isHalf ? 1 : 2) {
      let places = half == 0 ? one : other
      var (p, q, r, s) = (start, start, start, start)
      forEachNumber { index, weight in
        let factors = Pair(weight)
        p.add(Lanes(repeating: places.0[index]), times: factors)
        q.add(Lanes(repeating: places.1[index]), times: factors)
        r.add(Lanes(repeating: places.2[index]), times: factors)
        s.add(Lanes(repeating: places.3[index]), times: factors)
      }
      body(half, p, q, r, s)
    }
    return
  }
  var (a, b, c, d) = (start.a, start.a, start.a, start.a)
  var (e, f, g, h) = (start.a, start.a, start.a, start.a)
  forEachNumber { index, weight in
    let factor: Lanes = read(weight)
    a = multiplyAdd(a, Lanes(repeating: one.0[index]), factor)
    b = multiplyAdd(b, Lanes(repeating: one.1[index]), factor)
    c = multiplyAdd(c, Lanes(repeating: one.2[index]), factor)
    d = multiplyAdd(d, Lanes(repeating: one.3[index]), factor)
    e = multiplyAdd(e, Lanes(repeating: other.0[index]), factor)
    f = multiplyAdd(f, Lanes(repeating: other.1[index]), factor)
    g = multiplyAdd(g, Lanes(repeating: other.2[index]), factor)
    h = multiplyAdd(h, Lanes(repeating: other.3[index]), factor)
  }
  body(0, Pair(a: a, b: a), Pair(a: b, b: b), Pair(a: c, b: c), Pair(a: d, b: d))
  if !isHalf { body(1, Pair(a: e, b: e), Pair(a: f, b: f), Pair(a: g, b: g), Pair(a: h, b: h)) }
}

@inline(__always)
private func finished(_ geometry: convolution_geometry, _ pair: Pair) -> Pair {
  geometry.rectified ? Pair(a: positive(pair.a), b: positive(pair.b)) : pair
}

/// Two vectors of neighbouring channels. Eight sums at four places, two factors and a number leave registers free; with
/// three vectors one sum had to wait in memory.
struct Pair {
  var a: Lanes, b: Lanes

  /// Zeros.
  @inline(__always)
  init() { (a, b) = (Lanes(), Lanes()) }

  @inline(__always)
  init(a: Lanes, b: Lanes) { (self.a, self.b) = (a, b) }

  @inline(__always)
  init(_ numbers: UnsafePointer<Float>) { self.init(a: read(numbers), b: read(numbers + laneCount)) }

  @inline(__always)
  mutating func add(_ value: Lanes, times factors: Pair) {
    a = multiplyAdd(a, value, factors.a)
    b = multiplyAdd(b, value, factors.b)
  }

  @inline(__always)
  func larger(_ other: Pair) -> Pair { Pair(a: maximum(a, other.a), b: maximum(b, other.b)) }

  /// Both, one behind the other.
  @inline(__always)
  func write(to numbers: UnsafeMutablePointer<Float>) {
    writeLanes(a, to: numbers)
    writeLanes(b, to: numbers + laneCount)
  }

  /// The first `count` of its numbers.
  @inline(__always)
  func write(_ count: Int, to numbers: UnsafeMutablePointer<Float>) {
    if count == imageChannelsPerTile {
      write(to: numbers)
    } else {
      withUnsafeBytes(of: self) { own in
        UnsafeMutableRawPointer(numbers).copyMemory(
          from: own.baseAddress!, byteCount: count &* MemoryLayout<Float>.stride)
      }
    }
  }
}
