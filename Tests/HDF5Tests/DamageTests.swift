import HDF5
import Testing

/// Files with changed bytes: an error or other numbers, but no crash and no hang.
@Suite struct DamageTests {
  private func reading<Result>(
    _ name: String, _ changes: [Int: UInt8], _ body: (HDF5Group) throws -> Result
  ) throws -> String {
    var bytes = try readBytes(fixture(name))
    for (offset, byte) in changes { bytes[offset] = byte }
    return try withTemporaryPath { path in
      try writeBytes(bytes, to: path)
      return message { try body(try HDF5File(reading: path).root) }
    }
  }

  /// Reads all attributes and datasets; errors are expected here.
  private func readAll(_ root: HDF5Group) throws {
    for name in try root.attributeNames() { _ = message { try root.attribute(name).strings() } }
    for name in try root.childNames() {
      _ = message { try root.dataset(name).read(Double.self) }
      _ = message { try root.dataset(name).strings() }
    }
  }

  @Test(arguments: [("userblock.h5", 512..<2584, 5), ("strings.h5", 2048..<2304, 1), ("numbers.h5", 0..<13088, 37)])
  func changedBytes(name: String, bytes: Range<Int>, step: Int) throws {
    for offset in stride(from: bytes.lowerBound, to: bytes.upperBound, by: step) {
      _ = try reading(name, [offset: 0xFF], readAll)
    }
  }

  /// The global heap starts at byte 2048: a header of 16 bytes, then index, count and size of the first string.
  @Test func damagedHeap() throws {
    let strings = ["GCOL's name": 2048, "its size": 2062, "the first index": 2064, "the first size": 2078]
    let found = try strings.mapValues { offset in
      try reading("strings.h5", [offset: 0xFF]) { try $0.attribute("variable").string() }
    }
    let start = "file.h5: attribute \"variable\": "
    let end = "; expected an intact HDF5 file"
    #expect(found["GCOL's name"] == start + "strings at address 2048, where no heap is" + end)
    #expect(found["its size"] == start + "a heap of 71776119061221376 bytes at address 2048" + end)
    #expect(found["the first index"] == start + "a string of 16 bytes at number 1 of a heap without it" + end)
    #expect(found["the first size"] == start + "a string of 16 bytes at number 1 of a heap without it" + end)
  }

  /// Chunks of (2, 65282) instead of (2, 2): HDF5 1.10 would read beyond the 16 bytes that are stored.
  @Test func chunksSmallerThanDeclared() throws {
    #expect(
      try reading("numbers.h5", [10392: 0xFF]) { try $0.dataset("sparse").read(Float.self) }
        == "file.h5: sparse: a chunk of 16 bytes instead of 522256; expected an intact HDF5 file")
  }
}
