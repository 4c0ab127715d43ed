import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Signals and pipes, as other programs of a shell have them.
@Suite struct SignalTests {
  @Test(arguments: [["inspect", "model.h5", "--json"], ["inspect", "model.h5"], ["--help"], ["--version"]])
  func aClosedPipeIsSilent(arguments: [String]) throws {
    let sandbox = try Sandbox()
    for setup in ["true", "trap '' PIPE"] {
      let process = sandbox.makeProcess(["-c", "\(setup); exec \"$@\"", "sh"], of: "espalier")
      let program = try #require(process.executableURL).path
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(setup); exec \"$0\" \"$@\"", program] + arguments
      let (output, error) = (Pipe(), Pipe())
      process.standardOutput = output
      process.standardError = error
      try output.fileHandleForReading.close()
      try process.run()
      try error.fileHandleForWriting.close()
      let said = try error.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      #expect(said.isEmpty, "\(String(decoding: said, as: UTF8.self))")
      // A shell gives both the same status.
      let isKilled = process.terminationReason == .uncaughtSignal
      #expect(process.terminationStatus + (isKilled ? 128 : 0) == 128 + SIGPIPE)
    }
  }

  @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)])
  func aSignalThatWasIgnoredStaysIgnored(name: String, signal: Int32) throws {
    let sandbox = try Sandbox()
    let small = [
      "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3", "--epochs", "20",
    ]
    for (setup, status) in [("trap '' \(name)", 0), ("true", 128 + signal)] {
      let process = sandbox.makeProcess([])
      let program = try #require(process.executableURL).path
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "\(setup); exec \"$0\" \"$@\"", program, "train", "--output", "net.h5"] + small
      process.standardError = FileHandle.nullDevice
      try process.run()
      // The first state is there, and more epochs are to come.
      while process.isRunning, !FileManager.default.fileExists(atPath: sandbox.path("net.h5.checkpoint")) {
        usleep(2000)
      }
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      #expect(process.terminationStatus == status)
      #expect(FileManager.default.fileExists(atPath: sandbox.path("net.h5")) == (status == 0))
      for file in ["net.h5", "net.json", "net.h5.checkpoint"] {
        try? FileManager.default.removeItem(at: sandbox.url(file))
      }
    }
  }
}
