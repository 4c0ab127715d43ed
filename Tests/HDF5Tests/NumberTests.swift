import HDF5
import Testing

@Suite struct NumberTests {
  private func root() throws -> HDF5Group { try HDF5File(reading: fixture("numbers.h5")).root }

  @Test func compressedBigEndianRows() throws {
    let dataset = try root().dataset("big_endian_int16")
    #expect(dataset.shape == [6, 4])
    #expect(dataset.rowSize == 4)
    #expect(dataset.elementKind == .signedInteger(bits: 16))
    let expected = (0..<24).map { $0 * 100 - 1000 }
    #expect(try dataset.read(Int.self) == expected)
    #expect(try dataset.read(Float.self, rows: 3..<6) == expected[12...].map(Float.init))
    var buffer = [Double](repeating: 0, count: 8)
    try buffer.withUnsafeMutableBufferPointer { try dataset.read(rows: 1..<3, into: $0) }
    #expect(buffer == expected[4..<12].map(Double.init))
    #expect(try dataset.read(Int.self, rows: 6..<6) == [])
  }

  @Test func everyWidth() throws {
    let root = try root()
    #expect(try root.dataset("half").read(Float.self) == [0.5, -1.25, 65504, .infinity])
    #expect(try root.dataset("half").elementKind == .float(bits: 16))
    #expect(try root.dataset("big_endian_double").read(Double.self) == [0.1, 1e300, -0.0])
    // Too large for single precision.
    #expect(try root.dataset("big_endian_double").read(Float.self) == [0.1, .infinity, -0.0])
    #expect(try root.dataset("long_double").read(Double.self) == [0.25, -3])
    #expect(try root.dataset("int8").read(Int64.self) == [-128, 127])
    #expect(try root.dataset("uint8").read(UInt8.self, rows: 1..<3) == [2, 3, 4, 5])
    #expect(try root.dataset("uint64").read(Double.self) == [1, 0x1p64])
    #expect(try root.dataset("labels").read(Int.self) == [0, 1282, 3])
    #expect(try root.dataset("nan").read(Float.self)[0].isNaN)
  }

  @Test func everyLayout() throws {
    let root = try root()
    #expect(try root.dataset("compact").read(Double.self) == [1, 2, 3])
    #expect(try root.dataset("unwritten").read(Float.self) == [2.5, 2.5, 2.5])
    #expect(try root.dataset("sparse").read(Int.self) == [1, 2, -7, -7, -7, -7, -7, -7, -7, -7])
    #expect(try root.dataset("null").shape == [0])
    #expect(try root.dataset("null").read(Float.self) == [])
  }

  @Test func integersAreExactOrAnError() throws {
    let root = try root()
    #expect(
      message { try root.dataset("fractions").read(Int.self) }
        == "numbers.h5: fractions: element 1 read is 1.5; expected integers of 64 bits")
    #expect(
      message { try root.dataset("uint64").read(Int.self) }
        == "numbers.h5: uint64: element 1 read is 18446744073709551615; expected integers of 64 bits")
    #expect(
      message { try root.dataset("nan").read(Int.self) }
        == "numbers.h5: nan: element 0 read is nan; expected integers of 64 bits")
    #expect(
      message { try root.dataset("labels").read(UInt8.self) }
        == "numbers.h5: labels: has 64-bit float elements; expected 8-bit unsigned integer elements")
  }

  @Test func rowsAndBuffersAreChecked() throws {
    let dataset = try root().dataset("uint8")
    #expect(
      message { try dataset.read(Float.self, rows: 2..<4) }
        == "numbers.h5: uint8: rows 2..<4 asked for; expected rows within 0..<3")
    #expect(
      message { try dataset.read(Float.self, rows: -1..<1) }
        == "numbers.h5: uint8: rows -1..<1 asked for; expected rows within 0..<3")
    var buffer = [Float](repeating: 0, count: 3)
    #expect(
      message { try buffer.withUnsafeMutableBufferPointer { try dataset.read(rows: 0..<2, into: $0) } }
        == "numbers.h5: uint8: a buffer of 3 elements for 2 rows; expected 4")
    #expect(
      message { try dataset.strings() } == "numbers.h5: uint8: has 8-bit unsigned integer elements; expected strings")
  }

  @Test func otherFileVersions() throws {
    let latest = try HDF5File(reading: fixture("latest.h5")).root
    #expect(try latest.dataset("x").read(Int.self, rows: 2..<9) == [2, 3, 4, 5, 6, 7, 8])
    #expect(try latest.childNames().count == 21)
    #expect(try latest.attribute("a").string() == "text")
    #expect(try HDF5File(reading: fixture("userblock.h5")).root.dataset("x").read(Int.self) == [0, 1, 2])
  }
}
