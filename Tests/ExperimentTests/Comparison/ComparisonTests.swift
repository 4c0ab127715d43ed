import Defences
import Experiment
import Files
import Foundation
import Testing

struct ComparisonTests {
  private func refusal(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing thrown"
    } catch {
      return "\(error)"
    }
  }

  private func refusal(of records: [ComparedRecord], across: String? = nil) -> String {
    refusal {
      _ = try Comparison(
        records.enumerated().map { try $1.run("runs/\("abcdef".map(String.init)[$0])") }, across: across)
    }
  }

  @Test func statisticsOfThreeRuns() throws {
    let runs = try [
      ComparedRecord(seed: 1), ComparedRecord(seed: 2, attack: [100, 100, 99, 70, 5]),
      ComparedRecord(seed: 3, clean: [96, 95, 95, 91, 40], attack: [100, 80, 40, 9, 5]),
    ].map { try $0.run() }
    let comparison = try Comparison(runs)
    #expect(comparison.seedRole == .sample)
    let group = comparison.groups[0]
    #expect(
      group.curve.map { $0.cleanValid?.values } == [
        [98, 98, 96], [98, 98, 95], [95, 95, 95], [90, 90, 91], [40, 40, 40],
      ])
    // Three runs that agree at 95 %: 95 · 0.025^(1/3) and 100 - 5 · 0.025^(1/3).
    let agreed = try #require(group.curve[2].cleanValid?.interval)
    #expect(abs(agreed.lowerBound - 27.7782) < 1e-4 && abs(agreed.upperBound - 98.5380) < 1e-4)
    #expect(group.curve[0].cleanTest == nil)

    let two = group.drops[0]
    #expect(two.drop == Drop("2") && two.reached == 3 && two.runs == 3)
    #expect(two.channelsPruned?.values == [2, 2, 3])
    #expect(two.repaired.cleanValid?.values == [95, 95, 91])
    #expect(two.difference.cleanValid?.values == [3, 3, 5])
    #expect(two.difference.backdooredValid?.values == [0, 1, 91])
    #expect(two.fates.backdooredValid == [.survives, .survives, .broken])
    #expect(two.fates.cleanValid == nil)
  }

  @Test func runsThatDoNotReachADropAreLeftOutOfIt() throws {
    let runs = try [
      ComparedRecord(seed: 1), ComparedRecord(seed: 2, clean: [98, 98, 98, 97, 97]),
      ComparedRecord(seed: 3, clean: [98, 98, 98, 98, 98]),
    ].map { try $0.run() }
    let drops = try Comparison(runs).groups[0].drops
    #expect(drops.map(\.reached) == [1, 1])
    #expect(drops[0].repaired.cleanValid?.values == [95])
    #expect(drops[0].repaired.cleanValid?.interval == nil)
    let none = try Comparison([runs[2]]).groups[0].drops[0]
    #expect(none.reached == 0 && none.channelsPruned == nil && none.repaired.cleanValid == nil)
  }

  @Test func differencesAreRefusedByName() {
    let first = ComparedRecord(seed: 1)
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, order: "random")])
        == "runs/b: order is random; expected ascending, as in runs/a, or --across order")
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, layer: "conv_2")])
        == "runs/b: layer is conv_2; expected pool_3, as in runs/a, or --across layer")
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, drops: ["2"])])
        == "runs/b: drops is 2; expected 2,4, as in runs/a, or --across drops")
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, sample: nil)])
        == "runs/b: validation-sample is all; expected 100, as in runs/a, or --across validation-sample")
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, digest: "0123456789")])
        == """
        runs/b: model is bd.h5 (SHA-256 01234567); expected bd.h5 (SHA-256 ab12), as in runs/a, or --across model
        """)
    #expect(
      refusal(of: [first, ComparedRecord(seed: 2, order: "random", layer: "conv_2")], across: "order")
        == "runs/b: layer is conv_2; expected pool_3, as in runs/a, since --across order lets nothing else differ")
  }

  @Test func runsThatAreNotIndependentAreRefused() {
    #expect(
      refusal(of: [ComparedRecord(seed: 1), ComparedRecord(seed: 1)])
        == "runs/b: seed 1 is that of runs/a too; expected another seed in each run")
    #expect(
      refusal(of: [ComparedRecord(seed: 1, sample: nil), ComparedRecord(seed: 2, sample: nil)])
        == """
        runs/b: seed 2 changes nothing in runs/a; expected runs with --validation-sample or --order random, for a given \
        model
        """)
    #expect(refusal(of: []) == "compare: no runs; expected run folders, or --seeds")
  }

  @Test func acrossGroupsRunsByTheField() throws {
    let records = [
      ComparedRecord(seed: 1, order: "ascending", sample: nil), ComparedRecord(seed: 1, order: "random", sample: nil),
      ComparedRecord(seed: 2, order: "random", sample: nil), ComparedRecord(seed: 1, order: "descending", sample: nil),
    ]
    let comparison = try Comparison(records.enumerated().map { try $1.run("\($0)") }, across: "order")
    #expect(comparison.groups.map { $0.value?.text } == ["ascending", "random", "descending"])
    #expect(comparison.groups.map(\.runs.count) == [1, 2, 1])
    #expect(comparison.seedRole == .order)
    #expect(
      refusal(of: records, across: "colour").hasPrefix(
        "--across: colour; expected one of network, model, input-scale, clean-valid"))
  }

  @Test func foldersThatAreNotWholeAreNamed() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func read() -> String { refusal { _ = try ComparedRun.read(folder) } }
    let file = "\(folder)/run.json"

    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(read().hasPrefix("\(file): no such file"))
    try ComparedRecord().write(to: folder)
    #expect(try ComparedRun.read(folder).record == ComparedRecord().record)
    #expect(try ComparedRun.read(file).folder == folder)

    try FileManager.default.removeItem(atPath: "\(folder)/repaired-2.h5")
    #expect(read() == "\(folder): no repaired-2.h5; expected it beside the run.json that goes with it")
    let json = try ComparedRecord().record.json
    try String(json.prefix(200)).write(toFile: file, atomically: true, encoding: .utf8)
    #expect(read() == "\(file): text that is not JSON; expected a run record of schema 1")
    try json.replacing("\"schema\" : 1", with: "\"schema\" : 2").write(toFile: file, atomically: true, encoding: .utf8)
    #expect(read() == "\(file): schema 2; expected schema 1")
  }

  @Test func finishedRunsAreTakenAndOthersRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = try ComparedRecord().run().settings
    #expect(try ComparedRun.finished(in: folder, seed: 1, settings: settings) == nil)
    try ComparedRecord().write(to: folder)
    #expect(try ComparedRun.finished(in: folder, seed: 1, settings: settings)?.record == ComparedRecord().record)
    #expect(
      refusal { _ = try ComparedRun.finished(in: folder, seed: 2, settings: settings) }
        == "\(folder)/run.json: seed is 1; expected 2 as asked for; another --output keeps both")
    let other = try ComparedRecord(layer: "conv_2").run().settings
    #expect(
      refusal { _ = try ComparedRun.finished(in: folder, seed: 1, settings: other) }
        == "\(folder)/run.json: layer is pool_3; expected conv_2 as asked for; another --output keeps both")
    // Half a run is made again.
    try FileManager.default.removeItem(atPath: "\(folder)/curve.csv")
    #expect(try ComparedRun.finished(in: folder, seed: 1, settings: settings) == nil)
  }

  /// Each run is checked against its group alone: reading takes no longer by run, the more there are.
  @Test func tenThousandRunsAreAddedInOnePass() throws {
    let run = try ComparedRecord().run()
    var builder = ComparisonBuilder()
    let seconds = try ContinuousClock().measure {
      for seed in 1...10_000 {
        var record = run.record
        record.seed = UInt64(seed)
        try builder.add(ComparedRun(folder: "runs/\(seed)", record: record))
      }
    }
    // Some 3 s under load, most of it to make the runs; quadratic, it took minutes.
    #expect(seconds < .seconds(30))
    #expect(
      refusal { try builder.add(ComparedRun(folder: "again", record: run.record)) }
        == "again: seed 1 is that of runs/1 too; expected another seed in each run")
    let comparison = try Comparison(builder)
    #expect(comparison.runs.count == 10_000 && comparison.groups[0].curve[1].cleanValid?.count == 10_000)
    #expect(refusal { _ = try Comparison(ComparisonBuilder()) } == "compare: no runs; expected run folders, or --seeds")
  }

  @Test func fatesAndTestsOfTenRuns() throws {
    let runs = try (1...10).map { seed in
      try ComparedRecord(seed: seed, attack: [100, 100, seed == 1 ? 100 : 60 - seed, 40, 5]).run()
    }
    let drop = try Comparison(runs).groups[0].drops[0]
    #expect(drop.count(.survives, .backdooredValid) == Rate(hits: 10, total: 10))
    let change = try #require(drop.change.backdooredValid)
    #expect(change.fell == 9 && change.rose == 0 && change.same == 1)
    #expect(change.sign == 2 / 512.0 && change.permutation == 2 / 512.0 && change.isExact)
    #expect(drop.count(.survives, .cleanValid) == nil)
  }

  @Test func documentHoldsTheNumbers() throws {
    let runs = try [ComparedRecord(seed: 1), ComparedRecord(seed: 2, clean: [98, 96, 94, 90, 40])].map { try $0.run() }
    let text = try JSONText.of(Comparison(runs))
    let document = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(document["seedVaries"] as? String == "sample")
    let group = try #require((document["groups"] as? [[String: Any]])?.first)
    let curve = try #require(group["curve"] as? [[String: Any]])
    let summary = try #require((curve[2]["percent"] as? [String: Any])?["cleanValid"] as? [String: Any])
    #expect(summary["mean"] as? Double == 94.5 && summary["n"] as? Int == 2)
    #expect(summary["range"] as? [Double] == [94, 95])
    #expect(summary["medianInterval"] is NSNull && (summary["interval"] as? [Double])?.count == 2)
    let drop = try #require((group["drops"] as? [[String: Any]])?.first)
    let test = try #require((drop["tests"] as? [String: Any])?["cleanValid"] as? [String: Any])
    #expect(test["signTest"] as? Double == 0.5 && test["permutationIsExact"] as? Bool == true)
    let fate = try #require((drop["fates"] as? [String: Any])?["backdooredValid"] as? [String: Any])
    #expect((fate["survives"] as? [String: Any])?["hits"] as? Int == 2)
    #expect((drop["runsToHalve"] as? [String: Any])?["backdooredValid"] as? Int ?? 0 > 2)
    #expect((curve[2]["percent"] as? [String: Any])?["cleanTest"] is NSNull)
    #expect((group["runs"] as? [[String: Any]])?.map { $0["seed"] as? Int } == [1, 2])
  }
}
