import HDF5
import Testing

@Suite struct RefusalTests {
  private func root() throws -> HDF5Group { try HDF5File(reading: fixture("refused.h5")).root }

  @Test func softLinksInsideTheFile() throws {
    let root = try root()
    #expect(try root.dataset("soft").read(Float.self) == [3])
    #expect(try root.dataset("softgroup/relative").read(Float.self) == [3])
    #expect(try root.group("g").dataset("/soft").path == "soft")
    #expect(try root.hasLink("softgroup/relative"))
    #expect(try !root.hasLink("dangling"))
    #expect(try !root.hasLink("g/d/x"))
    #expect(try !root.hasLink(".."))
    #expect(try root.kind(of: "softgroup") == .group)
    #expect(try root.kind(of: "soft") == .dataset)
    #expect(try root.kind(of: "named_type") == .other("a named datatype"))
    #expect(try root.kind(of: "external_link") == .other("an external link"))
  }

  /// Truth values, as h5py stores them.
  @Test func enumerationsAreTheirIntegers() throws {
    let truth = try root().dataset("bool")
    #expect(try truth.read(Double.self) == [1] && truth.read(Int.self) == [1] && truth.read(Float.self) == [1])
    #expect(truth.elementKind == .signedInteger(bits: 8))
  }

  @Test(arguments: [
    ("external_link", "leads through an external link; expected a link inside the file"),
    ("to_external", "leads through an external link; expected a link inside the file"),
    ("loop", "leads through more than 16 soft links; expected a path without a loop"),
    ("dangling", "does not exist; expected a dataset"),
    ("g", "is a group; expected a dataset"),
    ("named_type", "is a named datatype; expected a dataset"),
    ("external", "has external storage; expected data inside the file"),
    ("compound", "has compound elements; expected numbers or strings"),
    ("opaque", "has opaque elements; expected numbers or strings"),
    ("reference", "has reference elements; expected numbers or strings"),
    ("sequence", "has variable-length sequence elements; expected numbers or strings"),
    (
      "scaleoffset",
      "uses the filter scale-offset; expected gzip, LZF, shuffle or Fletcher-32"
    ),
    (
      "unknown_filter",
      "uses the filter number 40000; expected gzip, LZF, shuffle or Fletcher-32"
    ),
    ("gzip_twice", "uses the filter gzip twice; expected each filter once"),
    ("overflow", "declares the shape (2147483648, 2147483648); expected at most 1099511627776 bytes"),
    ("huge_sparse", "declares the shape (1048576, 524288); expected at most 1099511627776 bytes"),
    ("huge_contiguous", "declares 8388608 bytes of data; expected at most the 15231 that the file has for them"),
    (
      "huge_chunk",
      "declares chunks of the shape (268435456); expected one size for each axis and at most 268435456 bytes"
    ),
    (
      "zero_by_huge",
      "declares the shape (0, 4611686018427387904, 4611686018427387904); expected at most 1099511627776 bytes"
    ),
  ])
  func datasets(path: String, expected: String) throws {
    let root = try root()
    #expect(message { try root.dataset(path) } == "refused.h5: \(path): \(expected)")
  }

  @Test func hugeDatasetsAreReadInParts() throws {
    let dataset = try root().dataset("tebibyte")
    #expect(
      message { try dataset.read(Float.self) }
        == "refused.h5: tebibyte: 137438953472 elements asked for at once; expected at most 2147483648 bytes of them")
    #expect(try dataset.read(Float.self, rows: 1_048_575..<1_048_576).allSatisfy { $0 == 0 })
  }

  /// Found by `make fuzz`: 5 KB that took gigabytes.
  @Test func arraysOfChunksThatWereNeverWritten() throws {
    try withTemporaryPath { path in
      let file = try HDF5File(creating: path)
      let gzip = HDF5Gzip(chunkRows: 1 << 16)
      for (name, rows) in [("small", 1 << 23), ("large", 1 << 27)] {
        _ = try file.root.createDataset(name, shape: [rows], of: Double.self, gzip: gzip)
      }
      try file.close()
      let root = try HDF5File(reading: path).root
      #expect(try root.dataset("small").read(Double.self).count == 1 << 23)
      #expect(
        message { try root.dataset("large").read(Double.self) }
          == "file.h5: large: declares 1073741824 bytes of data and stores 0; expected at least a part in 1032 of it")
    }
  }

  @Test func virtualAndUserDefined() throws {
    #expect(
      message { try HDF5File(reading: fixture("virtual.h5")).root.dataset("virtual") }
        == "virtual.h5: virtual: is a virtual dataset; expected data inside the file")
    let root = try HDF5File(reading: fixture("user_link.h5")).root
    #expect(try root.kind(of: "user") == .other("a user-defined link"))
    #expect(
      message { try root.group("user/x") }
        == "user_link.h5: user/x: leads through a user-defined link; expected a link inside the file")
  }

  @Test func errorsAreOneLine() throws {
    let root = try root()
    #expect(
      message { try root.group("newline\nname") } == "refused.h5: newline\\nname: is a dataset; expected a group")
    #expect(
      message { try root.attribute("compound") }
        == "refused.h5: attribute \"compound\": has compound elements; expected numbers or strings")
  }
}
