import CHDF5

extension HDF5Dataset {
  /// Checks each chunk that `rows` touches: what is stored has to come out as exactly one chunk.
  ///
  /// HDF5 allocates and inflates whatever the file declares, and reads beyond the end of chunks that come out too small.
  /// Compressed chunks are therefore inflated twice; those that were seen once are not looked at again.
  func checkChunks(_ rows: Range<Int>) throws {
    guard let chunk, source.byteCount != nil else { return }
    var first = rows.lowerBound / chunk.shape[0] * chunk.shape[0]
    while first < rows.upperBound {
      if !checkedRows.contains(first) {
        try checkChunks(chunk, startingAt: first)
        checkedRows.insert(first)
      }
      first += chunk.shape[0]
    }
  }

  /// Asks for every chunk's place in the file, up to a quarter of a million of them, without reading what is there.
  package func visitChunks() {
    guard let chunk, extent.count > 0 else { return }
    Library.locked {
      var size: hsize_t = 0
      var corner = [Int](repeating: 0, count: shape.count)
      var left = 1 << 18
      while corner[0] < shape[0], left > 0 {
        _ = H5Dget_chunk_storage_size(handle.id, corner.map { hsize_t($0) }, &size)
        advance(&corner, by: chunk)
        left -= 1
      }
    }
  }

  /// The next chunk: the last axis first, carrying over like the digits of a number.
  private func advance(_ corner: inout [Int], by chunk: ChunkShape) {
    var axis = shape.count - 1
    corner[axis] += chunk.shape[axis]
    while axis > 0, corner[axis] >= shape[axis] {
      corner[axis] = 0
      axis -= 1
      corner[axis] += chunk.shape[axis]
    }
  }

  private func checkChunks(_ chunk: ChunkShape, startingAt row: Int) throws {
    let size = chunk.shape.reduce(type.storedBytes, *)
    let isCompressed = chunk.filters.contains { $0 == H5Z_FILTER_DEFLATE || $0 == LZFFilter.number }
    var inflated = [UInt8](repeating: 0, count: isCompressed ? size + 4 : 0)
    var corner = [row] + [Int](repeating: 0, count: shape.count - 1)
    while corner[0] == row {
      try checkChunk(chunk, at: corner.map { hsize_t($0) }, size: size, &inflated)
      advance(&corner, by: chunk)
    }
  }

  private func checkChunk(_ chunk: ChunkShape, at corner: [hsize_t], size: Int, _ inflated: inout [UInt8]) throws {
    func damaged(_ found: String) -> HDF5Error {
      source.error(path, "a chunk \(found)", expected: "an intact HDF5 file")
    }

    var storedSize: hsize_t = 0
    // A chunk that was never written is an error or of no bytes here, and reads as the fill value.
    guard H5Dget_chunk_storage_size(handle.id, corner, &storedSize) >= 0, storedSize > 0 else { return }
    // Compression may add a little to what it cannot compress: zlib promises under 0.1 %.
    guard storedSize <= size + size / 64 + 1024 else { throw damaged("of \(storedSize) stored bytes") }
    guard !chunk.filters.isEmpty else {
      guard storedSize == size else { throw damaged("of \(storedSize) bytes instead of \(size)") }
      return
    }

    var stored = [UInt8](repeating: 0, count: Int(storedSize))
    var skipped: UInt32 = 0
    try check(
      H5Dread_chunk(handle.id, chdf5_default(), corner, &skipped, &stored), location, "an intact HDF5 file")
    // The sizes between the filters, in the order of reading: a checksum takes 4 bytes off.
    var remaining = stored.count
    let applied = chunk.filters.enumerated().filter { skipped & (1 << $0.offset) == 0 }.map(\.element)
    for (index, filter) in applied.enumerated().reversed() {
      switch filter {
      case H5Z_FILTER_FLETCHER32: remaining -= 4
      case H5Z_FILTER_DEFLATE:
        let expected = size + (applied[..<index].contains(H5Z_FILTER_FLETCHER32) ? 4 : 0)
        var count = uLongf(expected)
        guard remaining > 0, uncompress(&inflated, &count, stored, uLong(remaining)) == Z_OK else {
          throw damaged("that does not inflate to \(expected) bytes")
        }
        remaining = Int(count)
      case LZFFilter.number:
        let expected = size + (applied[..<index].contains(H5Z_FILTER_FLETCHER32) ? 4 : 0)
        guard remaining > 0,
          let count = stored.withUnsafeBytes({ stored in
            inflated.withUnsafeMutableBytes {
              LZFFilter.inflate(
                UnsafeRawBufferPointer(rebasing: stored[..<remaining]),
                into: UnsafeMutableRawBufferPointer(rebasing: $0[..<expected]))
            }
          })
        else { throw damaged("that LZF does not inflate to \(expected) bytes") }
        remaining = count
      default: break
      }
    }
    guard remaining == size else { throw damaged("of \(remaining) bytes instead of \(size)") }
  }
}
