import CCairo
import Threads

/// Compresses rows of bytes into a zlib stream (RFC 1950) in blocks, on as many cores as there are.
///
/// A block remembers nothing of the one before it, which costs some bytes and lets all be made at once; what is written
/// depends on the blocks alone, and not on the cores.
struct Deflate {
  let rows: Int
  let bytesPerRow: Int
  /// Of a block; the last may have fewer.
  let rowsPerBlock: Int

  /// More would wait for memory.
  private static let mostThreads = 8

  /// The parts of the stream, one a block, to be written one after the other.
  /// - Parameter fill: writes a row's bytes; called once for each, in any order and at once.
  func stream(fill: @Sendable (Int, UnsafeMutablePointer<UInt8>) -> Void) throws(PlottingError) -> [[UInt8]] {
    let blocks = (rows + rowsPerBlock - 1) / rowsPerBlock
    let parts = try parallelMap(blocks, threads: Self.mostThreads) { (block) throws(PlottingError) in
      try compress(block * rowsPerBlock..<min(rows, (block + 1) * rowsPerBlock), fill: fill)
    }
    // Deflate with a window of 32 KB, made at the fastest level (RFC 1950, section 2.2); the checksum of all is the end.
    var stream = parts.map(\.bytes)
    stream[0].insert(contentsOf: [0x78, 0x01], at: 0)
    let checksum = parts.dropFirst().reduce(parts[0].checksum) { adler32_combine($0, $1.checksum, $1.length) }
    stream[blocks - 1] += PNGChunks.bigEndian(UInt32(truncatingIfNeeded: checksum))
    return stream
  }

  /// One block without header: closed where it is the last, else ended at a whole byte.
  private func compress(
    _ block: Range<Int>, fill: (Int, UnsafeMutablePointer<UInt8>) -> Void
  ) throws(PlottingError) -> (checksum: uLong, length: Int, bytes: [UInt8]) {
    // zlib remembers its stream's address, which therefore stays on the heap.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    // Row by row through one that stays in the cache.
    let row = UnsafeMutablePointer<UInt8>.allocate(capacity: bytesPerRow)
    defer {
      stream.deallocate()
      row.deallocate()
    }
    stream.initialize(to: z_stream())
    // Negative window bits: neither header nor checksum. 7 of 9 for memory: with the window the tables move, and larger
    // ones take longer to move than they save.
    var status = deflateInit2_(
      stream, Z_BEST_SPEED, Z_DEFLATED, -15, 7, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw .compression(status: Int(status)) }
    defer { deflateEnd(stream) }
    let length = block.count * bytesPerRow
    let mostBytes = Int(deflateBound(stream, uLong(length))) + 16
    let isLast = block.upperBound == rows
    var checksum: uLong = 1
    let bytes = [UInt8](unsafeUninitializedCapacity: mostBytes) { output, count in
      stream.pointee.next_out = output.baseAddress
      stream.pointee.avail_out = uInt(mostBytes)
      for index in block where status == Z_OK {
        fill(index, row)
        checksum = adler32(checksum, row, uInt(bytesPerRow))
        stream.pointee.next_in = row
        stream.pointee.avail_in = uInt(bytesPerRow)
        let isEnd = index == block.upperBound - 1
        status = deflate(stream, !isEnd ? Z_NO_FLUSH : isLast ? Z_FINISH : Z_SYNC_FLUSH)
      }
      count = mostBytes - Int(stream.pointee.avail_out)
    }
    guard status == (isLast ? Z_STREAM_END : Z_OK) else { throw .compression(status: Int(status)) }
    return (checksum, length, bytes)
  }
}
