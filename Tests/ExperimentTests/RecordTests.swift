import Datasets
import Defences
import Experiment
import Files
import Foundation
import TestSupport
import Testing

@Suite struct RecordTests {
  private func write(_ record: RunRecord, _ folder: String) throws {
    try Data(try record.json.utf8).write(to: URL(fileURLWithPath: "\(folder)/run.json"))
  }

  @Test func comesBackAsItWasWritten() throws {
    let record = try Small.record(Small.study())
    try withTemporaryFolder { folder in
      try write(record, folder)
      #expect(try RunRecord.read(folder) == record)
      #expect(try RunRecord.read("\(folder)/run.json").json == record.json)
    }
  }

  @Test func isTheSameBytesForAnyNumberOfThreads() throws {
    let first = try Small.record(Small.study(threads: 1)).json
    for threads in 2...3 { #expect(try Small.record(Small.study(threads: threads)).json == first) }
  }

  @Test func saysWhatTheStudyFound() throws {
    let study = try Small.study(drops: ["2", "100"].compactMap { Drop($0) })
    let record = try Small.record(study)
    #expect(record.schema == 1 && record.layer == "pool" && record.channels == 8 && !record.excludesTarget)
    #expect(record.meanActivation == study.meanActivation && record.pruneOrder == study.pruneOrder)
    #expect(record.curve.map(\.channelsPruned) == Array(0...8))
    #expect(record.curve.map(\.channel) == [nil] + study.pruneOrder)
    for point in record.curve { #expect(point.rates == study.predictions.map { $1.rate(after: point.channelsPruned) }) }
    let stop = try #require(study.stops[0])
    let repaired = record.repaired[0]
    #expect(repaired.channelsPruned == stop && repaired.prunedChannels == Array(study.pruneOrder.prefix(stop)))
    #expect(repaired.model == "repaired-2.h5" && repaired.network == record.curve[stop].rates)
    #expect(repaired.goodNet == study.predictions.map { $1.goodNetRate(after: stop) })
    #expect(repaired.detection.truePositives == study.predictions.backdooredTest?.flaggedRate(after: stop))
    #expect(repaired.detection.falsePositives == study.predictions.cleanTest?.flaggedRate(after: stop))
    #expect(repaired.detectionValid.truePositives == study.predictions.backdooredValid?.flaggedRate(after: stop))
    #expect(repaired.detectionValid.falsePositives == study.predictions.cleanValid?.flaggedRate(after: stop))
    let none = record.repaired[1]
    #expect(none.channelsPruned == nil && none.prunedChannels == [] && none.model == nil && none.network == Splits())
  }

  @Test func writesNullForWhatIsAbsent() throws {
    let data = Splits(cleanValid: try Small.faces("valid", 40, seed: 2))
    let record = try Small.record(Small.study(data, drops: ["2", "100"].compactMap { Drop($0) }), data)
    let root = try #require(try JSONSerialization.jsonObject(with: Data(record.json.utf8)) as? [String: Any])
    func isNull(_ object: Any?, _ keys: String...) -> Bool {
      guard let members = object as? [String: Any] else { return false }
      return keys.allSatisfy { members[$0] is NSNull }
    }
    #expect(isNull(root, "validationSample", "training"))
    #expect(isNull(root["data"], "cleanTest", "backdooredValid", "backdooredTest"))
    let curve = try #require(root["curve"] as? [[String: Any]])
    #expect(isNull(curve[0], "channel", "cleanTest", "backdooredValid", "backdooredTest"))
    #expect(curve.allSatisfy { isNull($0, "cleanTest", "backdooredValid", "backdooredTest") })
    #expect((curve[8]["cleanValid"] as? [String: Int])?["total"] == 40)
    let repaired = try #require(root["repaired"] as? [[String: Any]])
    #expect(isNull(repaired[0]["detection"], "truePositives", "falsePositives"))
    #expect(isNull(repaired[1], "channelsPruned", "model"))
    #expect(isNull(repaired[1]["network"], "cleanValid", "cleanTest", "backdooredValid", "backdooredTest"))
    try withTemporaryFolder { folder in
      try write(record, folder)
      #expect(try RunRecord.read(folder) == record)
      // Records of version 0.1.0 left these two out.
      let older = root.filter { !["validationSample", "training"].contains($0.key) }
      #expect(older.count == root.count - 2)
      try JSONSerialization.data(withJSONObject: older).write(to: URL(fileURLWithPath: "\(folder)/run.json"))
      #expect(try RunRecord.read(folder) == record)
    }
  }

  @Test func refusesRecordsThatContradictThemselves() throws {
    let sound = try Small.record(Small.study())
    try withTemporaryFolder { folder in
      func error(_ change: (inout RunRecord) -> Void) throws -> String {
        var record = sound
        change(&record)
        try write(record, folder)
        return errorText { try RunRecord.read(folder) }.replacingOccurrences(of: "\(folder)/", with: "")
      }
      #expect(try error { _ in } == "no error")
      #expect(try error { $0.schema = 2 } == "run.json: schema 2; expected schema 1")
      #expect(try error { $0.channels = 0 } == "run.json: channels is 0; expected 1...268435456")
      #expect(try error { $0.channels = .max } == "run.json: channels is \(Int.max); expected 1...268435456")
      #expect(try error { $0.channels = 9 } == "run.json: curve has 9 points; expected 10")
      #expect(try error { $0.meanActivation = [1] } == "run.json: meanActivation has 1 values; expected 8")
      #expect(
        try error { $0.pruneOrder[0] = $0.pruneOrder[1] }
          == "run.json: pruneOrder is no permutation; expected 0...7, each once")
      #expect(
        try error { $0.repaired[0].discordant.cleanTest?.onlyRepaired = .max }
          == "run.json: \(sound.repaired[0].discordant.cleanTest?.onlyOriginal ?? 0) and \(Int.max) discordant rows in "
          + "cleanTest; expected counts within 50 rows")
      #expect(try error { $0.data.cleanValid = nil } == "run.json: no clean validation split; expected one")
      #expect(try error { $0.data.cleanTest?.rows = -1 } == "run.json: -1 rows in cleanTest; expected 1...2147483648")
      #expect(
        try error { $0.curve[3].channelsPruned = 5 } == "run.json: curve point 3 has channelsPruned 5; expected 3")
      #expect(
        try error { $0.curve[3].channel = nil }
          == "run.json: curve point 3 names another channel; expected that of pruneOrder")
      #expect(
        try error { $0.curve[2].rates.cleanTest = nil }
          == "run.json: cleanTest is there in part; expected everywhere or nowhere")
      #expect(
        try error { $0.data.backdooredTest = nil }
          == "run.json: backdooredTest is there in part; expected everywhere or nowhere")
      for rate in [
        Rate(hits: 51, total: 50), Rate(hits: -1, total: 50), Rate(hits: 40, total: 49), Rate(hits: -2, total: -1),
      ] {
        let text = "run.json: \(rate.hits) of \(rate.total) in cleanTest; expected hits within 50 rows"
        #expect(try error { $0.curve[1].rates.cleanTest = rate } == text)
        #expect(try error { $0.repaired[0].goodNet.cleanTest = rate } == text)
        #expect(try error { $0.repaired[0].detection.falsePositives = rate } == text)
        #expect(
          try error {
            $0.excludesTarget = true
            $0.curve[1].rates.cleanTest = rate
          } == text)
      }
      #expect(try error { $0.repaired[0].channelsPruned = 9 } == "run.json: k = 9 for X = 2; expected 0...8")
      let stop = try #require(sound.repaired[0].channelsPruned)
      #expect(
        try error { $0.repaired[0].prunedChannels.append(0) }
          == "run.json: prunedChannels of X = 2 differ; expected the first \(stop) of pruneOrder")
      #expect(
        try error { $0.repaired[0].network.cleanTest = Rate(hits: 1, total: 50) }
          == "run.json: network of X = 2 differs; expected the curve's point \(stop)")
    }
  }

  /// Found by `make fuzz`: the report's sentence on the recipe has a target for each trigger.
  @Test(arguments: [[], [1, 2]])
  func refusesARecipeWithoutATargetForEachTrigger(targets: [Int]) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    var record = try RunRecord.read(tests.appendingPathComponent("Corpus/record-trained.json").path)
    record.training?.recipe.attack.targets = targets
    try withTemporaryFolder { folder in
      try write(record, folder)
      #expect(
        errorText { try RunRecord.read(folder) }
          == "\(folder)/run.json: \(targets.count) targets for 1 triggers; expected one for all, or one for each")
    }
  }

  @Test func refusesWhatIsNoRecord() throws {
    let sound = try Small.record(Small.study()).json
    try withTemporaryFolder { folder in
      let path = "\(folder)/run.json"
      func expect(_ found: String, of text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = errorText { try RunRecord.read(path) }
        #expect(error == "\(path): \(found); expected a run record of schema 1", sourceLocation: sourceLocation)
      }
      func changed(with text: String, for original: String) throws -> String {
        try #require(sound.contains(original))
        return sound.replacingOccurrences(of: original, with: text)
      }
      try expect("text that is not JSON", of: "")
      try expect("text that is not JSON", of: String(repeating: "[", count: 100_000))
      try expect("nothing at schema", of: "{}")
      try expect("a value of the wrong type", of: "[1]")
      try expect("a value out of range", of: changed(with: #""seed" : -1"#, for: #""seed" : 1"#))
      try expect("nothing at pruneOrder", of: changed(with: "other", for: "pruneOrder"))
      try expect("a value out of range at order", of: changed(with: "sideways", for: "ascending"))
      try expect(
        "a value of the wrong type at repaired.1.drop", of: changed(with: #""drop" : "4""#, for: #""drop" : 4"#))
      try expect("null at repaired.0.drop", of: changed(with: #""drop" : null"#, for: #""drop" : 2"#))
      #expect(
        errorText { try RunRecord.read("\(folder)/none/run.json") }
          == "\(folder)/none/run.json: no such file; expected a run record (run.json)")
    }
  }

  @Test func foldersHoldARunWithoutAnyRepairedNetwork() throws {
    let study = try Small.study(drops: ["100"].compactMap { Drop($0) })
    let record = try Small.record(study)
    try withTemporaryFolder { parent in
      let folder = RunFolder("\(parent)/new/run")
      let outputs = StagedOutputs()
      try folder.stage(
        record, networks: try study.repairedNetworks(),
        environment: RunEnvironment(threads: 1, libraries: ["cairo": "1.16.0"], seconds: [:]),
        outputs: outputs)
      try outputs.commit()
      try folder.removeLeftovers(of: record)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
          == ["curve.csv", "environment.json", "run.json"])
      #expect(try RunRecord.read(folder.path) == record)
    }
  }
}
