import Experiment
import Foundation
import Plotting
import Report
import TestSupport
import Testing

struct FigureVerificationTests {
  @Test func theSamePixelsInOtherBytesAreTheSame() throws {
    let record = try RecordMaker(valid: [90, 88, 70, 10], attack: [100, 100, 60, 0]).record()
    let folder = FileManager.default.temporaryDirectory.path + "/report-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/figure.png"
    let verification = FigureVerification(record)
    #expect(
      try verification.finding(path) == .compared("figure", path, differences: ["\(path): no such file"]))

    let file = try FigureFile.bytes(PruningFigure(record).picture(), for: path)
    try Data(file).write(to: URL(fileURLWithPath: path))
    #expect(try verification.finding(path) == .same("figure", path))

    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
      [0, 0, UInt8(data.count >> 8), UInt8(data.count & 255)] + Array(type.utf8) + data + [0, 0, 0, 0]
    }
    func difference(_ text: String) -> Finding { .compared("figure", path, differences: ["\(path): \(text)"]) }
    // An empty chunk of data before the last one: the same picture from another compressor.
    let end = file.count - 12
    try write(PNGChunks.repaired(file[..<end] + chunk("IDAT", []) + file[end...]))
    #expect(try verification.finding(path) == .same("figure", "\(path), the same pixels in other bytes"))

    // What a browser may show in place of the right pixels.
    for type in ["tEXt", "acTL", "fcTL", "fdAT", "eXIf", "gAMA", "iCCP", "abCd"] {
      for place in [33, end] {
        try write(PNGChunks.repaired(file[..<place] + chunk(type, Array(repeating: 0, count: 26)) + file[place...]))
        let finding = try verification.finding(path)
        #expect(finding.verdict == .different, "\(type)")
      }
    }
    try write(PNGChunks.repaired(file[..<end] + chunk("fdAT", [1, 2]) + file[end...]))
    #expect(try verification.finding(path) == difference("a chunk fdAT that is not written here"))
    // Without the resolution that it was written with: the chunk behind the header, of 9 bytes.
    try write(Array(file[..<33] + file[54...]))
    #expect(try verification.finding(path) == difference("no chunk pHYs"))
    // Behind the last chunk.
    try write(file + file[end...])
    #expect(try verification.finding(path).verdict == .different)
    try write(file)
    #expect(
      try FigureVerification(record, recomputed: (false, false)).finding(path)
        == .notChecked("figure", "\(path): as in the record, which was not recomputed"))
    // By the place where a report shows it, not by its name.
    #expect(try verification.finding(path, as: .training).verdict == .different)

    try write(file)
    let other = try RecordMaker(valid: [90, 88, 70, 11], attack: [100, 100, 60, 0]).record()
    #expect(try FigureVerification(other).finding(path).verdict == .different)
  }

  /// Nothing may be appended to a PDF, and nothing put into an SVG, that a viewer would run or show.
  @Test func documentsThatDoMoreAreOthers() throws {
    let record = try RecordMaker(valid: [90, 88, 70, 10], attack: [100, 100, 60, 0]).record()
    let picture = try PruningFigure(record).picture()
    let verification = FigureVerification(record)
    try withTemporaryFolder { (folder: String) throws -> Void in
      func verdict(_ name: String, with text: String, before end: String = "") throws -> Finding.Verdict {
        let path = "\(folder)/\(name)"
        let whole = String(bytes: try FigureFile.bytes(picture, for: path), encoding: .isoLatin1) ?? ""
        let changed = end.isEmpty ? whole + text : whole.replacingOccurrences(of: end, with: text + end)
        try Data(changed.data(using: .isoLatin1) ?? Data()).write(to: URL(fileURLWithPath: path))
        return try verification.finding(path).verdict
      }
      #expect(try verdict("f.pdf", with: "") == .same)
      let update = """
        1 0 obj
        << /Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>
        endobj
        trailer << /Root 1 0 R >>
        startxref
        0
        %%EOF

        """
      #expect(try verdict("f.pdf", with: update) == .different)
      #expect(try verdict("f.pdf", with: "\n") == .different)
      #expect(try verdict("f.svg", with: "") == .same)
      for element in [
        "<script>alert(1)</script>", "<foreignObject><p>0 %</p></foreignObject>",
        #"<image xlink:href="https://example.org/forged.png"/>"#, "<style>@import url(https://example.org);</style>",
      ] {
        #expect(try verdict("f.svg", with: element, before: "</svg>") == .different, "\(element)")
      }
      #expect(try verdict("f.svg", with: "<!-- -->") == .different)
    }
  }
}
