import Datasets
import Defences
import Experiment
import Foundation
import Report

/// The text of a file in `Fixtures/`.
func fixture(_ name: String) throws -> String {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
  return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
}

/// Makes a record from the hits of a curve. G answers as B' does, and flags what B' no longer answers as B did.
struct RecordMaker {
  /// For each split, hits after 0, 1 … C channels, and rows.
  var splits: [Split: (hits: [Int], rows: Int)]
  var drops = ["2", "4", "10"]
  var order = "ascending"
  /// How many channels have a mean activation of 0.
  var silent = 0
  var excludesTarget = false
  /// Rows of backdoored files that count in no rate.
  var excludedRows = 0
  var modelPath = "bd_weights.h5"

  /// Clean validation faces, and backdoored test faces where they are given.
  init(valid: [Int], of rows: Int = 100, attack: [Int]? = nil, of attackRows: Int = 100) {
    splits = [.cleanValid: (valid, rows)]
    if let attack { splits[.backdooredTest] = (attack, attackRows) }
  }

  func record() throws -> RunRecord {
    let data = try JSONSerialization.data(withJSONObject: json)
    return try JSONDecoder().decode(RunRecord.self, from: data)
  }

  private var channels: Int { (splits[.cleanValid]?.hits.count ?? 1) - 1 }

  private var json: [String: Any] {
    [
      "schema": 1, "seed": 7, "layer": "pool_3", "order": order, "excludesTarget": excludesTarget, "channels": channels,
      "model": ["path": modelPath, "sha256": "ab12", "inputScale": 1, "identities": 1283, "parameters": 601_643],
      "data": bySplit { split, value in
        [
          "path": "\(split.rawValue).h5", "sha256": "cd34",
          "rows": value.rows + (split.isBackdoored ? excludedRows : 0),
        ]
      },
      "meanActivation": (0..<channels).map { $0 < silent ? 0 : Double($0 + 1) }, "pruneOrder": Array(0..<channels),
      "curve": (0...channels).map { pruned in
        rates(after: pruned).merging([
          "channelsPruned": pruned, "channel": pruned == 0 ? NSNull() : pruned - 1 as Any,
        ]) { $1 }
      },
      "repaired": drops.map(repaired),
    ]
  }

  private func repaired(_ text: String) -> [String: Any] {
    let (hits, rows) = splits[.cleanValid] ?? ([], 0)
    let stop = Drop(text).flatMap { drop in
      hits.firstIndex { drop.isReached(hits: $0, baseline: hits[0], total: rows) }
    }
    func flagged(_ split: Split) -> Any {
      guard let stop, let (hits, rows) = splits[split] else { return NSNull() }
      return ["hits": max(0, hits[0] - hits[stop]), "total": rows]
    }
    let network = stop.map { rates(after: $0) } ?? bySplit { _, _ in NSNull() }
    return [
      "drop": Double(text) ?? 0, "channelsPruned": stop ?? NSNull() as Any, "prunedChannels": Array(0..<(stop ?? 0)),
      "model": stop.map { _ in "repaired-\(text).h5" } ?? NSNull() as Any, "network": network, "goodNet": network,
      "detection": ["truePositives": flagged(.backdooredTest), "falsePositives": flagged(.cleanTest)],
      "detectionValid": ["truePositives": flagged(.backdooredValid), "falsePositives": flagged(.cleanValid)],
      "discordant": bySplit { _, _ in stop == nil ? NSNull() : ["onlyOriginal": 0, "onlyRepaired": 0] as Any },
    ]
  }

  private func rates(after pruned: Int) -> [String: Any] {
    bySplit { _, value in ["hits": value.hits[pruned], "total": value.rows] }
  }

  private func bySplit(_ value: (Split, (hits: [Int], rows: Int)) -> Any) -> [String: Any] {
    Dictionary(
      uniqueKeysWithValues: Split.allCases.map { split in
        (split.rawValue, splits[split].map { value(split, $0) } ?? NSNull())
      })
  }
}

extension RecordMaker {
  /// The published table as a study of the whole dataset: hits of 11,547 clean validation and 12,830 backdoored test
  /// faces. Nothing pruned is not in the table; the published text has the rates of one channel pruned there.
  static func published() throws -> RecordMaker {
    let points = try ReferenceCurve(csv: fixture("published_table.csv"), path: "published_table.csv").points
    func hits(_ percents: [Double?], of rows: Int) -> [Int] {
      let hits = percents.map { Int((($0 ?? 0) * Double(rows) / 100).rounded()) }
      return hits.prefix(1) + hits
    }
    var maker = RecordMaker(
      valid: hits(points.map(\.cleanAccuracy), of: 11_547), of: 11_547,
      attack: hits(points.map(\.attackSuccess), of: 12_830), of: 12_830)
    maker.silent = 31
    return maker
  }
}
