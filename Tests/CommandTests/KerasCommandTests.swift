import Experiment
import Foundation
import Testing

/// Commands on `.keras` files: the fixtures of the tests of `ModelFiles`.
struct KerasCommandTests {
  /// - Parameter name: of a fixture, a network of four classes.
  private func sandbox(_ name: String) throws -> Sandbox {
    let sandbox = try Sandbox(files: [:])
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("ModelFilesTests/Fixtures/keras")
    try FileManager.default.copyItem(
      at: fixtures.appendingPathComponent("\(name).keras"), to: sandbox.url("network.keras"))
    return sandbox
  }

  @Test func inspectShowsANetworkWithOpenSizes() throws {
    let sandbox = try sandbox("open_sizes")
    let outcome = try sandbox.espalier(["inspect", "network.keras"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.output.contains("; it leaves the images' size open: outputs are those for 32 x 32 pixels\n"),
      "\(outcome.output)")
    let json = try sandbox.espalier(["inspect", "network.keras", "--json"])
    #expect(json.status == 0 && json.output.contains("\"exampleShape\""), "\(json.output)")
  }

  /// A sum's channels have no weights of their own, so that those of its readers become 0.
  @Test func runPrunedAtAResidualSumVerifies() throws {
    let sandbox = try sandbox("residual")
    for index in 0..<12 {
      try TestImages.write("images/class-\(max(0, index - 8))/\(index).png", shade: Double(index) / 12, in: sandbox)
    }
    let outcome = try sandbox.espalier([
      "run", "--model", "network.keras", "--input-scale", "1/255", "--clean-valid", "images", "--clean-test", "images",
      "--trigger", "patch", "--target", "1", "--layer", "sum_1", "--order", "descending", "--drops", "0,1", "--output",
      "run", "--figure", "figure.png", "--report", "report.md",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let record = try RunRecord.read(sandbox.path("run"))
    #expect(record.layer == "sum_1")
    let repaired = try #require(record.repaired.compactMap(\.model).last)
    #expect(repaired.hasSuffix(".keras"))
    let verified = try sandbox.espalier(["verify", "run", "--figure", "figure.png", "--report", "report.md"])
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    #expect(verified.output.contains(repaired))
  }
}
