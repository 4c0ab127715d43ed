import CProcessor

/// Some rows of a depthwise convolution's output, then max(x, 0) and a ceiling as requested: each number is one chain of fused
/// multiply-adds from the bias on, over the window's taps in their order; taps beyond the edge are left out.
///
/// - Parameters:
///   - first, end: rows of the output.
///   - input: (map height, map width, channels).
///   - weights: (window height, window width, channels).
///   - bias: (channels).
///   - output: the first row, (end - first, width, channels).
public func convolveDepthwise(
  geometry: depthwise_geometry, first: Int, end: Int, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, rectified: Bool, ceiling: Float
) {
  let channels = geometry.channels
  let rowPitch = geometry.map_width &* channels
  var target = output
  for y in first..<end {
    let top = y &* geometry.step_y &- geometry.top
    let rows = taps(from: top, gap: geometry.gap_y, count: geometry.window_height, extent: geometry.map_height)
    for x in 0..<geometry.width {
      let left = x &* geometry.step_x &- geometry.left
      let columns = taps(from: left, gap: geometry.gap_x, count: geometry.window_width, extent: geometry.map_width)
      let corner = input + (top &* rowPitch &+ left &* channels)
      forEachVector(of: channels) { channel, width in
        var sum = part(bias + channel, width)
        for row in rows {
          let source = corner + (row &* geometry.gap_y &* rowPitch &+ channel)
          let factors = weights + (row &* geometry.window_width &* channels &+ channel)
          for column in columns {
            sum = multiplyAdd(
              sum, part(source + column &* geometry.gap_x &* channels, width),
              part(factors + column &* channels, width))
          }
        }
        writePart(finished(sum, rectified, ceiling), to: target + channel, width)
      }
      target += channels
    }
  }
}

/// The taps of a window, `gap` apart from `start` on, that lie in 0..<extent.
@inline(__always)
private func taps(from start: Int, gap: Int, count: Int, extent: Int) -> Range<Int> {
  let (before, inside) = (max(0, 0 &- start), max(0, extent &- start))
  // Divisions are slow, and few windows have gaps.
  let (first, last) = gap == 1 ? (before, inside) : ((before &+ gap &- 1) / gap, (inside &+ gap &- 1) / gap)
  let end = min(count, last)
  return min(first, end)..<end
}
