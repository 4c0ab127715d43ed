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
  let (rowStep, columnStep) = (geometry.gap_y &* geometry.map_width &* channels, geometry.gap_x &* channels)
  let factorStep = geometry.window_width &* channels
  var target = output
  for y in first..<end {
    let top = y &* geometry.step_y &- geometry.top
    let rows = taps(from: top, gap: geometry.gap_y, count: geometry.window_height, extent: geometry.map_height)
    for x in 0..<geometry.width {
      let left = x &* geometry.step_x &- geometry.left
      let columns = taps(from: left, gap: geometry.gap_x, count: geometry.window_width, extent: geometry.map_width)
      let corner =
        input
        + ((top &* geometry.map_width &+ left) &* channels &+ rows.first &* rowStep &+ columns.first &* columnStep)
      let factors = weights + (rows.first &* factorStep &+ columns.first &* channels)
      @inline(__always) func sum(_ channel: Int, _ start: Lanes, _ load: (UnsafePointer<Float>) -> Lanes) -> Lanes {
        var (sum, source, factor) = (start, corner + channel, factors + channel)
        for _ in 0..<rows.count {
          var (number, weight) = (source, factor)
          for _ in 0..<columns.count {
            sum = multiplyAdd(sum, load(number), load(weight))
            number += columnStep
            weight += channels
          }
          source += rowStep
          factor += factorStep
        }
        return finished(sum, rectified, ceiling)
      }
      var channel = 0
      while channel &+ laneCount <= channels {
        writeLanes(sum(channel, read(bias + channel)) { read($0) }, to: target + channel)
        channel &+= laneCount
      }
      if channel < channels {
        let width = channels &- channel
        writePart(sum(channel, part(bias + channel, width)) { part($0, width) }, to: target + channel, width)
      }
      target += channels
    }
  }
}

/// The first of a window's taps, `gap` apart from `start` on, that lies in 0..<extent, and how many do.
@inline(__always)
private func taps(from start: Int, gap: Int, count: Int, extent: Int) -> (first: Int, count: Int) {
  let (before, inside) = (max(0, 0 &- start), max(0, extent &- start))
  // Divisions are slow, and few windows have gaps.
  let (first, last) = gap == 1 ? (before, inside) : ((before &+ gap &- 1) / gap, (inside &+ gap &- 1) / gap)
  let end = min(count, last)
  return (min(first, end), max(0, end &- first))
}
