import Foundation
import Testing

/// The same commands several at a time, in processes whose memory lies elsewhere each time: `make stress` in small.
@Suite struct SameBytesTests {
  @Test func figuresRunsAndComparisonsHaveTheSameBytes() throws {
    let sandbox = try Sandbox(files: [:])
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("espalier").path
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Tools/stress.sh").path
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [script, program, "40", "4", "4", "8"]
    let log = sandbox.url("log")
    #expect(FileManager.default.createFile(atPath: log.path, contents: nil))
    process.standardOutput = try FileHandle(forWritingTo: log)
    process.standardError = process.standardOutput
    try process.run()
    process.waitUntilExit()
    let said = try sandbox.text("log")
    #expect(process.terminationStatus == 0, "\(said)")
    #expect(said.contains("figure: 40 times 3 files, 0 times other bytes or a failure"))
  }
}
