import CProcessor

/// How many floats of working memory `convolveWinogradImage` needs.
public func winogradImageFloats(inputChannels: Int) -> Int {
  16 * windowsAtOnce * (inputChannels + imageChannelsPerTile)
}

private var windowsAtOnce: Int { @inline(__always) get { 8 } }
/// From one of the 16 numbers of the windows to the next.
private var productStep: Int { @inline(__always) get { windowsAtOnce &* imageChannelsPerTile } }

/// `convolveWinograd` for one image: channels lie side by side in a vector, where that has images.
///
/// Numbers and lengths are single floats: those of `geometry` too.
/// - Parameters:
///   - geometry: of stride 1, a kernel of 3 x 3, and at least 2 x 2 positions.
///   - inputChannels: at least as many as a vector has numbers.
///   - first, end: the rows of pooled positions to compute: first..<end.
///   - input: (rows, columns, inputChannels).
///   - weights: G g Gᵀ: (16, channels / imageChannelsPerTile rounded up, inputChannels, imageChannelsPerTile).
///   - bias: one an output channel, with 0s up to a multiple of `imageChannelsPerTile`.
///   - memory: `winogradImageFloats` floats.
///   - pooled: (height / 2, width / 2, channels).
public func convolveWinogradImage(
  _ geometry: convolution_geometry, inputChannels: Int, first: Int, end: Int, input: UnsafePointer<Float>,
  weights: UnsafePointer<Float>, bias: UnsafePointer<Float>, memory: UnsafeMutablePointer<Float>,
  pooled: UnsafeMutablePointer<Float>
) {
  let width = geometry.width / 2
  let windows = end &* width
  let products = memory + 16 &* windowsAtOnce &* inputChannels
  let weightsPerTile = inputChannels &* imageChannelsPerTile
  let tiles = (geometry.channels &+ imageChannelsPerTile &- 1) / imageChannelsPerTile
  var window = first &* width
  while window < windows {
    let count = min(windowsAtOnce, windows &- window)
    for place in 0..<count {
      let (y, x) = (window &+ place).quotientAndRemainder(dividingBy: width)
      transformInput(
        input + (2 &* y &* geometry.row_step &+ 2 &* x &* geometry.column_step), geometry, inputChannels,
        memory + place &* 16 &* inputChannels)
    }
    for tile in 0..<tiles {
      let channel = tile &* imageChannelsPerTile
      for number in 0..<16 {
        let transformed = UnsafePointer(memory + number &* inputChannels)
        @inline(__always) func place(_ index: Int) -> UnsafePointer<Float> {
          transformed + index &* 16 &* inputChannels
        }
        let product = products + number &* productStep
        sumTile(
          rows: 1, run: inputChannels, pitch: 0, weights + (number &* tiles &+ tile) &* weightsPerTile, from: Pair(),
          (place(0), place(1), place(2), place(3)), (place(4), place(5), place(6), place(7)),
          isHalf: count <= windowsAtOnce / 2, isNarrow: geometry.channels &- channel <= laneCount
        ) { half, p, q, r, s in
          let target = product + half &* 4 &* imageChannelsPerTile
          p.write(to: target)
          q.write(to: target + imageChannelsPerTile)
          r.write(to: target + 2 &* imageChannelsPerTile)
          s.write(to: target + 3 &* imageChannelsPerTile)
        }
      }
      for place in 0..<count {
        transformOutput(
          products + place &* imageChannelsPerTile, geometry, bias + channel,
          min(imageChannelsPerTile, geometry.channels &- channel),
          pooled + ((window &+ place) &* geometry.channels &+ channel))
      }
    }
    window &+= windowsAtOnce
  }
}

/// Bᵀ d B of one window, to (16, channels); the last vector lies over the one before it rather than pass the end.
@inline(__always)
private func transformInput(
  _ input: UnsafePointer<Float>, _ geometry: convolution_geometry, _ channels: Int,
  _ result: UnsafeMutablePointer<Float>
) {
  var channel = 0
  while channel < channels {
    let from = min(channel, channels &- laneCount)
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
      let d = input + (from &+ x &* geometry.column_step)
      return differences(
        read(d), read(d + geometry.row_pitch), read(d + 2 &* geometry.row_pitch), read(d + 3 &* geometry.row_pitch))
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    // One address that moves on, because sixteen fit in no registers.
    var target = result + from
    @inline(__always) func write(_ numbers: (Lanes, Lanes, Lanes, Lanes)) {
      writeLanes(numbers.0, to: target)
      writeLanes(numbers.1, to: target + channels)
      writeLanes(numbers.2, to: target + 2 &* channels)
      writeLanes(numbers.3, to: target + 3 &* channels)
      target += 4 &* channels
    }
    write(differences(a.0, b.0, c.0, d.0))
    write(differences(a.1, b.1, c.1, d.1))
    write(differences(a.2, b.2, c.2, d.2))
    write(differences(a.3, b.3, c.3, d.3))
    channel &+= laneCount
  }
}

/// Aᵀ m A of one window and one tile of output channels, then bias, pool and activation.
@inline(__always)
private func transformOutput(
  _ products: UnsafePointer<Float>, _ geometry: convolution_geometry, _ bias: UnsafePointer<Float>, _ count: Int,
  _ pooled: UnsafeMutablePointer<Float>
) {
  @inline(__always) func vector(_ from: Int) -> Lanes {
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes) {
      let m = products + (from &+ x &* productStep)
      return sums(read(m), read(m + 4 &* productStep), read(m + 8 &* productStep), read(m + 12 &* productStep))
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    let (top, bottom) = (sums(a.0, b.0, c.0, d.0), sums(a.1, b.1, c.1, d.1))
    // Rounding keeps the order of numbers, so that the bias may follow the pool.
    let largest = maximum(maximum(top.0, top.1), maximum(bottom.0, bottom.1)) + read(bias + from)
    return geometry.rectified ? positive(largest) : largest
  }
  let first = vector(0)
  Pair(a: first, b: count > laneCount ? vector(laneCount) : first).write(count, to: pooled)
}
