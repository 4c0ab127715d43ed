import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is said on a terminal.
@Suite struct ProgressTests {
  private let small = [
    "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3", "--epochs", "2",
  ]

  @Test func runsSideBySideDrawNoBars() throws {
    let sandbox = try Sandbox()
    let alone = try sandbox.espalier(["compare", "--seeds", "1-2", "--output", "one"] + small, onTerminal: true)
    #expect(alone.contains("\rseed 1, training █") || alone.contains("\rseed 1, training ░"))
    let beside = try sandbox.espalier(
      ["compare", "--seeds", "1-2", "--jobs", "2", "--output", "two"] + small, onTerminal: true)
    #expect(!beside.contains("░") && !beside.contains("█") && !beside.contains("\u{1B}"))
    #expect(beside.contains("wrote two/seed-1/run.json") && beside.contains("wrote two/seed-2/run.json"))
  }
}

extension Sandbox {
  /// What `espalier` says on standard error where that is a terminal.
  func espalier(_ arguments: [String], onTerminal: Bool) throws -> String {
    var (terminal, program): (Int32, Int32) = (-1, -1)
    try #require(openpty(&terminal, &program, nil, nil, nil) == 0)
    let process = try start(arguments, error: FileHandle(fileDescriptor: program, closeOnDealloc: false))
    close(program)
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    // Ends with an error where nobody has the other end any more.
    while case let count = read(terminal, &buffer, buffer.count), count > 0 { said += buffer[..<count] }
    close(terminal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self)
  }
}
