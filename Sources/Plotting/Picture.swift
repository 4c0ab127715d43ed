import CCairo

/// A drawing of a fixed size, on white, that can be written in several formats.
///
/// The same drawing has the same bytes, in one process and in another, with the same fonts and cairo.
public struct Picture {
  /// The formats that a picture can be written in.
  public enum Format: Equatable, Sendable {
    /// 8-bit RGB pixels, with the resolution noted in the file.
    case png(dotsPerInch: Double)
    /// Vectors with embedded fonts.
    case pdf
    /// Vectors, letters as outlines.
    case svg
  }

  /// Width and height, in points.
  public let size: Size
  /// The title in a PDF's or SVG's properties.
  public let title: String
  let draw: (any Canvas) -> Void

  /// A picture of `width` x `height` points that is drawn, each time it is written, by `draw`.
  public init(width: Double, height: Double, title: String = "", draw: @escaping (any Canvas) -> Void) {
    size = Size(width: width, height: height)
    self.title = title
    self.draw = draw
  }

  /// The bytes of a file in `format`.
  /// - Throws: `PlottingError` for a size that cannot be drawn (1...32767 points, and pixels for PNG, each way) and
  ///   for what cairo refuses.
  public func data(as format: Format) throws(PlottingError) -> [UInt8] { try drawn(as: format).data }

  /// The bytes of a file in `format`, and the letters in it that no installed font has: each is drawn as an empty box.
  /// - Throws: as `data(as:)`.
  public func drawn(as format: Format) throws(PlottingError) -> (data: [UInt8], missingLetters: [Character]) {
    switch format {
    case .png(let dotsPerInch):
      let (surface, width, height, missing) = try image(scale: dotsPerInch / 72)
      let encoder = PNGEncoder(width: width, height: height, dotsPerInch: dotsPerInch)
      let data = try surface.withPixels { words, wordsPerRow throws(PlottingError) in
        try encoder.encode(words, wordsPerRow: wordsPerRow)
      }
      return (data, missing)
    case .pdf:
      try checkSize(size, unit: "points")
      let surface = try CairoSurface(pdf: size, title: title)
      let missing = try render(on: surface, scale: 1)
      return (try surface.finish(), missing)
    case .svg:
      try checkSize(size, unit: "points")
      let surface = try CairoSurface(svg: size)
      let missing = try render(on: surface, scale: 1)
      return (StableSVG.rewrite(try surface.finish(), title: title), missing)
    }
  }

  /// The picture as pixels, `scale` of them to a point each way; width and height rounded to whole pixels.
  /// - Throws: as `data(as:)`.
  public func raster(scale: Double = 1) throws(PlottingError) -> Raster {
    let (surface, width, height, _) = try image(scale: scale)
    let pixels = try surface.withPixels { words, wordsPerRow throws(PlottingError) in
      [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
        var at = 0
        for row in 0..<height {
          for column in 0..<width {
            let word = words[row * wordsPerRow + column]
            buffer[at] = UInt8(truncatingIfNeeded: word >> 16)
            buffer[at + 1] = UInt8(truncatingIfNeeded: word >> 8)
            buffer[at + 2] = UInt8(truncatingIfNeeded: word)
            at += 3
          }
        }
        count = at
      }
    }
    return Raster(checkedWidth: width, height: height, pixels: pixels)
  }

  private func image(scale: Double) throws(PlottingError) -> (
    CairoSurface, width: Int, height: Int, missingLetters: [Character]
  ) {
    let pixels = Size(width: (size.width * scale).rounded(), height: (size.height * scale).rounded())
    try checkSize(pixels, unit: "pixels")
    let (width, height) = (Int32(pixels.width), Int32(pixels.height))
    let surface = try CairoSurface(pixelsWide: width, high: height)
    let missing = try render(on: surface, scale: scale)
    return (surface, Int(width), Int(height), missing)
  }

  /// - Returns: the letters that no font has.
  private func render(on surface: CairoSurface, scale: Double) throws(PlottingError) -> [Character] {
    let canvas = CairoCanvas(surface)
    canvas.scale(x: scale, y: scale)
    // One pixel more than the picture, for sizes that were rounded up.
    canvas.fill(Rectangle(x: 0, y: 0, width: size.width + 1 / scale, height: size.height + 1 / scale), with: .white)
    draw(canvas)
    try canvas.check()
    return canvas.missingLetters
  }

  private func checkSize(_ size: Size, unit: String) throws(PlottingError) {
    let sides = 1...PlottingError.largestSide
    guard sides.contains(size.width), sides.contains(size.height) else {
      throw .pictureSize(width: size.width, height: size.height, unit: unit)
    }
  }
}
