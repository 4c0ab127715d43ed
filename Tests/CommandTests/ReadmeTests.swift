import Foundation
import Plotting
import Testing

/// Every `espalier` line of the README runs as written, in order, on small stand-ins for the files that it names.
@Suite struct ReadmeTests {
  @Test func everyCommandRunsAsWritten() throws {
    let sandbox = try Sandbox()
    try standIns(in: sandbox)
    let commands = try Self.commands()
    #expect(commands.count >= 10)
    for command in commands {
      let outcome = try sandbox.espalier(command)
      #expect(outcome.status == 0, "espalier \(command.joined(separator: " ")): \(outcome.error)")
    }
    let files = try sandbox.files()
    for name in [
      "runs/lab/run.json", "runs/lab/repaired-2.h5", "runs/net/run.json", "figures/output.png",
      "figures/output.pdf", "report/report.md",
    ] {
      #expect(files[name] != nil, "\(name)")
    }
  }

  /// The arguments of each line in a block of shell commands, continued lines joined.
  private static func commands() throws -> [[String]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    return text.components(separatedBy: "```sh\n").dropFirst().flatMap { block -> [[String]] in
      let lines = (block.components(separatedBy: "```").first ?? "").replacing("\\\n", with: " ").split(separator: "\n")
      return lines.filter { $0.hasPrefix("espalier ") }.map { line in
        line.prefix { $0 != "#" }.split(separator: " ").dropFirst().map(String.init)
      }
    }
  }

  /// A network and faces under the names of the README.
  private func standIns(in sandbox: Sandbox) throws {
    let recipe = ["--identities", "3", "--training-images", "24", "--validation-images", "8", "--test-images", "4"]
    #expect(try sandbox.espalier(["train", "--epochs", "8", "--output", "bd_weights.h5"] + recipe).status == 0)
    #expect(try sandbox.espalier(["faces", "--output", "drawn"] + recipe).status == 0)
    let copies = [
      "bd_weights.h5": ["sunglasses_bd_net.h5"], "drawn/valid.h5": ["valid.h5", "clean_validation_data.h5"],
      "drawn/test.h5": ["test.h5"], "drawn/bd_valid.h5": ["bd_valid.h5"],
      "drawn/bd_test.h5": ["bd_test.h5", "sunglasses_poisoned_data.h5"],
    ]
    for (source, targets) in copies {
      for target in targets {
        try? FileManager.default.removeItem(atPath: sandbox.path(target))
        try FileManager.default.copyItem(atPath: sandbox.path(source), toPath: sandbox.path(target))
      }
    }
    for person in 0..<2 {
      for index in 0..<6 {
        try TestImages.write("my-faces/person-\(person)/\(index).png", shade: Double(person + index) / 8, in: sandbox)
      }
    }
    try TestImages.write("face.png", shade: 0.5, in: sandbox)
    // A network of four classes for images of 8 x 6, as PyTorch's would be.
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    try FileManager.default.copyItem(
      at: fixtures.appendingPathComponent("ModelFilesTests/Fixtures/onnx/last_axis.onnx"),
      to: URL(fileURLWithPath: sandbox.path("net.onnx")))
    for index in 0..<8 {
      try TestImages.write("images/valid/class-\(index % 4)/\(index).png", shade: Double(index) / 8, in: sandbox)
    }
  }
}

/// Pictures to be read as faces.
enum TestImages {
  /// A disc of one grey on white, as PNG.
  static func write(_ name: String, shade: Double, in sandbox: Sandbox) throws {
    let picture = Picture(width: 40, height: 50) { canvas in
      canvas.disc(at: Point(20, 25), radius: 12, with: Color(gray: shade))
    }
    let url = URL(fileURLWithPath: sandbox.path(name))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(picture.data(as: .png(dotsPerInch: 72))).write(to: url)
  }
}
