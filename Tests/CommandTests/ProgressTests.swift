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

extension ProgressTests {
  /// The lines that were drawn, without what moves the cursor.
  private func drawn(_ said: String) -> [String] {
    said.replacing(/\u{1B}\[[0-9]*[A-Z]/, with: "").split(separator: "\r")
      .filter { $0.contains("%") && !$0.contains("warning") }.map { $0.split(separator: "\n")[0].description }
  }

  @Test(arguments: [200, 120, 80, 60, 40, 20, 8])
  func noLineIsAsWideAsTheWindow(columns: Int) throws {
    let lines = drawn(
      try Sandbox().espalier(["train", "--output", "n.h5"] + small, onTerminal: true, columns: columns))
    #expect(lines.allSatisfy { $0.count < columns && $0.contains("%") }, "\(lines)")
    // What is left out is the least important.
    let last = try #require(lines.last)
    #expect(last.contains(", attack") == (columns >= 120), "\(last)")
    #expect(last.contains("epoch 2 of 2") == (columns >= 80), "\(last)")
    #expect(last.contains("█") == (columns >= 40), "\(last)")
    #expect(last.contains("left") == (columns >= 40), "\(last)")
    #expect(last.contains("training") == (columns >= 20), "\(last)")
  }

  @Test func aWindowThatBecomesNarrowerIsAskedAgain() throws {
    let said = try Sandbox().espalier(
      ["train", "--output", "n.h5"] + small + ["--epochs", "12"], onTerminal: true, columns: 120, then: 40)
    let lines = drawn(said)
    #expect(lines.contains { $0.count > 80 && $0.count < 120 })
    let narrow = lines.drop { $0.count >= 40 }
    #expect(!narrow.isEmpty && narrow.allSatisfy { $0.count < 40 }, "\(lines)")
    // The line that the window broke into three is wiped off.
    #expect(said.contains("\u{1B}[2A\u{1B}[J"))
  }
}

extension Sandbox {
  /// What `espalier` says on standard error where that is a terminal.
  /// - Parameters:
  ///   - columns: of the terminal; 0 where it does not say.
  ///   - narrower: how many it has from the first long line on.
  func espalier(_ arguments: [String], onTerminal: Bool, columns: Int = 0, then narrower: Int? = nil) throws -> String {
    var (terminal, program): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&terminal, &program, nil, nil, &size) == 0)
    let process = try start(arguments, error: FileHandle(fileDescriptor: program, closeOnDealloc: false))
    close(program)
    var said: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    // Ends with an error where nobody has the other end any more.
    while case let count = read(terminal, &buffer, buffer.count), count > 0 {
      said += buffer[..<count]
      guard let narrower, size.ws_col > narrower, String(decoding: said, as: UTF8.self).contains(", attack") else {
        continue
      }
      size.ws_col = UInt16(narrower)
      _ = ioctl(terminal, UInt(TIOCSWINSZ), &size)
    }
    close(terminal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self)
  }
}
