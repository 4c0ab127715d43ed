import Defences
import Experiment
import Foundation
import Testing

/// A record that has the form in which records are written, and others, are the same record.
struct CurveScannerTests {
  private func read(_ text: String) throws -> RunRecord {
    let path = FileManager.default.temporaryDirectory.path + "/espalier-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try RunRecord.read(path)
  }

  @Test func everyFormIsTheSameRecord() throws {
    let record = try ComparedRecord().record
    let text = try record.json
    #expect(text.contains("\n  \"curve\" : [\n"), "the form that is read quickly")
    #expect(try read(text) == record)
    let compact = try JSONSerialization.data(withJSONObject: JSONSerialization.jsonObject(with: Data(text.utf8)))
    #expect(try read(String(decoding: compact, as: UTF8.self)) == record)
    // Numbers that the quick reader leaves to the decoder.
    #expect(try read(text.replacingOccurrences(of: "\"hits\" : 98", with: "\"hits\" : 98.0")) == record)
    #expect(try read(text.replacingOccurrences(of: "\"hits\" : 98", with: "\"hits\" : 9.8e1")) == record)
  }

  @Test func whatIsDamagedIsRefusedAsBefore() throws {
    let text = try ComparedRecord().record.json
    func error(_ old: String, _ new: String) -> String {
      let changed = text.replacingOccurrences(of: old, with: new)
      do {
        _ = try read(changed)
        return changed == text ? "unchanged" : "no error"
      } catch {
        return String("\(error)".drop { $0 != ":" }.dropFirst(2))
      }
    }
    let expected = "; expected a run record of schema 1"
    #expect(
      error("\"channelsPruned\" : 1,", "\"channelsPruned\" : null,") == "null at curve.1.channelsPruned\(expected)")
    #expect(
      error("\"hits\" : 40", "\"hits\" : \"40\"") == "a value of the wrong type at curve.4.cleanValid.hits\(expected)")
    #expect(error("\"hits\" : 40", "\"hits\" : 040") == "a value out of range\(expected)")
    #expect(error("\"hits\" : 40", "\"hits\" : -1").hasPrefix("-1 of 100 in cleanValid"))
    #expect(error("\"hits\" : 40", "\"hits\" : 4000").hasPrefix("4000 of 100 in cleanValid"))
  }
}
