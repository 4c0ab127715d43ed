import CDeflate

/// Compresses rows of bytes into a zlib stream (RFC 1950).
///
/// With libdeflate, all rows at once: its output depends on its input alone. ISA-L's igzip, which is faster, finds other
/// matches where its memory lies elsewhere.
struct Deflate {
  let rows: Int
  let bytesPerRow: Int

  /// On flat charts the smallest files below twice the fastest level's time.
  private static let level: Int32 = 6

  /// The whole stream, its checksum included.
  /// - Parameter fill: writes a row's bytes; called once for each, from the first to the last.
  /// - Throws: `PlottingError.compression` without memory.
  func stream(fill: (Int, UnsafeMutablePointer<UInt8>) -> Void) throws(PlottingError) -> [UInt8] {
    let size = rows * bytesPerRow
    guard let compressor = libdeflate_alloc_compressor(Self.level) else { throw .compression(bytes: size) }
    defer { libdeflate_free_compressor(compressor) }
    guard let input = LargePages(bytes: size) else { throw .compression(bytes: size) }
    for row in 0..<rows { fill(row, input.bytes + row * bytesPerRow) }
    let most = libdeflate_zlib_compress_bound(compressor, size)
    let stream = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      count = libdeflate_zlib_compress(compressor, input.bytes, size, buffer.baseAddress, most)
    }
    // Never with a buffer as large as the bound.
    guard !stream.isEmpty else { throw .compression(bytes: size) }
    return stream
  }
}
