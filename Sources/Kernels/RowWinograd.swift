// F(2 x 2, 3 x 3) for wide layers, as in `convolveWinograd`, with a map's channels side by side in a vector: windows are the rows
// of 16 matrix products, which share each weight among many windows.

/// Bᵀ d B of one window of 4 x 4 positions.
///
/// - Parameters:
///   - places: where each position's channels lie, row after row.
///   - channels: a multiple of 16.
///   - result: 16 rows of `channels` numbers, `resultStep` from one to the next.
///   - block, blockStep: how many of a row's numbers lie together, a multiple of 16, and from one such block to the next.
public func transformWindow(
  places: UnsafePointer<UnsafePointer<Float>>, channels: Int, result: UnsafeMutablePointer<Float>, resultStep: Int,
  block: Int, blockStep: Int
) {
  forEachVector(of: channels, block: block, step: blockStep) { channel, place in
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
      @inline(__always) func number(_ y: Int) -> Lanes { read(places[4 &* y &+ x] + channel) }
      return differences(number(0), number(1), number(2), number(3))
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    var target = result + place
    @inline(__always) func row(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) {
      let numbers = differences(a, b, c, d)
      writeLanes(numbers.0, to: target)
      writeLanes(numbers.1, to: target + resultStep)
      writeLanes(numbers.2, to: target + 2 &* resultStep)
      writeLanes(numbers.3, to: target + 3 &* resultStep)
      target += 4 &* resultStep
    }
    row(a.0, b.0, c.0, d.0)
    row(a.1, b.1, c.1, d.1)
    row(a.2, b.2, c.2, d.2)
    row(a.3, b.3, c.3, d.3)
  }
}

/// Aᵀ m A of one window, then bias, another map's numbers, and max(x, 0) up to a ceiling.
///
/// - Parameters:
///   - products: 16 rows of `channels` numbers, `step` from one to the next.
///   - channels: a multiple of 16.
///   - added: the numbers to add at the window's first position, in a map shaped like the result; nil for none.
///   - result: the window's first position in a map (H, W, channels).
///   - height, width: how many of its 2 x 2 positions lie in the map.
public func finishWindow(
  products: UnsafePointer<Float>, step: Int, channels: Int, bias: UnsafePointer<Float>,
  added: UnsafePointer<Float>?, result: UnsafeMutablePointer<Float>, rowPitch: Int, height: Int, width: Int,
  rectified: Bool, ceiling: Float
) {
  var channel = 0
  while channel < channels {
    let m = products + channel
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes) {
      sums(read(m + x &* step), read(m + (4 &+ x) &* step), read(m + (8 &+ x) &* step), read(m + (12 &+ x) &* step))
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    let (top, bottom) = (sums(a.0, b.0, c.0, d.0), sums(a.1, b.1, c.1, d.1))
    let bias = read(bias + channel)
    @inline(__always) func write(_ sum: Lanes, _ y: Int, _ x: Int) {
      guard y < height, x < width else { return }
      let place = y &* rowPitch &+ x &* channels &+ channel
      var value = sum + bias
      if let added { value += read(added + place) }
      writeLanes(finished(value, rectified, ceiling), to: result + place)
    }
    write(top.0, 0, 0)
    write(top.1, 0, 1)
    write(bottom.0, 1, 0)
    write(bottom.1, 1, 1)
    channel &+= laneCount
  }
}

/// values = values + added, then max(x, 0) up to a ceiling, as requested.
public func finishRows(
  count: Int, values: UnsafeMutablePointer<Float>, added: UnsafePointer<Float>?, rectified: Bool, ceiling: Float
) {
  var index = 0
  while index &+ laneCount <= count {
    var lanes = read(values + index)
    if let added { lanes += read(added + index) }
    writeLanes(finished(lanes, rectified, ceiling), to: values + index)
    index &+= laneCount
  }
  while index < count {
    var value = values[index]
    if let added { value += added[index] }
    if rectified { value = value > 0 ? (value > ceiling ? ceiling : value) : 0 }
    values[index] = value
    index &+= 1
  }
}

/// G g Gᵀ of some of a layer's 3 x 3 kernels.
///
/// - Parameters:
///   - count: how many numbers of each place; a multiple of 16.
///   - kernels: 9 rows of numbers, `step` from one to the next.
///   - result: 16 rows of `count` numbers.
public func transformKernels(
  count: Int, kernels: UnsafePointer<Float>, step: Int, result: UnsafeMutablePointer<Float>
) {
  for index in stride(from: 0, to: count, by: laneCount) {
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
      let place = kernels + (x &* step &+ index)
      return spread(read(place), read(place + 3 &* step), read(place + 6 &* step))
    }
    let (a, b, c) = (column(0), column(1), column(2))
    var target = result + index
    @inline(__always) func write(_ row: (Lanes, Lanes, Lanes, Lanes)) {
      write4(row, to: target, step: count)
      target += 4 &* count
    }
    write(spread(a.0, b.0, c.0))
    write(spread(a.1, b.1, c.1))
    write(spread(a.2, b.2, c.2))
    write(spread(a.3, b.3, c.3))
  }
}

/// G of three numbers of a kernel.
@inline(__always)
private func spread(_ a: Lanes, _ b: Lanes, _ c: Lanes) -> (Lanes, Lanes, Lanes, Lanes) {
  let ends = a + c
  return (a, (ends + b) * 0.5, (ends - b) * 0.5, c)
}

@inline(__always)
private func write4(_ row: (Lanes, Lanes, Lanes, Lanes), to target: UnsafeMutablePointer<Float>, step: Int) {
  writeLanes(row.0, to: target)
  writeLanes(row.1, to: target + step)
  writeLanes(row.2, to: target + 2 &* step)
  writeLanes(row.3, to: target + 3 &* step)
}
