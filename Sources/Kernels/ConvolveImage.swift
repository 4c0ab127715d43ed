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
  let last = geometry.width &- 1
  for y in first..<end {
    let start = input + (pools ? 2 &* y : y) &* row
    let target = output + y &* (pools ? geometry.width / 2 : geometry.width) &* channels
    var x = 0
    while x &+ (pools ? 1 : 0) < geometry.width {
      // Four in a row, the last ones repeating its end rather than pass it; or a window of two by two.
      let (b, c, d) = (min(x &+ 1, last), min(x &+ 2, last), min(x &+ 3, last))
      let place = start + x &* column
      sumTiles(
        geometry, weights, bias,
        pools
          ? (place, place + column, place + row, place + (row &+ column))
          : (place, start + b &* column, start + c &* column, start + d &* column)
      ) { channel, count, p, q, r, s in
        if pools {
          finished(geometry, p.larger(q).larger(r.larger(s))).write(count, to: target + (x / 2 &* channels &+ channel))
        } else {
          finished(geometry, p).write(count, to: target + (x &* channels &+ channel))
          finished(geometry, q).write(count, to: target + (b &* channels &+ channel))
          finished(geometry, r).write(count, to: target + (c &* channels &+ channel))
          finished(geometry, s).write(count, to: target + (d &* channels &+ channel))
        }
      }
      x &+= pools ? 2 : 4
    }
  }
}

private typealias Places = (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>)

/// The sums of four positions, a tile of output channels at a time.
@inline(__always)
private func sumTiles(
  _ geometry: convolution_geometry, _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ places: Places,
  _ body: (_ channel: Int, _ count: Int, _ p: Pair, _ q: Pair, _ r: Pair, _ s: Pair) -> Void
) {
  var weight = weights
  var channel = 0
  while channel < geometry.channels {
    let start = Pair(bias + channel)
    var (p, q, r, s) = (start, start, start, start)
    var offset = 0
    for _ in 0..<geometry.kernel_rows {
      for index in offset..<offset &+ geometry.run {
        let factors = Pair(weight)
        p.add(Lanes(repeating: places.0[index]), times: factors)
        q.add(Lanes(repeating: places.1[index]), times: factors)
        r.add(Lanes(repeating: places.2[index]), times: factors)
        s.add(Lanes(repeating: places.3[index]), times: factors)
        weight += imageChannelsPerTile
      }
      offset &+= geometry.row_pitch
    }
    body(channel, min(imageChannelsPerTile, geometry.channels &- channel), p, q, r, s)
    channel &+= imageChannelsPerTile
  }
}

@inline(__always)
private func finished(_ geometry: convolution_geometry, _ pair: Pair) -> Pair {
  geometry.rectified ? Pair(a: positive(pair.a), b: positive(pair.b)) : pair
}

/// Two vectors of neighbouring channels. Eight sums at four places, two factors and a number leave registers free; with
/// three vectors one sum had to wait in memory.
private struct Pair {
  var a: Lanes, b: Lanes

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

  /// The first `count` of its numbers.
  @inline(__always)
  func write(_ count: Int, to numbers: UnsafeMutablePointer<Float>) {
    if count == imageChannelsPerTile {
      writeLanes(a, to: numbers)
      writeLanes(b, to: numbers + laneCount)
    } else {
      withUnsafeBytes(of: self) { own in
        UnsafeMutableRawPointer(numbers).copyMemory(
          from: own.baseAddress!, byteCount: count &* MemoryLayout<Float>.stride)
      }
    }
  }
}
