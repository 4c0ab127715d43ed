import Experiment
import Foundation
import Plotting
import Report
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

    // A whole chunk of text before the last one, with its checksum, as another program adds it.
    let text: [UInt8] = [0, 0, 0, 3] + Array("tEXta".utf8) + [0] + Array("b".utf8) + [0xDC, 0x49, 0xA2, 0x3B]
    let end = file.count - 12
    try Data(file[..<end] + text + file[end...]).write(to: URL(fileURLWithPath: path))
    #expect(try verification.finding(path) == .same("figure", "\(path), the same pixels in other bytes"))

    let other = try RecordMaker(valid: [90, 88, 70, 11], attack: [100, 100, 60, 0]).record()
    #expect(try FigureVerification(other).finding(path).verdict == .different)
  }
}
