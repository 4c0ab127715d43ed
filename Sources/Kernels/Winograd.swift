import CProcessor

/// How many vectors of working memory `convolveWinograd` needs.
public func winogradVectors(_ geometry: convolution_geometry, inputChannels: Int) -> Int {
  let tiles = (geometry.channels + Column.count - 1) / Column.count
  return 16 * 4 * (inputChannels + tiles * Column.count)
}

/// Convolves one group of images with 3 x 3 kernels, with bias and, as `geometry` says, max(x, 0), and takes the largest of
/// each 2 x 2 positions: 16 products for four outputs, where the sum itself has 36.
///
/// F(2 x 2, 3 x 3) of Lavin & Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.1:
/// Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A for the 4 x 4 numbers d under four outputs that touch.
///
/// - Parameters:
///   - geometry: of stride 1, a kernel of 3 x 3, and at least 2 x 2 positions.
///   - input: vectors (rows, columns, inputChannels).
///   - weights: G g Gᵀ: (16, channels / channelsPerTile rounded up, inputChannels, channelsPerTile).
///   - bias: one an output channel, with 0s up to a multiple of `channelsPerTile`.
///   - memory: `winogradVectors` vectors.
///   - output: vectors (height, output_pitch) or nil; what lies under whole windows of 2 x 2 is written.
///   - pooled: vectors (height / 2, width / 2, channels), or nil.
public func convolveWinograd(
  _ geometry: convolution_geometry, inputChannels: Int, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, memory: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>?,
  pooled: UnsafeMutablePointer<Float>?
) {
  let (input, transformed) = (vectors(input), vectors(memory))
  let (output, pooled) = (output.map(vectors), pooled.map(vectors))
  let products = transformed + 16 &* 4 &* inputChannels
  let width = geometry.width / 2
  let windows = geometry.height / 2 &* width
  var first = 0
  while first < windows {
    for place in 0..<4 {
      // The last four repeat their last window rather than pass the end.
      let (y, x) = min(first &+ place, windows &- 1).quotientAndRemainder(dividingBy: width)
      transformInput(
        input + (2 &* y &* geometry.row_step &+ 2 &* x &* geometry.column_step), geometry.row_pitch,
        geometry.column_step, inputChannels, transformed + place)
    }
    multiply(inputChannels, geometry.channels, UnsafePointer(transformed), weights, products)
    for place in 0..<min(4, windows &- first) {
      let (y, x) = (first &+ place).quotientAndRemainder(dividingBy: width)
      transformOutput(
        UnsafePointer(products) + place &* Column.count, geometry, bias,
        output.map { $0 + (2 &* y &* geometry.output_pitch &+ 2 &* x &* geometry.channels) },
        pooled.map { $0 + (first &+ place) &* geometry.channels })
    }
    first &+= 4
  }
}

/// Bᵀ d B of one window, to every fourth vector of (16, channels, 4).
@inline(__always)
private func transformInput(
  _ input: UnsafePointer<Lanes>, _ rowPitch: Int, _ columnStep: Int, _ channels: Int,
  _ result: UnsafeMutablePointer<Lanes>
) {
  let step = 4 &* channels
  for channel in 0..<channels {
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes, Lanes, Lanes) {
      let d = input + (channel &+ x &* columnStep)
      return differences(d[0], d[rowPitch], d[2 &* rowPitch], d[3 &* rowPitch])
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    // One address that moves on, because sixteen fit in no registers.
    var target = result + 4 &* channel
    @inline(__always) func write(_ number: Lanes) {
      target.pointee = number
      target += step
    }
    @inline(__always) func row(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) {
      let numbers = differences(a, b, c, d)
      write(numbers.0)
      write(numbers.1)
      write(numbers.2)
      write(numbers.3)
    }
    row(a.0, b.0, c.0, d.0)
    row(a.1, b.1, c.1, d.1)
    row(a.2, b.2, c.2, d.2)
    row(a.3, b.3, c.3, d.3)
  }
}

/// Bᵀ times a column.
@inline(__always)
func differences(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> (Lanes, Lanes, Lanes, Lanes) {
  (a - c, b + c, c - b, b - d)
}

/// For each of the 16 numbers of a transformed window, the sums over input channels; four windows at a time.
/// - Parameter products: (tiles, 16, 4, channelsPerTile), so that `transformOutput` finds its numbers at fixed distances.
@inline(__always)
private func multiply(
  _ inputChannels: Int, _ channels: Int, _ transformed: UnsafePointer<Lanes>, _ weights: UnsafePointer<Float>,
  _ products: UnsafeMutablePointer<Lanes>
) {
  var weight = weights
  for number in 0..<16 {
    let values = transformed + number &* 4 &* inputChannels
    var product = products + number &* 4 &* Column.count
    var channel = 0
    while channel < channels {
      var (p, q, r, s) = (Column(), Column(), Column(), Column())
      var value = values
      for _ in 0..<inputChannels {
        let factors = Column(sharing: weight)
        p.add(value[0], times: factors)
        q.add(value[1], times: factors)
        r.add(value[2], times: factors)
        s.add(value[3], times: factors)
        value += 4
        weight += Column.count
      }
      p.store(to: product)
      q.store(to: product + Column.count)
      r.store(to: product + 2 &* Column.count)
      s.store(to: product + 3 &* Column.count)
      product += 16 &* 4 &* Column.count
      channel &+= Column.count
    }
  }
}

/// Aᵀ m A of one window and every output channel, then bias, activation and pool.
@inline(__always)
private func transformOutput(
  _ products: UnsafePointer<Lanes>, _ geometry: convolution_geometry, _ bias: UnsafePointer<Float>,
  _ output: UnsafeMutablePointer<Lanes>?, _ pooled: UnsafeMutablePointer<Lanes>?
) {
  let step = 4 &* Column.count
  for channel in 0..<geometry.channels {
    let (tile, place) = channel.quotientAndRemainder(dividingBy: Column.count)
    let m = products + (16 &* tile &* step &+ place)
    @inline(__always) func column(_ x: Int) -> (Lanes, Lanes) {
      sums(m[x &* step], m[(4 &+ x) &* step], m[(8 &+ x) &* step], m[(12 &+ x) &* step])
    }
    let (a, b, c, d) = (column(0), column(1), column(2), column(3))
    let (top, bottom) = (sums(a.0, b.0, c.0, d.0), sums(a.1, b.1, c.1, d.1))
    let bias = Lanes(repeating: bias[channel])
    @inline(__always) func final(_ sum: Lanes) -> Lanes {
      geometry.rectified ? positive(sum + bias) : sum + bias
    }
    if let output {
      output[channel] = final(top.0)
      output[geometry.channels &+ channel] = final(top.1)
      output[geometry.output_pitch &+ channel] = final(bottom.0)
      output[geometry.output_pitch &+ geometry.channels &+ channel] = final(bottom.1)
    }
    // Rounding keeps the order of numbers, so that bias and activation may follow the pool.
    if let pooled { pooled[channel] = final(maximum(maximum(top.0, top.1), maximum(bottom.0, bottom.1))) }
  }
}

/// Aᵀ times a column.
@inline(__always)
func sums(_ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes) -> (Lanes, Lanes) { (a + b + c, b - c - d) }
