import Files
import Glibc

/// Checks that `path` is a regular HDF5 file that has all the bytes its header promises; returns their number.
///
/// HDF5 checks the same, yet its messages do not tell a missing file from a foreign or a truncated one.
func checkSignature(_ path: String) throws -> Int {
  func error(_ found: String) -> HDF5Error { HDF5Error(location: path, found: found, expected: "an HDF5 file") }

  // Not blocking: opening a FIFO would wait for a writer.
  let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw error(errno == ENOENT ? "no such file" : "cannot be read (\(String(cString: strerror(errno))))")
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw error("cannot be read (\(String(cString: strerror(errno))))")
  }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw error(status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file")
  }
  let byteCount = Int(status.st_size)
  guard byteCount > 0 else { throw error("is empty") }

  // The superblock is at 0, 512, 1024, 2048 ... (HDF5 File Format Specification, section II.A).
  var offset = 0
  repeat {
    let block = readBytes(descriptor, at: offset)
    if block.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) {
      if let promised = endOfFile(block), promised > UInt64(byteCount) {
        throw HDF5Error(
          location: path, found: "truncated: the file has \(byteCount) bytes, its header promises \(promised)",
          expected: "the whole file")
      }
      return byteCount
    }
    offset = offset == 0 ? 512 : offset * 2
  } while offset < byteCount

  let start = readBytes(descriptor, at: 0).prefix(8).map { byte in
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
  throw error("not an HDF5 file (first bytes \(start.joined(separator: " ")))")
}

private func readBytes(_ descriptor: Int32, at offset: Int) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
    count = max(0, pread(descriptor, buffer.baseAddress, 64, offset))
  }
}

/// The end-of-file address in a superblock with 8-byte addresses; nil for others, which HDF5 checks by itself.
private func endOfFile(_ block: [UInt8]) -> UInt64? {
  guard block.count == 64 else { return nil }
  let field: Int
  switch (block[8], block[13], block[9]) {
  case (0, 8, _): field = 40
  case (1, 8, _): field = 44
  case (2, _, 8), (3, _, 8): field = 28
  default: return nil
  }
  return block[field..<field + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
