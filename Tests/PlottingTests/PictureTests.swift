import Plotting
import Testing

/// Something of everything: text, dashes, gradients, a raster.
private func sample(width: Double = 120, height: Double = 80) -> Picture {
  Picture(width: width, height: height, title: "A <sample> & more") { canvas in
    let stops = [GradientStop(0, .orange), GradientStop(1, .blue)]
    canvas.fill(
      Path(circleAt: Point(30, 40), radius: 20),
      with: .radialGradient(center: Point(30, 40), radius: 20, stops: stops))
    canvas.fill(
      Path(Rectangle(x: 60, y: 20, width: 40, height: 10)),
      with: .linearGradient(from: Point(60, 0), to: Point(100, 0), stops: stops))
    canvas.polyline([Point(5, 75), Point(115, 70)], with: Stroke(.vermillion, width: 1.5, dash: [4, 2], cap: .round))
    canvas.text("Accuracy 98 %", at: Point(60, 12), style: TextStyle(Font(size: 9), anchor: .middle))
    canvas.text("up", at: Point(8, 40), style: TextStyle(Font(size: 9, weight: .bold), rotation: -90))
    if let raster = try? Raster(width: 2, height: 1, pixels: [255, 0, 0, 0, 0, 255]) {
      canvas.image(raster, in: Rectangle(x: 60, y: 40, width: 40, height: 20), filter: .nearest)
    }
    canvas.saved {
      canvas.clip(to: Rectangle(x: 0, y: 0, width: 10, height: 10))
      canvas.fill(Path(circleAt: Point(10, 10), radius: 8), with: Color.green.withAlpha(0.5))
    }
  }
}

@Suite struct PictureTests {
  @Test(arguments: [Picture.Format.png(dotsPerInch: 150), .pdf, .svg])
  func sameBytesEachTime(format: Picture.Format) throws {
    let picture = sample()
    #expect(try picture.data(as: format) == picture.data(as: format))
  }

  @Test func pngTellsItsSizeAndResolution() throws {
    let png = try sample().data(as: .png(dotsPerInch: 300))
    #expect(Array(png[0..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // 120 x 80 points at 300 dots per inch: 500 x 333 pixels, 8-bit RGB.
    #expect(Array(png[12..<29]) == Array("IHDR".utf8) + [0, 0, 1, 0xF4, 0, 0, 1, 0x4D, 8, 2, 0, 0, 0])
    // 300 / 0.0254 = 11811 dots per metre.
    #expect(Array(png[37..<50]) == Array("pHYs".utf8) + [0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1])
    #expect(Array(png.suffix(12)) == [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
  }

  @Test func pdfEmbedsItsFontAndNoDate() throws {
    let pdf = try sample().data(as: .pdf)
    let text = String(decoding: pdf, as: UTF8.self)
    #expect(text.hasPrefix("%PDF-1."))
    #expect(text.contains("/FontFile"))
    #expect(text.contains("/CreationDate (20000101000000Z)"))
  }

  @Test func svgIsNumberedFromOneAndTitled() throws {
    _ = try sample().raster()
    let svg = String(decoding: try sample().data(as: .svg), as: UTF8.self)
    #expect(svg.contains("<title>A &lt;sample&gt; &amp; more</title>"))
    #expect(svg.contains("</svg>"))
    #expect(svg.contains("id=\"image1\"") || svg.contains("id=\"source-1\""))
  }

  @Test func rasterHasTheColorsThatWereDrawn() throws {
    let raster = try Picture(width: 4, height: 2) { canvas in
      canvas.fill(Rectangle(x: 0, y: 0, width: 2, height: 2), with: Color(hex: 0x0072B2))
    }.raster()
    let row: [UInt8] = [0x00, 0x72, 0xB2, 0x00, 0x72, 0xB2, 255, 255, 255, 255, 255, 255]
    #expect(raster == (try Raster(width: 4, height: 2, pixels: row + row)))
  }

  @Test func rasterDrawnPixelForPixelComesBack() throws {
    let pixels = (0..<5 * 4 * 3).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let raster = try Raster(width: 5, height: 4, pixels: pixels)
    for filter in [RasterFilter.nearest, .bilinear] {
      let copy = try Picture(width: 5, height: 4) { canvas in
        canvas.image(raster, in: Rectangle(x: 0, y: 0, width: 5, height: 4), filter: filter)
      }.raster()
      #expect(copy == raster)
    }
  }

  @Test func nearestAndBilinearDifferBetweenPixels() throws {
    let raster = try Raster(width: 2, height: 1, pixels: [0, 0, 0, 200, 200, 200])
    func reds(_ filter: RasterFilter) throws -> [UInt8] {
      let drawn = try Picture(width: 8, height: 1) { canvas in
        canvas.image(raster, in: Rectangle(x: 0, y: 0, width: 8, height: 1), filter: filter)
      }.raster()
      return stride(from: 0, to: 24, by: 3).map { drawn.pixels[$0] }
    }
    #expect(try reds(.nearest) == [0, 0, 0, 0, 200, 200, 200, 200])
    // Pixel centres at 2 and 6 points: the weights at 2.5, 3.5, 4.5 and 5.5 are 1/8, 3/8, 5/8, 7/8.
    #expect(try reds(.bilinear).map { (Int($0) + 2) / 5 * 5 } == [0, 0, 25, 75, 125, 175, 200, 200])
  }

  @Test func textWidthsScaleWithTheFont() throws {
    var widths: [Double] = []
    _ = try Picture(width: 10, height: 10) { canvas in
      widths = [7, 14].map { canvas.width(of: "Attack success", font: Font(size: $0)) }
      canvas.scale(x: 3, y: 3)
      widths.append(canvas.width(of: "Attack success", font: Font(size: 7)))
    }.raster()
    #expect(widths[0] > 30 && widths[0] < 70)
    #expect(abs(widths[1] - 2 * widths[0]) < 1e-9)
    #expect(widths[2] == widths[0])
  }

  @Test func impossibleSizesAreErrors() {
    #expect(throws: PlottingError.pictureSize(width: 0, height: 80, unit: "pixels")) {
      try sample(width: 0).data(as: .png(dotsPerInch: 72))
    }
    #expect(throws: PlottingError.pictureSize(width: 40000, height: 80, unit: "points")) {
      try sample(width: 40000).data(as: .pdf)
    }
    #expect(throws: PlottingError.self) { try sample(width: .nan).data(as: .svg) }
    #expect(
      PlottingError.pictureSize(width: 40000, height: 80.5, unit: "points").description
        == "picture is 40000 x 80.5 points; expected 1...32767 each way")
  }

  @Test func aFailureWhileDrawingIsAnError() {
    let picture = Picture(width: 10, height: 10) { $0.translate(x: .nan, y: 0) }
    #expect(throws: PlottingError.cairo(doing: "drawing", message: "invalid matrix (not invertible)")) {
      try picture.raster()
    }
  }

  @Test func unmatchedRestoreDoesNothing() throws {
    #expect(try Picture(width: 2, height: 2) { $0.restore() }.raster().pixels == [UInt8](repeating: 255, count: 12))
  }

  @Test func rasterNeedsItsBytes() {
    #expect(throws: PlottingError.pixelCount(width: 2, height: 2, found: 3)) {
      try Raster(width: 2, height: 2, pixels: [1, 2, 3])
    }
    #expect(throws: PlottingError.self) { try Raster(width: .max, height: 8, pixels: []) }
    #expect(
      PlottingError.pixelCount(width: 2, height: 2, found: 3).description
        == "raster of 2 x 2 pixels has 3 bytes; expected width x height x 3, all positive")
  }
}

@Suite struct PNGTests {
  /// The last two are compressed in several blocks.
  @Test(arguments: [(1.0, 1.0), (7, 3), (61, 40), (120, 80), (900, 700), (30000, 12)])
  func pixelsComeBack(width: Double, height: Double) throws {
    let picture = sample(width: width, height: height)
    #expect(try PNGDecoder.raster(picture.data(as: .png(dotsPerInch: 72))) == picture.raster())
  }

  @Test func noiseComesBack() throws {
    var state: UInt32 = 1
    let pixels = (0..<200 * 150 * 3).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    let noise = try Raster(width: 200, height: 150, pixels: pixels)
    let picture = Picture(width: 200, height: 150) {
      $0.image(noise, in: Rectangle(x: 0, y: 0, width: 200, height: 150), filter: .nearest)
    }
    #expect(try PNGDecoder.raster(picture.data(as: .png(dotsPerInch: 72))) == noise)
  }
}
