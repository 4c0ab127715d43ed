import CProcessor

/// Adds to the gradient of a convolution's kernel, one sum a lane: the caller adds the lanes up once, at the end.
///
/// - Parameters:
///   - geometry: of the forward convolution, its output laid out as `gradient` is.
///   - input: vectors, as `convolve` read them; up to 3 vectors behind its end are read too.
///   - gradient: with respect to the sums before the activation; up to `channelsPerTile` - 1 vectors behind its end are read.
///   - sums: vectors (channels / channelsPerTile rounded up, kernel_rows, run / 4 rounded up, 4, channelsPerTile); what lies
///     beyond the channels and the run is filled with nonsense.
public func addKernelGradient(
  _ geometry: convolution_geometry, input: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
  sums: UnsafeMutablePointer<Float>
) {
  let (input, gradient, sums) = (vectors(input), vectors(gradient), vectors(sums))
  let channels = geometry.channels
  // As many rows at a time as leave both maps in the second-level cache.
  let rowBytes = (geometry.output_pitch &+ geometry.row_pitch) &* MemoryLayout<Lanes>.stride
  let rows = max(1, 192 * 1024 / rowBytes)
  var top = 0
  while top < geometry.height {
    let bottom = min(geometry.height, top &+ rows)
    var tile = sums
    var channel = 0
    while channel < channels {
      for kernelRow in 0..<geometry.kernel_rows {
        var column = 0
        while column < geometry.run {
          addTile(
            geometry, top, bottom, input + (kernelRow &* geometry.row_pitch &+ column), gradient + channel, tile)
          tile += 4 &* Column.count
          column &+= 4
        }
      }
      channel &+= Column.count
    }
    top = bottom
  }
}

/// `channelsPerTile` output channels by four weights, over the positions of some rows.
@inline(__always)
private func addTile(
  _ geometry: convolution_geometry, _ top: Int, _ bottom: Int, _ input: UnsafePointer<Lanes>,
  _ gradient: UnsafePointer<Lanes>, _ result: UnsafeMutablePointer<Lanes>
) {
  let count = Column.count
  var (p, q, r, s) = (
    Column(result), Column(result + count), Column(result + 2 &* count), Column(result + 3 &* count)
  )
  for row in top..<bottom {
    var value = input + row &* geometry.row_step
    var slope = gradient + row &* geometry.output_pitch
    for _ in 0..<geometry.width {
      let factors = Column(slope)
      p.add(value[0], times: factors)
      q.add(value[1], times: factors)
      r.add(value[2], times: factors)
      s.add(value[3], times: factors)
      value += geometry.column_step
      slope += geometry.channels
    }
  }
  p.store(to: result)
  q.store(to: result + count)
  r.store(to: result + 2 &* count)
  s.store(to: result + 3 &* count)
}

/// Adds the gradient's positions to the bias' gradient, one sum a lane: vectors (channels).
public func addBiasGradient(
  _ geometry: convolution_geometry, gradient: UnsafePointer<Float>, sums: UnsafeMutablePointer<Float>
) {
  let (gradient, sums) = (vectors(gradient), vectors(sums))
  for y in 0..<geometry.height {
    var place = gradient + y &* geometry.output_pitch
    for _ in 0..<geometry.width {
      for channel in 0..<geometry.channels { sums[channel] += place[channel] }
      place += geometry.channels
    }
  }
}

/// The gradient before activation from the one behind it, for a convolution that no pool follows.
///
/// - Parameters:
///   - output: what `convolve` wrote, vectors (height, width, channels).
///   - upstream: the same layout.
///   - gradient: vectors (height, output_pitch), which this writes.
public func maskGradient(
  _ geometry: convolution_geometry, output: UnsafePointer<Float>, upstream: UnsafePointer<Float>,
  gradient: UnsafeMutablePointer<Float>
) {
  let (output, upstream, gradient) = (vectors(output), vectors(upstream), vectors(gradient))
  let row = geometry.width &* geometry.channels
  for y in 0..<geometry.height {
    for index in 0..<row {
      var slope = upstream[y &* row &+ index]
      if geometry.rectified { slope.replace(with: Lanes(), where: .!(output[y &* row &+ index] .> Lanes())) }
      gradient[y &* geometry.output_pitch &+ index] = slope
    }
  }
}

/// The gradient before activation and 2 x 2 maximum pooling from the one behind both: it goes to the first place that
/// holds the maximum.
///
/// - Parameters:
///   - output: what `convolve` wrote, vectors (height, width, channels).
///   - pooled: what it wrote, vectors (height / 2, width / 2, channels).
///   - upstream: laid out as `pooled`.
///   - gradient: vectors (height, output_pitch); what lies under whole windows is written.
public func unpoolGradient(
  _ geometry: convolution_geometry, output: UnsafePointer<Float>, pooled: UnsafePointer<Float>,
  upstream: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>
) {
  let (output, pooled, upstream) = (vectors(output), vectors(pooled), vectors(upstream))
  let gradient = vectors(gradient)
  let channels = geometry.channels
  let (height, width, row) = (geometry.height / 2, geometry.width / 2, geometry.width &* channels)
  for y in 0..<height {
    for x in 0..<width {
      let (source, target) = (
        2 &* y &* row &+ 2 &* x &* channels, 2 &* y &* geometry.output_pitch &+ 2 &* x &* channels
      )
      for channel in 0..<channels {
        let window = (y &* width &+ x) &* channels &+ channel
        let largest = pooled[window]
        var left = upstream[window]
        if geometry.rectified { left.replace(with: Lanes(), where: .!(largest .> Lanes())) }
        for dy in 0..<2 {
          for dx in 0..<2 {
            let isLargest = output[source &+ dy &* row &+ dx &* channels &+ channel] .== largest
            gradient[target &+ dy &* geometry.output_pitch &+ dx &* channels &+ channel] =
              Lanes().replacing(with: left, where: isLargest)
            left.replace(with: Lanes(), where: isLargest)
          }
        }
      }
    }
  }
}
