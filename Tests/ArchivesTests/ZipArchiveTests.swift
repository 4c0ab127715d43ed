import Archives
import Files
import Foundation
import TestSupport
import Testing

@Suite struct ZipArchiveTests {
  /// By Python's zipfile: config.json (`{"a": 1}` 20 times) and x/w.bin (300 zeros), deflated.
  private let deflated = decode(
    "UEsDBBQAAAAIAAAAIQArGpbxDQAAAKAAAAALAAAAY29uZmlnLmpzb26rVkpUslIwrK0epDQAUEsDBBQAAAAIAAAAIQDSjzS1BwAAACwBAAAHAAAA"
      + "eC93LmJpbmNgGAXEAgBQSwECFAMUAAAACAAAACEAKxqW8Q0AAACgAAAACwAAAAAAAAAAAAAAgAEAAAAAY29uZmlnLmpzb25QSwECFAMUAAAACAAA"
      + "ACEA0o80tQcAAAAsAQAABwAAAAAAAAAAAAAAgAE2AAAAeC93LmJpblBLBQYAAAAAAgACAG4AAABiAAAAAAA=")

  @Test func absentLibraryIsNamed() {
    #expect(
      throws: SystemError(
        "libnothing.so.0", found: "libnothing.so.0: cannot open shared object file: No such file or directory",
        expected: "libzip, as the package libzip-dev brings it")
    ) { try loadZip(from: ["libnothing.so.0", "libnothing.so"]) }
  }

  @Test func libraryWithoutItsFunctionsIsNamed() throws {
    let error = try #require(throws: SystemError.self) { try loadZip(from: ["libm.so.6"]) }
    #expect(error.description.contains("undefined symbol: zip_close"))
  }

  @Test func deflatedEntriesInflate() throws {
    let archive = try ZipArchive(bytes: deflated, name: "model.keras")
    #expect(archive.entries.map(\.name) == ["config.json", "x/w.bin"])
    #expect(archive.entries.map(\.size) == [160, 300])
    let text = try archive.bytes(of: "config.json", limit: 160)
    #expect(String(decoding: text, as: UTF8.self) == String(repeating: #"{"a": 1}"#, count: 20))
    #expect(try archive.bytes(of: "x/w.bin", limit: 1000) == [UInt8](repeating: 0, count: 300))
  }

  @Test func filesAreReadAsMemoryIs() throws {
    try withTemporaryFolder { folder in
      try Data(deflated).write(to: URL(fileURLWithPath: "\(folder)/a.zip"))
      let archive = try ZipArchive(path: "\(folder)/a.zip")
      #expect(try archive.bytes(of: "x/w.bin", limit: 300).count == 300)
      #expect(
        errorText(in: folder) { try ZipArchive(path: "\(folder)/none.zip") }
          == "none.zip: cannot be read: No such file or directory")
      #expect(errorText { try ZipArchive(path: folder) } == "\(folder): is not a regular file; expected a zip archive")
    }
  }

  @Test func whatIsWrittenIsReadAndAlwaysTheSame() throws {
    let entries = [("config.json", Array("{}".utf8)), ("empty", []), ("ü/größe", [UInt8](0...255))]
    let bytes = try ZipArchive.archive(of: entries, name: "out.keras")
    #expect(try ZipArchive.archive(of: entries, name: "out.keras") == bytes)
    // Stored, at midnight of 1 January 1980: flags, method, time, date.
    #expect(Array(bytes[0..<4]) == [0x50, 0x4B, 3, 4])
    #expect(Array(bytes[8..<14]) == [0, 0, 0, 0, 0x21, 0])
    let archive = try ZipArchive(bytes: bytes, name: "out.keras")
    #expect(archive.entries.map(\.name) == entries.map(\.0))
    for (name, content) in entries { #expect(try archive.bytes(of: name, limit: 256) == content) }
    #expect(
      errorText { try ZipArchive.archive(of: [("a", []), ("a", [])], name: "out.keras") }
        == "out.keras: a: file already exists; expected entries that make a zip archive")
  }

  @Test func entriesThatAreNotWhatTheCallerWants() throws {
    let archive = try ZipArchive(bytes: deflated, name: "m.keras")
    #expect(
      errorText { try archive.bytes(of: "weights", limit: 1) }
        == "m.keras: has no entry weights; expected one of config.json, x/w.bin")
    #expect(
      errorText { try archive.bytes(of: "x/w.bin", limit: 299) }
        == "m.keras: x/w.bin: has 300 bytes; expected at most 299")
  }

  @Test func damage() throws {
    func refusal(_ bytes: [UInt8]) -> String {
      errorText {
        let archive = try ZipArchive(bytes: bytes, name: "m.keras")
        for entry in archive.entries { _ = try archive.bytes(of: entry.name, limit: 1 << 20) }
      }
    }
    #expect(refusal([]) == "m.keras: is empty; expected a zip archive")
    #expect(refusal(Array("GIF89a".utf8)) == "m.keras: not a zip archive; expected an intact zip archive")
    var bytes = try ZipArchive.archive(of: [("a", [1, 2, 3])], name: "")
    bytes[31] ^= 1  // The entry's first byte, behind 30 of its header and its name.
    #expect(refusal(bytes) == "m.keras: a: cRC error; expected an intact zip archive")
    #expect(
      refusal(deflated.replacing(at: 0x62 + 24, [0, 0, 0, 0x7F]))
        == "m.keras: config.json: declares 2130706432 bytes and stores 13; expected at most 13416 from these")
    #expect(
      refusal(deflated.replacing(at: 0x62 + 20, [0, 4, 0, 0]))
        == "m.keras: config.json: and the entries before it store more than the archive's 230 bytes; expected entries that do not overlap"
    )
    #expect(
      refusal(deflated.replacing(at: 0x62 + 24, [161, 0, 0, 0]))
        == "m.keras: config.json: ends after 160 bytes; expected the 161 of its directory")
    #expect(
      refusal(deflated.replacing(at: 0x62 + 24, [159, 0, 0, 0]))
        == "m.keras: config.json: goes on after 159 bytes; expected no more than its directory says")
    #expect(
      refusal(deflated.replacing(at: 0x62 + 8, [1]))
        == "m.keras: config.json: is encrypted; expected an archive without a password")
  }

  @Test func otherCompressionAndNamesThatAreThereTwice() {
    let bzip2 = decode(
      "UEsDBC4AAAAMAAAAIQCB/LFIKQAAAB4AAAABAAAAYUJaaDkxQVkmU1nb2znWAAAEgQA4ACAAIKU0GYycmTxdyRThQkNvbOdYUEsBAi4DLgAAAAwA"
        + "AAAhAIH8sUgpAAAAHgAAAAEAAAAAAAAAAAAAAIABAAAAAGFQSwUGAAAAAAEAAQAvAAAASAAAAAAA")
    #expect(
      errorText { try ZipArchive(bytes: bzip2, name: "m.npz") }
        == "m.npz: a: is compressed by method 12; expected stored (0) or deflated (8)")
    let twice = decode(
      "UEsDBBQAAAAAAAAAIQC379yDAQAAAAEAAAABAAAAYTFQSwMEFAAAAAAAAAAhAA2+1RoBAAAAAQAAAAEAAABhMlBLAQIUAxQAAAAAAAAAIQC379yD"
        + "AQAAAAEAAAABAAAAAAAAAAAAAACAAQAAAABhUEsBAhQDFAAAAAAAAAAhAA2+1RoBAAAAAQAAAAEAAAAAAAAAAAAAAIABIAAAAGFQSwUGAAAAAAIA"
        + "AgBeAAAAQAAAAAAA")
    #expect(
      errorText { try ZipArchive(bytes: twice, name: "m.npz") }
        == "m.npz: a: is in the archive twice; expected each name once")
  }
}

private func decode(_ text: String) -> [UInt8] { Data(base64Encoded: text).map(Array.init) ?? [] }

extension [UInt8] {
  fileprivate func replacing(at place: Int, _ bytes: [UInt8]) -> [UInt8] {
    var copy = self
    copy.replaceSubrange(place..<place + bytes.count, with: bytes)
    return copy
  }
}
