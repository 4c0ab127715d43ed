// F(4 x 4, 3 x 3) for wide layers, with a map's channels side by side in a vector: 36 products for 16 outputs where F(2 x 2, 3 x 3)
// takes 64, and some ten times its rounding error, which training does not notice.
//
// Source: Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, §4.1, whose points 0, 1, -1, 2, -2 are here
// 0, 1/√2, -1/√2, √2, -√2 and infinity: their powers stay closer to 1, and so does what the transforms multiply errors by.
// The gradients are the transposed transforms: Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A gives dg = Gᵀ [(A dY Aᵀ) ⊙ (Bᵀ d B)] G.

private let root: Float = 1.41421356
private let inverseRoot: Float = 0.70710678

/// One row or column of a window's numbers.
private struct Six {
  var a, b, c, d, e, f: Lanes

  /// Calls `body` with each number and its place.
  @inline(__always)
  func forEach(_ body: (_ place: Int, _ lanes: Lanes) -> Void) {
    body(0, a)
    body(1, b)
    body(2, c)
    body(3, d)
    body(4, e)
    body(5, f)
  }
}

/// Bᵀ of six numbers of a map.
@inline(__always)
private func differences(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ e: Lanes, _ f: Lanes) -> Six {
  let (even, odd) = (e - c * 2, (d - b * 2) * inverseRoot)
  let (far, oddFar) = (e - c * 0.5, (d - b * 0.5) * root)
  return Six(
    a: (a + e) - c * 2.5, b: even + odd, c: even - odd, d: far + oddFar, e: far - oddFar, f: (b + f) - d * 2.5)
}

/// Aᵀ of six products.
@inline(__always)
private func sums(_ m: Six) -> (Lanes, Lanes, Lanes, Lanes) {
  let (near, far) = (m.b + m.c, m.d + m.e)
  let (odd, oddFar) = ((m.b - m.c) * inverseRoot, (m.d - m.e) * root)
  return ((m.a + near) + far, odd + oddFar, near * 0.5 + far * 2, (odd * 0.5 + oddFar * 2) + m.f)
}

/// A of four gradients.
@inline(__always)
private func spread(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> Six {
  let (even, odd) = (a + c * 0.5, (b + d * 0.5) * inverseRoot)
  let (far, oddFar) = (a + c * 2, (b + d * 2) * root)
  return Six(a: a, b: even + odd, c: even - odd, d: far + oddFar, e: far - oddFar, f: d)
}

private let third: Float = 0.33333333, sixth: Float = 0.16666667

/// G of three numbers of a kernel.
@inline(__always)
private func spread(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> Six {
  let (even, odd) = ((a * 2 + c) * -third, b * (-2 * third * inverseRoot))
  let (far, oddFar) = ((a + c * 2) * sixth, b * (sixth * root))
  return Six(a: a, b: even + odd, c: even - odd, d: far + oddFar, e: far - oddFar, f: c)
}

/// Gᵀ of six sums of a kernel's gradient.
@inline(__always)
private func fold(_ m: Six) -> (Lanes, Lanes, Lanes) {
  let (near, far) = ((m.b + m.c) * third, (m.d + m.e) * sixth)
  let (odd, oddFar) = ((m.b - m.c) * (-2 * third * inverseRoot), (m.d - m.e) * (sixth * root))
  return ((m.a - near * 2) + far, odd + oddFar, (far * 2 - near) + m.f)
}

/// Bᵀ d B of one window of 6 x 6 positions.
///
/// - Parameters:
///   - places: where each position's channels lie, row after row.
///   - channels: a multiple of 16.
///   - result, resultStep, block, blockStep: as of `transformWindow`, 36 rows.
public func transformLargeWindow(
  places: UnsafePointer<UnsafePointer<Float>>, channels: Int, result: UnsafeMutablePointer<Float>, resultStep: Int,
  block: Int, blockStep: Int
) {
  forEachVector(of: channels, block: block, step: blockStep) { channel, place in
    @inline(__always) func column(_ x: Int) -> Six {
      @inline(__always) func number(_ y: Int) -> Lanes { read(places[6 &* y &+ x] + channel) }
      return differences(number(0), number(1), number(2), number(3), number(4), number(5))
    }
    let (a, b, c, d, e, f) = (column(0), column(1), column(2), column(3), column(4), column(5))
    var target = result + place
    @inline(__always) func write(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ e: Lanes, _ f: Lanes) {
      differences(a, b, c, d, e, f).forEach { writeLanes($1, to: target + $0 &* resultStep) }
      target += 6 &* resultStep
    }
    write(a.a, b.a, c.a, d.a, e.a, f.a)
    write(a.b, b.b, c.b, d.b, e.b, f.b)
    write(a.c, b.c, c.c, d.c, e.c, f.c)
    write(a.d, b.d, c.d, d.d, e.d, f.d)
    write(a.e, b.e, c.e, d.e, e.e, f.e)
    write(a.f, b.f, c.f, d.f, e.f, f.f)
  }
}

/// Aᵀ m A of one window, then bias, another map's numbers, and max(x, 0) up to a ceiling.
///
/// - Parameters:
///   - products: 36 rows of `channels` numbers, `step` from one to the next.
///   - channels: a multiple of 16.
///   - added: the numbers to add at the window's first position, in a map shaped like the result; nil for none.
///   - result: the window's first position in a map (H, W, channels).
///   - height, width: how many of its 4 x 4 positions lie in the map.
public func finishLargeWindow(
  products: UnsafePointer<Float>, step: Int, channels: Int, bias: UnsafePointer<Float>,
  added: UnsafePointer<Float>?, result: UnsafeMutablePointer<Float>, rowPitch: Int, height: Int, width: Int,
  rectified: Bool, ceiling: Float
) {
  var channel = 0
  while channel < channels {
    let m = products + channel
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
      @inline(__always) func number(_ y: Int) -> Lanes { read(m + (6 &* y &+ x) &* step) }
      return sums(Six(a: number(0), b: number(1), c: number(2), d: number(3), e: number(4), f: number(5)))
    }
    let (a, b, c, d, e, f) = (column(0), column(1), column(2), column(3), column(4), column(5))
    let bias = read(bias + channel)
    @inline(__always) func write(_ sum: Lanes, _ y: Int, _ x: Int) {
      guard x < width else { return }
      let place = y &* rowPitch &+ x &* channels &+ channel
      var value = sum + bias
      if let added { value += read(added + place) }
      writeLanes(finished(value, rectified, ceiling), to: result + place)
    }
    @inline(__always) func row(_ y: Int, _ numbers: Six) {
      guard y < height else { return }
      let row = sums(numbers)
      write(row.0, y, 0)
      write(row.1, y, 1)
      write(row.2, y, 2)
      write(row.3, y, 3)
    }
    row(0, Six(a: a.0, b: b.0, c: c.0, d: d.0, e: e.0, f: f.0))
    row(1, Six(a: a.1, b: b.1, c: c.1, d: d.1, e: e.1, f: f.1))
    row(2, Six(a: a.2, b: b.2, c: c.2, d: d.2, e: e.2, f: f.2))
    row(3, Six(a: a.3, b: b.3, c: c.3, d: d.3, e: e.3, f: f.3))
    channel &+= laneCount
  }
}

/// A s Aᵀ of one window of 4 x 4 gradients, for the gradient of a 3 x 3 kernel.
///
/// - Parameters:
///   - corner: the window's first position in a map (H, W, channels).
///   - rowPitch: from one row of the map to the next.
///   - channels: a multiple of 16.
///   - height, width: how many of its 4 x 4 positions lie in the map; the others are 0.
///   - result, resultStep, block, blockStep: as of `transformWindow`, 36 rows.
public func transformLargeSlopes(
  corner: UnsafePointer<Float>, rowPitch: Int, channels: Int, height: Int, width: Int,
  result: UnsafeMutablePointer<Float>, resultStep: Int, block: Int, blockStep: Int
) {
  forEachVector(of: channels, block: block, step: blockStep) { channel, offset in
    let place = corner + channel
    @inline(__always) func column(_ x: Int) -> Six {
      @inline(__always) func slope(_ y: Int) -> Lanes {
        x < width && y < height ? read(place + (y &* rowPitch &+ x &* channels)) : Lanes()
      }
      return spread(slope(0), slope(1), slope(2), slope(3))
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    var target = result + offset
    @inline(__always) func write(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) {
      spread(a, b, c, d).forEach { writeLanes($1, to: target + $0 &* resultStep) }
      target += 6 &* resultStep
    }
    write(a.a, b.a, c.a, d.a)
    write(a.b, b.b, c.b, d.b)
    write(a.c, b.c, c.c, d.c)
    write(a.d, b.d, c.d, d.d)
    write(a.e, b.e, c.e, d.e)
    write(a.f, b.f, c.f, d.f)
  }
}

/// G g Gᵀ of some of a layer's 3 x 3 kernels.
///
/// - Parameters:
///   - count: how many numbers of each place; a multiple of 16.
///   - kernels: 9 rows of numbers, `step` from one to the next.
///   - result: 36 rows of `count` numbers.
public func transformLargeKernels(
  count: Int, kernels: UnsafePointer<Float>, step: Int, result: UnsafeMutablePointer<Float>
) {
  for index in stride(from: 0, to: count, by: laneCount) {
    @inline(__always) func column(_ x: Int) -> Six {
      let place = kernels + (x &* step &+ index)
      return spread(read(place), read(place + 3 &* step), read(place + 6 &* step))
    }
    let (a, b, c) = (column(0), column(1), column(2))
    var target = result + index
    @inline(__always) func write(_ a: Lanes, _ b: Lanes, _ c: Lanes) {
      spread(a, b, c).forEach { _, lanes in
        writeLanes(lanes, to: target)
        target += count
      }
    }
    write(a.a, b.a, c.a)
    write(a.b, b.b, c.b)
    write(a.c, b.c, c.c)
    write(a.d, b.d, c.d)
    write(a.e, b.e, c.e)
    write(a.f, b.f, c.f)
  }
}

/// Gᵀ m G of some sums of a kernel's gradient, the transpose of `transformLargeKernels`.
///
/// - Parameters:
///   - count: how many numbers of each row; a multiple of 16.
///   - sums: 36 rows, `step` from one to the next.
///   - result: 9 rows, `resultStep` from one to the next.
public func finishLargeKernels(
  count: Int, sums: UnsafePointer<Float>, step: Int, result: UnsafeMutablePointer<Float>, resultStep: Int
) {
  for index in stride(from: 0, to: count, by: laneCount) {
    var top = sums + index
    @inline(__always) func column() -> (Lanes, Lanes, Lanes) {
      var place = top
      @inline(__always) func next() -> Lanes {
        defer { place += 6 &* step }
        return read(place)
      }
      top += step
      return fold(Six(a: next(), b: next(), c: next(), d: next(), e: next(), f: next()))
    }
    let (a, b, c, d, e, f) = (column(), column(), column(), column(), column(), column())
    var target = result + index
    @inline(__always) func write(_ m: Six) {
      let row = fold(m)
      writeLanes(row.0, to: target)
      writeLanes(row.1, to: target + resultStep)
      writeLanes(row.2, to: target + 2 &* resultStep)
      target += 3 &* resultStep
    }
    write(Six(a: a.0, b: b.0, c: c.0, d: d.0, e: e.0, f: f.0))
    write(Six(a: a.1, b: b.1, c: c.1, d: d.1, e: e.1, f: f.1))
    write(Six(a: a.2, b: b.2, c: c.2, d: d.2, e: e.2, f: f.2))
  }
}
