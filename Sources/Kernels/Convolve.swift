import CProcessor

/// Images side by side in one vector.
public let laneCount = Lanes.scalarCount
/// Weights are packed for this many output channels at a time.
public let channelsPerTile = Column.count

/// Convolves one group of images, with bias and, as `geometry` says, max(x, 0).
///
/// Vectors are `laneCount` floats, one an image, and aligned to their size.
/// - Parameters:
///   - geometry: with rows of zeros, which are left out, only for a stride of 1 and without pooling.
///   - input: vectors (rows, columns, channels).
///   - weights: (channels / channelsPerTile rounded up, kernel_rows, run, channelsPerTile); 0 beyond the last channel.
///   - bias: one an output channel, with 0s up to a multiple of `channelsPerTile`.
///   - output: vectors (height, output_pitch) or nil; with `pooled`, only what lies under whole windows is written.
///   - pooled: vectors (height / 2, width / 2, channels): the largest of each 2 x 2 positions; nil for no pooling.
public func convolve(
  _ geometry: convolution_geometry, input: UnsafePointer<Float>, weights: UnsafePointer<Float>,
  bias: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>?, pooled: UnsafeMutablePointer<Float>?
) {
  let input = vectors(input)
  let output = output.map(vectors)
  let pooled = pooled.map(vectors)
  let channels = geometry.channels
  if let pooled {
    let (height, width) = (geometry.height / 2, geometry.width / 2)
    for y in 0..<height {
      for x in 0..<width {
        let first = input + (2 &* y &* geometry.row_step &+ 2 &* x &* geometry.column_step)
        let place = 2 &* y &* geometry.output_pitch &+ 2 &* x &* channels
        convolveTiles(
          geometry, 0, geometry.kernel_rows, weights, bias,
          (
            first, first + geometry.column_step, first + geometry.row_step,
            first + (geometry.row_step &+ geometry.column_step)
          ),
          output.map {
            (
              $0 + place, $0 + (place &+ channels), $0 + (place &+ geometry.output_pitch),
              $0 + (place &+ geometry.output_pitch &+ channels)
            )
          }, pooled + (y &* width &+ x) &* channels)
      }
    }
  } else if let output {
    let positions = geometry.height &* geometry.width
    var position = 0
    while position < positions {
      // The last tile repeats its last position rather than pass the end.
      let (a, b, c, d) = (
        position, min(position &+ 1, positions &- 1), min(position &+ 2, positions &- 1),
        min(position &+ 3, positions &- 1)
      )
      @inline(__always) func source(_ position: Int) -> UnsafePointer<Lanes> {
        let (y, x) = position.quotientAndRemainder(dividingBy: geometry.width)
        return input + (y &* geometry.row_step &+ x &* geometry.column_step)
      }
      @inline(__always) func target(_ position: Int) -> UnsafeMutablePointer<Lanes> {
        let (y, x) = position.quotientAndRemainder(dividingBy: geometry.width)
        return output + (y &* geometry.output_pitch &+ x &* channels)
      }
      // Of the rows of a kernel, those that meet more than zeros at one of the four.
      let first = max(0, geometry.zero_rows &- d / geometry.width)
      let end = min(
        geometry.kernel_rows, geometry.height &+ geometry.kernel_rows &- 1 &- geometry.zero_rows &- a / geometry.width)
      convolveTiles(
        geometry, first, end, weights, bias, (source(a), source(b), source(c), source(d)),
        (target(a), target(b), target(c), target(d)), nil)
      position &+= 4
    }
  }
}

typealias Sources = (UnsafePointer<Lanes>, UnsafePointer<Lanes>, UnsafePointer<Lanes>, UnsafePointer<Lanes>)
typealias Targets = (
  UnsafeMutablePointer<Lanes>, UnsafeMutablePointer<Lanes>, UnsafeMutablePointer<Lanes>, UnsafeMutablePointer<Lanes>
)

/// All output channels of four positions.
/// - Parameters:
///   - firstRow, endRow: the rows of the kernel to sum over: firstRow..<endRow.
@inline(__always)
private func convolveTiles(
  _ geometry: convolution_geometry, _ firstRow: Int, _ endRow: Int, _ weights: UnsafePointer<Float>,
  _ bias: UnsafePointer<Float>, _ sources: Sources, _ targets: Targets?, _ pooled: UnsafeMutablePointer<Lanes>?
) {
  let channels = geometry.channels
  let weightsPerRow = geometry.run &* Column.count
  var tile = weights
  var first = 0
  while first < channels {
    let start = Column(sharing: bias + first)
    var (p, q, r, s) = (start, start, start, start)
    var weight = tile + firstRow &* weightsPerRow
    var offset = firstRow &* geometry.row_pitch
    for _ in firstRow..<endRow {
      for index in offset..<offset &+ geometry.run {
        let factors = Column(sharing: weight)
        p.add(sources.0[index], times: factors)
        q.add(sources.1[index], times: factors)
        r.add(sources.2[index], times: factors)
        s.add(sources.3[index], times: factors)
        weight += Column.count
      }
      offset &+= geometry.row_pitch
    }
    Column.forEachChannel(p, q, r, s) { channel, p, q, r, s in
      let place = first &+ channel
      guard place < channels else { return }
      var (p, q, r, s) = (p, q, r, s)
      if geometry.rectified { (p, q, r, s) = (positive(p), positive(q), positive(r), positive(s)) }
      if let targets {
        targets.0[place] = p
        targets.1[place] = q
        targets.2[place] = r
        targets.3[place] = s
      }
      if let pooled { pooled[place] = maximum(maximum(p, q), maximum(r, s)) }
    }
    tile += geometry.kernel_rows &* weightsPerRow
    first &+= Column.count
  }
}
