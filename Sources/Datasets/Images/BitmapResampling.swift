extension Bitmap {
  /// The picture stretched to another size, every channel rounded to the nearest byte (halves up).
  ///
  /// Where nothing is left of a pixel (alpha 0) its colour is black. See `resampledPixels(width:height:)`.
  public func resampled(width newWidth: Int, height newHeight: Int) -> Bitmap {
    guard newWidth != width || newHeight != height else { return self }
    let floats = resampledPixels(width: newWidth, height: newHeight)
    // Weights are not negative and add up to 1, so that only rounding errors could leave 0...255.
    let bytes = floats.map { UInt8(min(max($0 + 0.5, 0), 255)) }
    return Bitmap(width: newWidth, height: newHeight, pixels: bytes)
  }

  /// The picture stretched to another size, in floating point: (H, W, 4), straight alpha, all channels 0...255.
  ///
  /// A separable triangle filter. Growing, it is bilinear interpolation between pixel centres, with the edge pixels
  /// repeated; shrinking by s, its support grows to s source pixels on either side, so that every source pixel counts:
  ///
  ///     out(i) = sum over j of t((j + 1/2 - c) / max(s, 1)) in(j),  c = (i + 1/2) s,  s = size / new size,
  ///     t(x) = max(0, 1 - |x|), weights divided by their sum
  ///
  /// which is what Pillow's `BILINEAR` computes. Colours are weighted by their alpha: a transparent pixel's hidden
  /// colour never shows.
  ///
  /// - Precondition: both sides are positive.
  public func resampledPixels(width newWidth: Int, height newHeight: Int) -> [Float] {
    precondition(newWidth > 0 && newHeight > 0, "a bitmap has at least one pixel")
    let columns = TriangleFilter(from: width, to: newWidth)
    let rows = TriangleFilter(from: height, to: newHeight)

    // (H, newWidth, 4), premultiplied by alpha / 255.
    var narrow = [SIMD4<Float>](repeating: .zero, count: height * newWidth)
    var line = [SIMD4<Float>](repeating: .zero, count: width)
    for y in 0..<height {
      for x in 0..<width {
        let pixel = SIMD4<Float>(self[x, y])
        let alpha = pixel.w / 255
        line[x] = SIMD4(pixel.x * alpha, pixel.y * alpha, pixel.z * alpha, pixel.w)
      }
      for x in 0..<newWidth {
        narrow[y * newWidth + x] = columns.value(at: x) { line[$0] }
      }
    }

    var result = [Float]()
    result.reserveCapacity(4 * newWidth * newHeight)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let pixel = rows.value(at: y) { narrow[$0 * newWidth + x] }
        let unmultiply = pixel.w > 0 ? 255 / pixel.w : 0
        result.append(contentsOf: [pixel.x * unmultiply, pixel.y * unmultiply, pixel.z * unmultiply, pixel.w])
      }
    }
    return result
  }

  /// The picture stretched to another size and laid over an opaque background: (H, W, 3), 0...255.
  ///
  /// - Parameter background: red, green and blue, 0...255; white unless told.
  public func rgbPixels(
    width newWidth: Int, height newHeight: Int, over background: SIMD3<Float> = SIMD3(repeating: 255)
  ) -> [Float] {
    let rgba = resampledPixels(width: newWidth, height: newHeight)
    var rgb = [Float]()
    rgb.reserveCapacity(3 * newWidth * newHeight)
    for start in stride(from: 0, to: rgba.count, by: 4) {
      let alpha = rgba[start + 3] / 255
      for channel in 0..<3 {
        rgb.append(rgba[start + channel] * alpha + background[channel] * (1 - alpha))
      }
    }
    return rgb
  }
}

/// The weights of one axis: for each new position, a run of old positions.
private struct TriangleFilter {
  private var runs: [Range<Int>] = []
  private var weights: [Float] = []
  private var firstWeight: [Int] = []

  init(from size: Int, to newSize: Int) {
    let scale = Double(size) / Double(newSize)
    let support = max(scale, 1)
    for position in 0..<newSize {
      let centre = (Double(position) + 0.5) * scale
      let first = max(0, Int(centre - support))
      let end = max(first + 1, min(size, Int((centre + support).rounded(.up))))
      let raw = (first..<end).map { max(0, 1 - abs(Double($0) + 0.5 - centre) / support) }
      let sum = raw.reduce(0, +)
      runs.append(first..<end)
      firstWeight.append(weights.count)
      weights += raw.map { Float($0 / sum) }
    }
  }

  @inline(__always)
  func value(at position: Int, of source: (Int) -> SIMD4<Float>) -> SIMD4<Float> {
    var sum = SIMD4<Float>.zero
    var weight = firstWeight[position]
    for index in runs[position] {
      sum += source(index) * weights[weight]
      weight += 1
    }
    return sum
  }
}
