/// Writes 8-bit RGB PNG files (PNG specification, third edition, W3C 2025): unfiltered rows at zlib's fastest level, which
/// suits flat charts best.
struct PNGEncoder {
  let width: Int
  let height: Int
  let dotsPerInch: Double

  /// About how many bytes are compressed at a time: as many as keep two cores busy with one chart.
  private static let bytesPerBlock = 1 << 19

  /// A whole file from pixels stored as 0xXXRRGGBB.
  func encode(_ pixels: UnsafePointer<UInt32>, wordsPerRow: Int) throws(PlottingError) -> [UInt8] {
    var file = PNGChunks.signature
    // Bit depth 8, colour type 2 (RGB), deflate, the standard filters, not interlaced.
    PNGChunks.append(
      "IHDR", PNGChunks.bigEndian(UInt32(width)) + PNGChunks.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0], to: &file)
    let dotsPerMetre = PNGChunks.bigEndian(UInt32((dotsPerInch / 0.0254).rounded()))
    PNGChunks.append("pHYs", dotsPerMetre + dotsPerMetre + [1], to: &file)
    let bytesPerRow = 1 + 3 * width
    let data = Deflate(rows: height, bytesPerRow: bytesPerRow, rowsPerBlock: max(1, Self.bytesPerBlock / bytesPerRow))
    // Read alone, by all threads.
    nonisolated(unsafe) let pixels = pixels
    let stream = try data.stream { y, bytes in fill(bytes, from: pixels + y * wordsPerRow) }
    for part in stream { PNGChunks.append("IDAT", part, to: &file) }
    PNGChunks.append("IEND", [], to: &file)
    return file
  }

  /// A row: its filter, 0 for none, and its pixels.
  private func fill(_ bytes: UnsafeMutablePointer<UInt8>, from row: UnsafePointer<UInt32>) {
    bytes[0] = 0
    var byte = bytes + 1
    for x in 0..<width {
      let word = row[x]
      byte[0] = UInt8(truncatingIfNeeded: word >> 16)
      byte[1] = UInt8(truncatingIfNeeded: word >> 8)
      byte[2] = UInt8(truncatingIfNeeded: word)
      byte += 3
    }
  }
}
