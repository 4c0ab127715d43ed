import Defences
import Experiment
import Foundation

/// A run of four channels on a given network, without a test split: what the tests of comparisons are made of.
struct ComparedRecord {
  var seed = 1
  var order = "ascending"
  var layer = "pool_3"
  var digest = "ab12"
  var sample: Int? = 100
  /// Hits of 100 clean and of 100 backdoored validation faces after 0, 1 … 4 channels.
  var clean = [98, 98, 95, 90, 40]
  var attack = [100, 100, 100, 90, 5]
  var drops = ["2", "4"]

  var record: RunRecord {
    get throws { try JSONDecoder().decode(RunRecord.self, from: JSONSerialization.data(withJSONObject: json)) }
  }

  func run(_ folder: String? = nil) throws -> ComparedRun {
    try ComparedRun(folder: folder ?? "runs/\(seed)", record: record)
  }

  /// Writes the record with what a whole folder has beside it, the networks as empty files.
  func write(to folder: String) throws {
    let record = try record
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["curve.csv"] + record.repaired.compactMap(\.model) {
      try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try record.json.write(toFile: "\(folder)/run.json", atomically: true, encoding: .utf8)
  }

  private var json: [String: Any] {
    func source(_ digest: String) -> Any { ["path": "\(digest).h5", "sha256": digest, "rows": 100] }
    return [
      "schema": 1, "seed": seed, "layer": layer, "order": order, "excludesTarget": false, "channels": 4,
      "model": ["path": "bd.h5", "sha256": digest, "inputScale": 1, "identities": 1283, "parameters": 601_643],
      "data": splits(source("cd34"), source("ef56")), "meanActivation": [0, 1, 2, 3], "pruneOrder": [0, 1, 2, 3],
      "validationSample": sample.map { ["rows": $0, "available": 180] as Any } ?? NSNull(),
      "curve": (0...4).map { k in
        rates(k).merging(["channelsPruned": k, "channel": k == 0 ? NSNull() : k - 1 as Any]) { $1 }
      },
      "repaired": drops.map(repaired),
    ]
  }

  private func repaired(_ text: String) -> [String: Any] {
    let stop = clean.firstIndex { Drop(text)?.isReached(hits: $0, baseline: clean[0], total: 100) ?? false }
    let network = stop.map(rates) ?? splits(NSNull(), NSNull())
    let none = ["truePositives": NSNull(), "falsePositives": NSNull()]
    func flagged(_ hits: [Int]) -> Any {
      stop.map { ["hits": max(0, hits[0] - hits[$0]), "total": 100] } ?? NSNull() as Any
    }
    func discordant(_ hits: [Int]) -> Any {
      stop.map { ["onlyOriginal": max(0, hits[0] - hits[$0]), "onlyRepaired": max(0, hits[$0] - hits[0])] } ?? NSNull()
        as Any
    }
    return [
      "drop": Double(text) ?? 0, "channelsPruned": stop ?? NSNull() as Any, "prunedChannels": Array(0..<(stop ?? 0)),
      "model": stop.map { _ in "repaired-\(text).h5" } ?? NSNull() as Any, "network": network, "goodNet": network,
      "detection": none, "detectionValid": ["truePositives": flagged(attack), "falsePositives": flagged(clean)],
      "discordant": splits(discordant(clean), discordant(attack)),
    ]
  }

  private func rates(_ k: Int) -> [String: Any] {
    splits(["hits": clean[k], "total": 100], ["hits": attack[k], "total": 100])
  }

  private func splits(_ clean: Any, _ attack: Any) -> [String: Any] {
    ["cleanValid": clean, "backdooredValid": attack, "cleanTest": NSNull(), "backdooredTest": NSNull()]
  }
}
