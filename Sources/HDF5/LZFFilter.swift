import CHDF5
import Glibc

/// The filter LZF, which h5py brings and libhdf5 does not have: read, and never written.
enum LZFFilter {
  /// Its number among HDF5's registered filters.
  static let number: H5Z_filter_t = 32000

  /// Undoes the compression. A byte below 32 is followed by one more than that many bytes as they are; any other is a run of
  /// earlier bytes: three bits of length, of which 7 says that a byte more follows, and 13 bits of distance.
  ///
  /// Source: M. Lehmann, liblzf 3.6, the format of `lzf_d.c`.
  /// - Returns: how many bytes came out; nil for bytes that are no such stream, or that need more than `output` has.
  static func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
    var (place, count) = (0, 0)
    while place < input.count {
      let control = Int(input[place])
      place += 1
      if control < 32 {
        let length = control + 1
        guard length <= input.count - place, length <= output.count - count else { return nil }
        for index in 0..<length { output[count + index] = input[place + index] }
        place += length
        count += length
        continue
      }
      var length = control >> 5
      if length == 7 {
        guard place < input.count else { return nil }
        length += Int(input[place])
        place += 1
      }
      guard place < input.count else { return nil }
      let start = count - (control & 0x1F) << 8 - Int(input[place]) - 1
      place += 1
      length += 2
      guard start >= 0, length <= output.count - count else { return nil }
      // Byte by byte: a run may go on into what it has just written.
      for index in 0..<length { output[count + index] = output[start + index] }
      count += length
    }
    return count
  }

  /// Tells the library of it; to be called once it is loaded.
  static func register() {
    // HDF5 keeps the name.
    var filter = H5Z_class2_t(
      version: H5Z_CLASS_T_VERS, id: number, encoder_present: 0, decoder_present: 1, name: strdup("LZF"),
      can_apply: nil,
      set_local: nil, filter: callback)
    _ = H5Zregister(&filter)
  }

  /// Where it reads: `values[2]` is the size of a chunk; `buffer` is replaced by another from `malloc`, as HDF5 wants it.
  private static let callback: H5Z_func_t = { flags, valueCount, values, byteCount, size, buffer in
    guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, valueCount > 2, let values, let size, let buffer,
      let stored = buffer.pointee, (1...HDF5Limits.chunkBytes).contains(Int(values[2]))
    else { return 0 }
    // A checksum may have been added before.
    let most = Int(values[2]) + 4
    guard let output = malloc(most) else { return 0 }
    let input = UnsafeRawBufferPointer(start: stored, count: byteCount)
    guard let count = inflate(input, into: UnsafeMutableRawBufferPointer(start: output, count: most)), count > 0 else {
      free(output)
      return 0
    }
    free(stored)
    buffer.pointee = output
    size.pointee = most
    return count
  }
}
