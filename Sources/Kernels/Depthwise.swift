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
  let whole = channels / laneCount &* laneCount
  let lastFour = geometry.lastFour
  var target = output
  for y in first..<end {
    let top = y &* geometry.step_y &- geometry.top
    let rows = taps(from: top, gap: geometry.gap_y, count: geometry.window_height, extent: geometry.map_height)
    // Outputs of the row whose whole vectors are there.
    var filled = 0
    for x in 0..<geometry.width {
      let left = x &* geometry.step_x &- geometry.left
      let columns = taps(from: left, gap: geometry.gap_x, count: geometry.window_width, extent: geometry.map_width)
      let corner =
        input
        + ((top &* geometry.map_width &+ left) &* channels &+ rows.first &* rowStep &+ columns.first &* columnStep)
      let factors = weights + (rows.first &* factorStep &+ columns.first &* channels)
      if x >= filled, left >= 0, x < lastFour &+ 4 {
        // The last four may overlap those before.
        let back = max(0, x &- lastFour) &* channels
        convolveFour(
          whole, channels, rows.count, corner - back, rowStep, factors, bias, target - back, rectified, ceiling)
        filled = min(x, lastFour) &+ 4
      }
      @inline(__always) func sum(_ channel: Int, _ start: Lanes, _ load: (UnsafePointer<Float>) -> Lanes) -> Lanes {
        var (sum, source, factor) = (start, corner + channel, factors + channel)
        for _ in 0..<rows.count {
          if columns.count == 3 {
            sum = multiplyAdd(sum, load(source), load(factor))
            sum = multiplyAdd(sum, load(source + columnStep), load(factor + channels))
            sum = multiplyAdd(sum, load(source + 2 &* columnStep), load(factor + 2 &* channels))
          } else {
            var (number, weight) = (source, factor)
            for _ in 0..<columns.count {
              sum = multiplyAdd(sum, load(number), load(weight))
              number += columnStep
              weight += channels
            }
          }
          source += rowStep
          factor += factorStep
        }
        return finished(sum, rectified, ceiling)
      }
      var channel = x < filled ? whole : 0
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

/// Whole vectors of four neighbouring outputs of a window that is three wide, all of it inside the map: each number is read once
/// for all of them.
///
/// - Parameters:
///   - whole: channels that are computed.
///   - channels: from a position to the next.
///   - rows: taps of the window above each other, `rowStep` apart.
///   - corner: the first output's first tap; the others' follow.
///   - weights: (rows, 3, channels).
///   - output: (4, channels).
@inline(__always)
private func convolveFour(
  _ whole: Int, _ channels: Int, _ rows: Int, _ corner: UnsafePointer<Float>, _ rowStep: Int,
  _ weights: UnsafePointer<Float>, _ bias: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
  _ rectified: Bool, _ ceiling: Float
) {
  for channel in stride(from: 0, to: whole, by: laneCount) {
    let start = read(bias + channel)
    var (a, b, c, d) = (start, start, start, start)
    var (source, factor) = (corner + channel, weights + channel)
    for _ in 0..<rows {
      let (first, second, third) = (read(factor), read(factor + channels), read(factor + 2 &* channels))
      let (p, q, r) = (read(source), read(source + channels), read(source + 2 &* channels))
      let (s, t) = (read(source + 3 &* channels), read(source + 4 &* channels))
      let u = read(source + 5 &* channels)
      a = multiplyAdd(multiplyAdd(multiplyAdd(a, p, first), q, second), r, third)
      b = multiplyAdd(multiplyAdd(multiplyAdd(b, q, first), r, second), s, third)
      c = multiplyAdd(multiplyAdd(multiplyAdd(c, r, first), s, second), t, third)
      d = multiplyAdd(multiplyAdd(multiplyAdd(d, s, first), t, second), u, third)
      source += rowStep
      factor += 3 &* channels
    }
    var target = output + channel
    for index in 0..<4 {
      let sum = index == 0 ? a : index == 1 ? b : index == 2 ? c : d
      writeLanes(finished(sum, rectified, ceiling), to: target)
      target += channels
    }
  }
}

extension depthwise_geometry {
  /// The last column from which four neighbouring windows lie inside the map; far below 0 where there is none, or where windows are
  /// not three wide and next to each other.
  fileprivate var lastFour: Int {
    let last = min(map_width &- 6 &+ left, width &- 4)
    return window_width == 3 && step_x == 1 && gap_x == 1 && last >= left ? last : -4
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
