import Foundation
import Testing

/// `ulimit -v`, as batch systems set it: a command works, or ends at once with one line, and leaves its outputs as they were.
@Suite(.disabled(if: Sanitizer.isUsed, "a sanitizer reserves terabytes")) struct MemoryLimitTests {
  private static let small = [
    "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
  ]
  private static let commands: [[String]] = [
    ["run"] + Sandbox.inputs, ["run"] + small, ["train"] + small, ["faces"] + small.dropLast(2),
    ["prune"] + Sandbox.inputs, ["plot", "earlier"], ["plot", "earlier", "--output", "f.svg"], ["report", "earlier"],
    ["compare", "earlier"], ["compare", "--seeds", "1-2", "--jobs", "2"] + small, ["verify", "earlier"],
    ["verify", "trained", "--retrain"], ["evaluate"] + Sandbox.inputs.filter { !["--layer", "pool_1"].contains($0) },
    ["classify", "--model", "model.h5", "face.png"], ["inspect", "model.h5", "valid.h5", "earlier"],
  ]

  @Test(arguments: commands)
  func aCommandWorksOrEndsInOneLine(arguments: [String]) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["run", "--output", "earlier", "--figure", "face.png"] + Sandbox.inputs).status == 0)
    if arguments.contains("trained") {
      #expect(try sandbox.espalier(["run", "--output", "trained"] + Self.small).status == 0)
    }
    let before = try sandbox.files()
    for megabytes in [100, 125, 150, 175, 200, 250, 300, 500, 1000, 2000] {
      let start = ContinuousClock.now
      let outcome = try sandbox.espalier(arguments, after: "ulimit -v \(megabytes * 1000)")
      #expect(ContinuousClock.now - start < .seconds(30), "\(megabytes) MB")
      #expect(!outcome.error.contains("Fatal") && !outcome.error.contains("rogram crashed"))
      // A training that an earlier limit ended is resumed, and says so.
      let lines = outcome.error.split(separator: "\n").filter {
        !$0.hasPrefix("espalier: warning: ") && !$0.contains(": resumed after epoch ")
      }
      if outcome.status != 0 {
        #expect(outcome.status == 1, "\(megabytes) MB: \(outcome.error)")
        // What an earlier attempt left is kept, and said; a comparison has a line for each of its two that failed, and one for both.
        let said = lines.filter { !$0.hasPrefix("wrote ") && !$0.contains(": resumed after epoch ") }
        let most = arguments[0] == "compare" ? 3 : 1
        #expect((1...most).contains(said.count), "\(megabytes) MB: \(outcome.error)")
        let after = try sandbox.files().filter { $0.key.hasSuffix(".tmp") || before[$0.key] != nil }
        #expect(after == before, "\(megabytes) MB")
        let faces = sandbox.path("runs/latest/faces")
        #expect(!FileManager.default.fileExists(atPath: faces), "\(megabytes) MB left an empty folder")
      }
      // What is small works in 500 MB.
      #expect(outcome.status == 0 || megabytes < 500, "\(megabytes) MB: \(outcome.error)")
    }
  }
}
