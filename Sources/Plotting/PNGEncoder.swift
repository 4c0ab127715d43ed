/// Writes 8-bit RGB PNG files (PNG specification, third edition, W3C 2025): rows without a filter, which suits flat charts
/// best.
struct PNGEncoder {
  let width: Int
  let height: Int
  let dotsPerInch: Double

  /// A whole file from pixels stored as 0xXXRRGGBB.
  ///
  /// - Parameter pixels: is overwritten: rows are packed where they lie, because other memory would first have to be cleared.
  func encode(_ pixels: UnsafeMutablePointer<UInt32>, wordsPerRow: Int) throws(PlottingError) -> [UInt8] {
    var file = PNGChunks.signature
    // Bit depth 8, colour type 2 (RGB), deflate, the standard filters, not interlaced.
    PNGChunks.append(
      "IHDR", PNGChunks.bigEndian(UInt32(width)) + PNGChunks.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0], to: &file)
    let dotsPerMetre = PNGChunks.bigEndian(UInt32((dotsPerInch / 0.0254).rounded()))
    PNGChunks.append("pHYs", dotsPerMetre + dotsPerMetre + [1], to: &file)
    let bytes = UnsafeMutableRawPointer(pixels)
    for y in 0..<height { pack(pixels + y * wordsPerRow, to: bytes + y * bytesPerRow) }
    let rows = UnsafeRawBufferPointer(start: bytes, count: height * bytesPerRow)
    PNGChunks.append("IDAT", try Deflate.stream(of: rows), to: &file)
    PNGChunks.append("IEND", [], to: &file)
    return file
  }

  /// Of a row: its filter, 0 for none, and its pixels.
  private var bytesPerRow: Int { 1 + 3 * width }

  /// Writes a row where it lies or before: each pixel's bytes end where it does at the latest, and the filter's comes last.
  private func pack(_ row: UnsafePointer<UInt32>, to target: UnsafeMutableRawPointer) {
    let bytes = target + 1
    /// Red, green and blue, from the lowest byte on.
    @inline(__always) func pixel(_ x: Int) -> UInt32 { (row[x] << 8).bigEndian }
    let whole = width & ~3
    for x in stride(from: 0, to: whole, by: 4) {
      let (a, b, c, d) = (pixel(x), pixel(x &+ 1), pixel(x &+ 2), pixel(x &+ 3))
      let words = (a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8)
      bytes.storeBytes(of: words.0.littleEndian, toByteOffset: 3 &* x, as: UInt32.self)
      bytes.storeBytes(of: words.1.littleEndian, toByteOffset: 3 &* x &+ 4, as: UInt32.self)
      bytes.storeBytes(of: words.2.littleEndian, toByteOffset: 3 &* x &+ 8, as: UInt32.self)
    }
    for x in whole..<width {
      withUnsafeBytes(of: pixel(x).littleEndian) { (bytes + 3 * x).copyMemory(from: $0.baseAddress!, byteCount: 3) }
    }
    target.storeBytes(of: 0, as: UInt8.self)
  }
}
