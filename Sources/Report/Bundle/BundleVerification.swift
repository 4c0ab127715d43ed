import Experiment
import Files
import Foundation

/// A deposited bundle, made again from its own record.
public struct BundleVerification {
  /// File by file.
  public let findings: [Finding]

  /// Compares entries with what follows from the record among them.
  /// - Parameter name: what errors call the archive.
  /// - Throws: `InputError` where there is no record among the entries.
  public init(_ found: [RunBundle.Entry], name: String) throws {
    func bytes(_ entry: String) -> [UInt8]? { found.first { $0.name == entry }?.bytes }
    let date = bytes(Crate.fileName).flatMap(Self.date) ?? ""
    let runs = found.filter { $0.name.wholeMatch(of: /runs\/[0-9]+\/run\.json/) != nil }
    let expected: RunBundle
    if let json = bytes("run.json") {
      expected = try RunBundle(record: json, name: "\(name): run.json", date: date)
    } else if runs.count > 1 {
      expected = try RunBundle(
        comparing: runs.sorted { $0.name < $1.name }.map { ($0.bytes, "\(name): \($0.name)") }, date: date)
    } else {
      throw InputError(name, found: "no run.json", expected: "an archive that espalier bundle wrote")
    }
    let sums = Self.sums(bytes(RunBundle.digests) ?? [])
    var findings: [Finding] = []
    for entry in expected.entries {
      guard let own = bytes(entry.name) else {
        findings.append(.compared(entry.name, name, differences: ["\(name): no \(entry.name)"]))
        continue
      }
      var differences: [String] = []
      if entry.name != RunBundle.digests {
        let digest = try FileDigest.sha256(of: own)
        if sums[entry.name] != digest {
          differences.append("SHA-256 is \(digest), \(sums[entry.name] ?? "nothing") in \(RunBundle.digests)")
        }
      }
      // Records are what all else is made from; whoever deposits may put names into the citation.
      if !entry.name.hasSuffix("run.json"), entry.name != "CITATION.cff", entry.name != RunBundle.digests,
        own != entry.bytes
      {
        differences.append("other bytes than made from \(runs.isEmpty ? "run.json" : "the records")")
      }
      findings.append(.compared(entry.name, name, differences: differences))
    }
    for entry in found where !expected.entries.contains(where: { $0.name == entry.name }) {
      findings.append(.compared(entry.name, name, differences: ["not a file of a bundle"]))
    }
    self.findings = findings
  }

  private static func date(_ metadata: [UInt8]) -> String? {
    let document = try? JSONSerialization.jsonObject(with: Data(metadata)) as? [String: Any]
    let entities = document?["@graph"] as? [[String: Any]] ?? []
    return entities.first { $0["@id"] as? String == "./" }?["datePublished"] as? String
  }

  private static func sums(_ bytes: [UInt8]) -> [String: String] {
    var sums: [String: String] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      if let entry = line.wholeMatch(of: /([0-9a-f]{64})  (.+)/) {
        sums[String(entry.output.2)] = String(entry.output.1)
      }
    }
    return sums
  }
}
