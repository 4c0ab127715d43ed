import Archives
import Foundation
import ModelFiles
import TestSupport
import Testing

/// Archives that are made to harm.
@Suite struct KerasArchiveTests {
  private struct Entry {
    let name: String
    var isDeflated = false
    /// What the archive says that the entry becomes.
    var size: UInt32?
    let bytes: [UInt8]
  }

  /// A zip archive with sizes as they are told, and checksums of 0 (PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16).
  private func zip(_ entries: [Entry]) -> [UInt8] {
    func two(_ value: Int) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8 & 255)] }
    func four(_ value: Int) -> [UInt8] { two(value & 0xFFFF) + two(value >> 16 & 0xFFFF) }
    var (file, directory) = ([UInt8](), [UInt8]())
    for entry in entries {
      let sizes = four(0) + four(entry.bytes.count) + four(entry.size.map(Int.init) ?? entry.bytes.count)
      let start = two(20) + two(0) + two(entry.isDeflated ? 8 : 0) + two(0) + two(0x21) + sizes
      let name = Array(entry.name.utf8)
      directory += [0x50, 0x4B, 1, 2] + two(20) + start + two(name.count) + two(0) + two(0) + two(0) + two(0) + four(0)
      directory += four(file.count) + name
      file += [0x50, 0x4B, 3, 4] + start + two(name.count) + two(0) + name + entry.bytes
    }
    return file + directory + [0x50, 0x4B, 5, 6] + two(0) + two(0) + two(entries.count) + two(entries.count)
      + four(directory.count) + four(file.count) + two(0)
  }

  private func refusal(_ bytes: [UInt8]) throws -> String {
    try withTemporaryFolder { folder in
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/m.keras"))
      return errorText(in: folder) { try ModelFile.read("\(folder)/m.keras") }
    }
  }

  @Test func bombs() throws {
    // What deflate makes 4 GB of; nothing of it is inflated.
    let bomb = Entry(
      name: "model.weights.h5", isDeflated: true, size: 0xFFFF_FF00, bytes: [UInt8](repeating: 0, count: 4_200_000))
    #expect(
      try refusal(zip([bomb]))
        == "m.keras: 4294967040 bytes in an archive of 4200130; expected at most 151111464: 64 MB and 20 times the archive"
    )
    let many = (0..<40).map {
      Entry(name: "\($0)", isDeflated: true, size: 100_000_000, bytes: [UInt8](repeating: 0, count: 100_000))
    }
    #expect(try refusal(zip(many)).hasPrefix("m.keras: 4000000000 bytes in an archive of 4003"))
  }

  @Test func namesThatLeaveTheArchive() throws {
    for name in ["../../x", "/etc/passwd", "a/../../x", ".."] {
      #expect(
        try refusal(zip([Entry(name: "config.json", bytes: Array("{}".utf8)), Entry(name: name, bytes: [1])]))
          == "m.keras: \(name): leads out of the archive; expected a path inside it")
    }
  }

  @Test func namesThatAreThereTwice() throws {
    let entry = Entry(name: "config.json", bytes: Array("{}".utf8))
    #expect(
      try refusal(zip([entry, entry])) == "m.keras: config.json: is in the archive twice; expected each name once")
  }

  @Test func damagedPartsAreNamed() throws {
    let source = try ZipArchive(path: fixture("keras/residual.keras"))
    func refusal(_ name: String, _ bytes: [UInt8]?) throws -> String {
      let entries = try source.entries.compactMap { entry in
        try entry.name == name
          ? bytes.map { (name: name, bytes: $0) }
          : (name: entry.name, bytes: source.bytes(of: entry.name, limit: 1 << 20))
      }
      return try self.refusal(try ZipArchive.archive(of: entries, name: "m.keras"))
    }
    #expect(
      try refusal("config.json", nil)
        == "m.keras: has no entry config.json; expected one of metadata.json, model.weights.h5")
    #expect(
      try refusal("config.json", [0xFF]) == "m.keras: config.json: text that is not UTF-8; expected a JSON document")
    #expect(try refusal("model.weights.h5", Array("HDF".utf8)).hasPrefix("m.keras: model.weights.h5: "))
  }

  // MARK: Weights beside an ONNX model

  @Test func theDigestOfANetworkIsThatOfAllItsFiles() throws {
    try withTemporaryFolder { folder in
      for name in ["external.onnx", "external.onnx.data"] {
        try FileManager.default.copyItem(atPath: fixture("onnx/\(name)"), toPath: "\(folder)/\(name)")
      }
      let path = "\(folder)/external.onnx"
      let before = try ModelFile.digest(of: path)
      #expect(before == (try ModelFile.digest(of: fixture("onnx/external.onnx"))))
      var bytes = try fileBytes("\(path).data")
      bytes[5] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path).data"))
      #expect(try ModelFile.digest(of: path) != before)
      try FileManager.default.removeItem(atPath: "\(path).data")
      #expect(
        errorText(in: folder) { try ModelFile.digest(of: path) }.contains("external.onnx.data, which is not there"))
    }
  }
}
