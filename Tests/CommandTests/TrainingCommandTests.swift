import Foundation
import Testing

/// `run`, `train` and `faces` without a given network.
@Suite struct TrainingCommandTests {
  private let small = [
    "--identities", "4", "--training-images", "10", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
  ]

  private func run(_ sandbox: Sandbox, _ name: String, _ more: [String]) throws -> [String: Data] {
    let outcome = try sandbox.espalier(
      ["run", "--output", "\(name)/run", "--figure", "\(name)/figures/f.png", "--report", "\(name)/report/r.md"] + small
        + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    let files = try sandbox.files().filter { $0.key.hasPrefix("\(name)/") && !$0.key.hasSuffix("environment.json") }
    return Dictionary(uniqueKeysWithValues: files.map { (String($0.key.dropFirst(name.count)), $0.value) })
  }

  @Test func sameSeedSameBytesForAnyThreads() throws {
    let sandbox = try Sandbox()
    let alone = try run(sandbox, "one", ["--threads", "1"])
    #expect(alone.count >= 12)
    #expect(alone["/run/badnet.h5"] != nil && alone["/run/faces/bd_test.h5"] != nil)
    #expect(alone["/figures/f-samples.png"] != nil && alone["/figures/f-training.png"] != nil)
    #expect(try run(sandbox, "two", ["--threads", "2"]) == alone)
    let other = try run(sandbox, "three", ["--seed", "2"])
    #expect(other["/run/badnet.h5"] != alone["/run/badnet.h5"])
  }

  @Test func recordHoldsTheTraining() throws {
    let sandbox = try Sandbox()
    let files = try run(
      sandbox, "one", ["--trigger", "patch", "--trigger", "blended", "--target", "1", "--target", "2"])
    let record = try #require(files["/run/run.json"])
    let json = try #require(try JSONSerialization.jsonObject(with: record) as? [String: Any])
    let training = try #require(json["training"] as? [String: Any])
    #expect((training["history"] as? [Any])?.count == 2)
    let data = try #require(json["data"] as? [String: [String: Any]])
    // Two backdoors: every face is there once for each.
    #expect(data["backdooredTest"]?["rows"] as? Int == 24 && data["cleanTest"]?["rows"] as? Int == 12)
    let report = String(decoding: try #require(files["/report/r.md"]), as: UTF8.self)
    #expect(report.contains("`patch` with target label 1 and `blended` with target label 2"))
    #expect(report.contains("--trigger patch") && report.contains("--target 2"))
  }

  @Test func trainAndFacesGiveWhatRunUses() throws {
    let sandbox = try Sandbox()
    let files = try run(sandbox, "one", [])
    #expect(try sandbox.espalier(["train", "--output", "net.h5"] + small).status == 0)
    #expect(try sandbox.espalier(["faces", "--output", "drawn"] + small.dropLast(2)).status == 0)
    let all = try sandbox.files()
    #expect(all["net.h5"] == files["/run/badnet.h5"])
    for name in ["valid.h5", "test.h5", "bd_valid.h5", "bd_test.h5"] {
      #expect(all["drawn/\(name)"] == files["/run/faces/\(name)"], "\(name)")
    }
    #expect(try sandbox.text("net.json").contains("\"history\""))
  }

  @Test(arguments: [
    (["--poison-fraction", "1.5"], "--poison-fraction: 1.5; expected a fraction in 0...1"),
    (["--target", "4"], "--target: 4; expected an identity in 0...3"),
    (["--epochs", "0"], "--epochs: 0; expected 1...10000"),
    (["--learning-rate", "0"], "--learning-rate: 0.0; expected a number in 0...10, above 0"),
    (["--trigger", "opaque.png"], "opaque.png: has no alpha channel; "),
    (["--trigger", "nothing.png"], "nothing.png: "),
    (["--faces", "people"], "people/b: 1 images; expected at least 5 of an identity"),
    (["--faces", "nowhere"], "nowhere: no such folder; expected a folder of images for each identity"),
    (["--faces", "broken"], "broken/a/5.png: not a PNG or JPEG image"),
    (
      ["--trigger", "patch", "--target", "0", "--target", "1"],
      "--target: 2 targets for 1 triggers; expected one for each trigger, or one for all"
    ),
  ])
  func badInputIsOneLine(_ options: [String], _ message: String) throws {
    let sandbox = try Sandbox()
    try TestImages.write("opaque.png", shade: 0.2, in: sandbox)
    for (person, count) in [("people/a", 6), ("people/b", 1), ("broken/a", 5), ("broken/b", 6)] {
      for index in 0..<count { try TestImages.write("\(person)/\(index).png", shade: 0.4, in: sandbox) }
    }
    try sandbox.write("not a picture", to: "broken/a/5.png")
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(["train", "--output", "net.h5"] + small + options)
    #expect(outcome.status == 2)
    #expect(outcome.error.hasPrefix("espalier: " + message), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
    #expect(try sandbox.files() == before)
  }

  @Test func optionsOfTrainingBesideAGivenNetworkAreRefused() throws {
    let sandbox = try Sandbox()
    let outcome = try sandbox.espalier(["run"] + Sandbox.inputs + ["--epochs", "3"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "espalier: --model: options of training beside it; expected a given network, or one to be trained\n")
  }

  @Test func interruptedTrainingEndsAtOnceAndLeavesNoHalfFile() throws {
    let sandbox = try Sandbox()
    let before = try sandbox.files()
    let process = try sandbox.start(["run", "--output", "stopped"])
    Thread.sleep(forTimeInterval: 1.5)
    let start = ContinuousClock.now
    process.interrupt()
    process.waitUntilExit()
    #expect(ContinuousClock.now - start < Sanitizer.patience)
    #expect(process.terminationStatus == 130)
    // What is finished of the training is all that stays, for the same command to go on with.
    #expect(try sandbox.files().filter { !$0.key.hasSuffix(".checkpoint") } == before)
  }
}
