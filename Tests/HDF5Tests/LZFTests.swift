import HDF5
import Testing

/// Datasets that h5py compressed with LZF.
@Suite struct LZFTests {
  @Test func numbersAreThoseThatWereWritten() throws {
    let root = try HDF5File(reading: fixture("lzf.h5")).root
    let data = try root.dataset("data")
    #expect(data.shape == [4, 3, 8, 8])
    #expect(try data.read(Int.self) == (0..<768).map { $0 / 5 % 256 })
    #expect(try data.read(Float.self, rows: 3..<4) == (576..<768).map { Float($0 / 5 % 256) })
    #expect(try root.dataset("label").read(Double.self) == [0, 1, 2, 1])
  }

  /// A byte of a compressed chunk changed: what comes out has another size, or other numbers, and never crashes.
  @Test func damagedChunksAreReadOrRefused() throws {
    let bytes = try readBytes(fixture("lzf.h5"))
    var refused = 0
    for place in stride(from: 4000, to: bytes.count, by: 7) {
      for value in [UInt8(0), 0x1F, 0xE0, 0xFF] {
        var damaged = bytes
        damaged[place] = value
        try withTemporaryPath { path in
          try writeBytes(damaged, to: path)
          do {
            _ = try HDF5File(reading: path).root.dataset("data").read(Int.self)
          } catch {
            refused += 1
            #expect(error is HDF5Error)
          }
        }
      }
    }
    #expect(refused > 0)
  }
}
