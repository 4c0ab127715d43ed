import CCairo

/// Writes 8-bit RGB PNG files (PNG specification, third edition, W3C 2025): unfiltered rows at zlib's fastest level, which
/// suits flat charts best.
struct PNGEncoder {
  let width: Int
  let height: Int
  let dotsPerInch: Double

  /// A whole file from pixels stored as 0xXXRRGGBB.
  func encode(_ pixels: UnsafePointer<UInt32>, wordsPerRow: Int) throws(PlottingError) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // Bit depth 8, colour type 2 (RGB), deflate, the standard filters, not interlaced.
    append("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0], to: &file)
    let dotsPerMetre = bigEndian(UInt32((dotsPerInch / 0.0254).rounded()))
    append("pHYs", dotsPerMetre + dotsPerMetre + [1], to: &file)
    append("IDAT", try compress(pixels, wordsPerRow: wordsPerRow), to: &file)
    append("IEND", [], to: &file)
    return file
  }

  private func compress(_ pixels: UnsafePointer<UInt32>, wordsPerRow: Int) throws(PlottingError) -> [UInt8] {
    let deflate = try Deflate()
    // Each row begins with its filter: 0, none.
    var row = [UInt8](repeating: 0, count: 1 + 3 * width)
    for y in 0..<height {
      row.withUnsafeMutableBufferPointer { row in
        for x in 0..<width {
          let word = pixels[y * wordsPerRow + x]
          row[3 * x + 1] = UInt8(truncatingIfNeeded: word >> 16)
          row[3 * x + 2] = UInt8(truncatingIfNeeded: word >> 8)
          row[3 * x + 3] = UInt8(truncatingIfNeeded: word)
        }
      }
      try deflate.append(&row, isLast: y == height - 1)
    }
    return deflate.output
  }

  private func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
    file += bigEndian(UInt32(data.count))
    let body = Array(type.utf8) + data
    file += body
    file += bigEndian(UInt32(truncatingIfNeeded: crc32(0, body, uInt(body.count))))
  }

  private func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

/// Owns one zlib compressor; zlib remembers its stream's address, which therefore stays on the heap.
private final class Deflate {
  private let stream: UnsafeMutablePointer<z_stream>
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var output: [UInt8] = []

  init() throws(PlottingError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = deflateInit_(stream, Z_BEST_SPEED, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .compression(status: Int(status)) }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func append(_ data: inout [UInt8], isLast: Bool) throws(PlottingError) {
    let status = data.withUnsafeMutableBufferPointer { data in
      stream.pointee.next_in = data.baseAddress
      stream.pointee.avail_in = uInt(data.count)
      return chunk.withUnsafeMutableBufferPointer { chunk in
        var status = Z_OK
        repeat {
          stream.pointee.next_out = chunk.baseAddress
          stream.pointee.avail_out = uInt(chunk.count)
          status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
          output += chunk[..<(chunk.count - Int(stream.pointee.avail_out))]
        } while status == Z_OK && stream.pointee.avail_out == 0
        return status
      }
    }
    guard status == (isLast ? Z_STREAM_END : Z_OK) else { throw .compression(status: Int(status)) }
  }
}
