import CCairo
import Threads

/// Compresses bytes into a zlib stream (RFC 1950) in blocks, on as many cores as there are.
///
/// A block remembers nothing of the one before it, which costs some bytes and lets all be made at once; what is written
/// depends on the blocks alone, and not on the cores.
enum Deflate {
  /// More would wait for memory.
  private static let mostThreads = 8

  /// The parts of the stream, one a block, to be written one after the other.
  /// - Parameters:
  ///   - blocks: how many there are, at least one.
  ///   - bytes: makes a block's bytes; called once for each, in any order and at once.
  static func stream(blocks: Int, bytes: @Sendable (Int) -> [UInt8]) throws(PlottingError) -> [[UInt8]] {
    let parts = try parallelMap(blocks, threads: mostThreads) { (block) throws(PlottingError) in
      var data = bytes(block)
      let compressed = try compress(&data, isLast: block == blocks - 1)
      return (checksum: adler32(1, data, uInt(data.count)), length: data.count, bytes: compressed)
    }
    // Deflate with a window of 32 KB, made at the fastest level (RFC 1950, section 2.2); the checksum of all is the end.
    var stream = parts.map(\.bytes)
    stream[0].insert(contentsOf: [0x78, 0x01], at: 0)
    let checksum = parts.dropFirst().reduce(parts[0].checksum) { adler32_combine($0, $1.checksum, $1.length) }
    stream[blocks - 1] += PNGChunks.bigEndian(UInt32(truncatingIfNeeded: checksum))
    return stream
  }

  /// One block without header: closed where it is the last, else ended at a whole byte.
  private static func compress(_ data: inout [UInt8], isLast: Bool) throws(PlottingError) -> [UInt8] {
    // zlib remembers its stream's address, which therefore stays on the heap.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    defer { stream.deallocate() }
    stream.initialize(to: z_stream())
    // Negative window bits: neither header nor checksum. 9 of 9 for memory.
    var status = deflateInit2_(
      stream, Z_BEST_SPEED, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .compression(status: Int(status)) }
    defer { deflateEnd(stream) }
    let mostBytes = Int(deflateBound(stream, uLong(data.count))) + 16
    let bytes = data.withUnsafeMutableBufferPointer { data in
      [UInt8](unsafeUninitializedCapacity: mostBytes) { output, count in
        stream.pointee.next_in = data.baseAddress
        stream.pointee.avail_in = uInt(data.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = uInt(mostBytes)
        status = deflate(stream, isLast ? Z_FINISH : Z_SYNC_FLUSH)
        count = mostBytes - Int(stream.pointee.avail_out)
      }
    }
    guard status == (isLast ? Z_STREAM_END : Z_OK) else { throw .compression(status: Int(status)) }
    return bytes
  }
}
