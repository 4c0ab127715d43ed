import CDeflate

/// Compresses bytes into a zlib stream (RFC 1950).
///
/// With libdeflate, all at once: its output depends on its input alone. ISA-L's igzip, which is faster, finds other matches
/// where its memory lies elsewhere.
enum Deflate {
  /// On flat charts the smallest files below twice the fastest level's time.
  private static let level: Int32 = 6

  /// The whole stream, its checksum included.
  /// - Throws: `PlottingError.compression` without memory.
  static func stream(of bytes: UnsafeRawBufferPointer) throws(PlottingError) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(level) else { throw .compression(bytes: bytes.count) }
    defer { libdeflate_free_compressor(compressor) }
    let most = libdeflate_zlib_compress_bound(compressor, bytes.count)
    let stream = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      count = libdeflate_zlib_compress(compressor, bytes.baseAddress, bytes.count, buffer.baseAddress, most)
    }
    // Never with a buffer as large as the bound.
    guard !stream.isEmpty else { throw .compression(bytes: bytes.count) }
    return stream
  }
}
