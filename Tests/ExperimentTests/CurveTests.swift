import Datasets
import Experiment
import Foundation
import Testing

@Suite struct CurveTests {
  /// A record with these hits after 0, 1 … channels, pruned in the order of their indices.
  private func record(
    valid: [Int], of validRows: Int = 100, test: [Int]? = nil, testRows: Int = 100, backdooredValid: [Int]? = nil,
    backdooredTest: [Int]? = nil, backdooredRows: Int = 100
  ) throws -> RunRecord {
    let splits: [(Split, [Int]?, Int)] = [
      (.cleanValid, valid, validRows), (.cleanTest, test, testRows), (.backdooredValid, backdooredValid, validRows),
      (.backdooredTest, backdooredTest, backdooredRows),
    ]
    func members(_ value: ([Int], Int) -> Any) -> [String: Any] {
      Dictionary(
        uniqueKeysWithValues: splits.map { split, hits, rows in
          (split.rawValue, hits.map { value($0, rows) } ?? NSNull())
        })
    }
    let channels = valid.count - 1
    let curve = (0...channels).map { pruned in
      members { hits, rows in ["hits": hits[pruned], "total": rows] }.merging([
        "channelsPruned": pruned, "channel": pruned == 0 ? NSNull() : pruned - 1,
      ]) { $1 }
    }
    return try Small.decoded([
      "schema": 1, "seed": 1, "layer": "pool_3", "order": "ascending", "excludesTarget": false, "channels": channels,
      "model": ["path": "m.h5", "sha256": "", "inputScale": 1, "identities": 5, "parameters": 9],
      "data": members { _, rows in ["path": "x.h5", "sha256": "", "rows": rows] },
      "meanActivation": (0..<channels).map { max(0, $0 - 1) }, "pruneOrder": Array(0..<channels), "curve": curve,
      "repaired": [],
    ])
  }

  @Test func channelsAreFreeUntilAccuracyFirstFalls() throws {
    #expect(try record(valid: [90, 90, 91, 90, 89, 95]).freeChannels == 3)
    #expect(try record(valid: [90, 89, 90, 90]).freeChannels == 0)
    #expect(try record(valid: [90, 90, 92]).freeChannels == 2)
    #expect(try record(valid: [90, 90, 92, 91, 90]).silentChannels == 2)
    #expect(try record(valid: [90, 80]).baseline == Splits(cleanValid: Rate(hits: 90, total: 100)))
  }

  @Test func attacksFallLastinglyOnceTheyStayDown() throws {
    let curve = try record(valid: [90, 90, 90, 90, 90], backdooredTest: [100, 40, 60, 50, 9])
    #expect(curve.lastingFall(of: .backdooredTest, below: 0.5) == 4)
    #expect(curve.lastingFall(of: .backdooredTest, below: 0.1) == 4)
    #expect(curve.lastingFall(of: .backdooredTest, below: 0.51) == 3)
    #expect(curve.lastingFall(of: .backdooredTest, below: 0.09) == nil)
    #expect(curve.lastingFall(of: .backdooredTest, below: 1.01) == 0)
    #expect(curve.lastingFall(of: .backdooredValid, below: 0.5) == nil)
  }

  @Test func speaksOfTheSplitWithMoreRows() throws {
    let hits = [9, 8]
    func reported(test: Int?, backdooredTest: Int?, backdooredValid: Bool = true) throws -> [Split?] {
      let record = try record(
        valid: hits, of: 100, test: test.map { _ in hits }, testRows: test ?? 1,
        backdooredValid: backdooredValid ? hits : nil, backdooredTest: backdooredTest.map { _ in hits },
        backdooredRows: backdooredTest ?? 1)
      return [record.reported.clean, record.reported.backdoored]
    }
    #expect(try reported(test: 100, backdooredTest: 100) == [.cleanTest, .backdooredTest])
    #expect(try reported(test: 99, backdooredTest: 100) == [.cleanValid, .backdooredValid])
    #expect(try reported(test: 300, backdooredTest: nil) == [.cleanTest, .backdooredValid])
    #expect(try reported(test: nil, backdooredTest: 300) == [.cleanValid, .backdooredTest])
    #expect(try reported(test: nil, backdooredTest: nil) == [.cleanValid, .backdooredValid])
    #expect(try reported(test: nil, backdooredTest: nil, backdooredValid: false) == [.cleanValid, nil])
  }

  @Test func tablesLeaveAbsentSplitsEmpty() throws {
    let header =
      "channels_pruned,channels_total,channel,clean_valid_hits,clean_valid_total,clean_test_hits,clean_test_total,"
      + "backdoored_valid_hits,backdoored_valid_total,backdoored_test_hits,backdoored_test_total\n"
    #expect(
      try record(valid: [90, 80, 70], test: [9, 8, 7], testRows: 10, backdooredTest: [4, 5, 6], backdooredRows: 20).csv
        == header + "0,2,,90,100,9,10,,,4,20\n1,2,0,80,100,8,10,,,5,20\n2,2,1,70,100,7,10,,,6,20\n")
    #expect(try record(valid: [1, 0], of: 1).csv == header + "0,1,,1,1,,,,,,\n1,1,0,0,1,,,,,,\n")
  }
}
