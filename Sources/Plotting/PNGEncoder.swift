/// Writes 8-bit RGB PNG files (PNG specification, third edition, W3C 2025): rows without a filter, which suits flat charts
/// best.
struct PNGEncoder {
  let width: Int
  let height: Int
  let dotsPerInch: Double

  /// A whole file from pixels stored as 0xXXRRGGBB.
  func encode(_ pixels: UnsafePointer<UInt32>, wordsPerRow: Int) throws(PlottingError) -> [UInt8] {
    var file = PNGChunks.signature
    // Bit depth 8, colour type 2 (RGB), deflate, the standard filters, not interlaced.
    PNGChunks.append(
      "IHDR", PNGChunks.bigEndian(UInt32(width)) + PNGChunks.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0], to: &file)
    let dotsPerMetre = PNGChunks.bigEndian(UInt32((dotsPerInch / 0.0254).rounded()))
    PNGChunks.append("pHYs", dotsPerMetre + dotsPerMetre + [1], to: &file)
    let data = Deflate(rows: height, bytesPerRow: 1 + 3 * width)
    PNGChunks.append("IDAT", try data.stream { y, bytes in fill(bytes, from: pixels + y * wordsPerRow) }, to: &file)
    PNGChunks.append("IEND", [], to: &file)
    return file
  }

  /// A row: its filter, 0 for none, and its pixels.
  private func fill(_ bytes: UnsafeMutablePointer<UInt8>, from row: UnsafePointer<UInt32>) {
    bytes[0] = 0
    let bytes = UnsafeMutableRawPointer(bytes + 1)
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
  }
}
