import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Outputs at places that are no plain files, and names that are no plain text.
struct OutputPlaceTests {
  private func sandboxWithRun() throws -> Sandbox {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "own"] + Sandbox.inputs).status == 0)
    return sandbox
  }

  private func kind(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  @Test func aLinkStaysAndWhatItNamesIsWritten() throws {
    let sandbox = try sandboxWithRun()
    try FileManager.default.createDirectory(atPath: sandbox.path("real/deep"), withIntermediateDirectories: true)
    try sandbox.write("old\n", to: "real/kept.md")
    for (link, target) in [
      ("link.md", "real/kept.md"), ("dangling.md", "real/nothing.md"), ("two.md", "dangling.md"),
      ("report", "real/deep"),
      ("ring.md", "ring.md"),
    ] {
      try FileManager.default.createSymbolicLink(atPath: sandbox.path(link), withDestinationPath: target)
    }
    for (output, file) in [
      ("link.md", "real/kept.md"), ("two.md", "real/nothing.md"), ("report/r.md", "real/deep/r.md"),
    ] {
      let outcome = try sandbox.espalier(["report", "own", "--output", output])
      #expect(outcome.status == 0 && outcome.error == "wrote \(output)\n", "\(outcome.error)")
      #expect(try sandbox.text(file).hasPrefix("# The pruning defence"))
    }
    for link in ["link.md", "dangling.md", "two.md", "report"] { #expect(kind(sandbox.path(link)) == S_IFLNK) }
    let ring = try sandbox.espalier(["report", "own", "--output", "ring.md"])
    #expect(ring.status == 2)
    #expect(ring.error == "espalier: ring.md: a symbolic link that leads in circles; expected a path for a file\n")
  }

  @Test func aDeviceOrFIFOIsWrittenThrough() throws {
    let sandbox = try sandboxWithRun()
    #expect(mkfifo(sandbox.path("fifo.md"), 0o666) == 0)
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/bin/sh")
    reader.arguments = ["-c", "cat fifo.md > read.md"]
    reader.currentDirectoryURL = sandbox.folder
    try reader.run()
    let outcome = try sandbox.espalier(["report", "own", "--output", "fifo.md"])
    #expect(outcome.status == 0, "\(outcome.error)")
    reader.waitUntilExit()
    #expect(kind(sandbox.path("fifo.md")) == S_IFIFO)
    #expect(try sandbox.espalier(["report", "own", "--output", "plain.md"]).status == 0)
    #expect(try sandbox.text("read.md") == sandbox.text("plain.md"))
    let console = try sandbox.espalier(["report", "own", "--output", "/dev/stdout"])
    #expect(console.status == 0 && console.output.hasPrefix("# The pruning defence"), "\(console.error)")
    #expect(kind("/dev/null") == S_IFCHR)
    #expect(try sandbox.espalier(["report", "own", "--output", "/dev/null"]).status == 0)
    #expect(kind("/dev/null") == S_IFCHR)
    let refused = try sandbox.espalier(["train", "--output", "fifo.md"])
    #expect(refused.status == 2)
    #expect(
      refused.error
        == "espalier: fifo.md: a device or a FIFO; expected a path for a file, with others beside it\n")
  }

  /// 250 letters leave no room for a number behind them.
  @Test func aLongNameIsWritten() throws {
    let sandbox = try sandboxWithRun()
    let name = String(repeating: "n", count: 247) + ".md"
    let before = try Set(FileManager.default.contentsOfDirectory(atPath: sandbox.folder.path))
    #expect(try sandbox.espalier(["report", "own", "--output", name]).status == 0)
    #expect(
      try Set(FileManager.default.contentsOfDirectory(atPath: sandbox.folder.path)) == before.union([name]))
    let longer = String(repeating: "n", count: 254) + ".md"
    let refused = try sandbox.espalier(["report", "own", "--output", longer])
    #expect(
      refused.status == 2 && refused.error.hasSuffix(": file name too long; expected a shorter name\n"),
      "\(refused.error)")
  }

  /// Run as root by another user's number; skipped elsewhere, and where that user may not run the program.
  @Test func anotherUsersFileInAStickyFolderStays() throws {
    let setpriv = "/usr/bin/setpriv"
    guard geteuid() == 0, access(setpriv, X_OK) == 0 else { return }
    let sandbox = try sandboxWithRun()
    try FileManager.default.createDirectory(atPath: sandbox.path("sticky"), withIntermediateDirectories: true)
    try sandbox.write("old", to: "sticky/r.md")
    chmod(sandbox.folder.path, 0o755)
    chmod(sandbox.path("sticky"), 0o1777)
    func asNobody(_ arguments: [String]) throws -> (status: Int32, error: String) {
      let process = sandbox.makeProcess(arguments)
      process.arguments =
        ["--reuid=65534", "--regid=65534", "--clear-groups", process.executableURL?.path ?? ""] + arguments
      process.executableURL = URL(fileURLWithPath: setpriv)
      let pipe = Pipe()
      (process.standardError, process.standardOutput) = (pipe, FileHandle.nullDevice)
      try process.run()
      let text = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
    guard try asNobody(["--version"]).status == 0 else { return }
    let outcome = try asNobody(["report", "own", "--output", "sticky/r.md"])
    #expect(outcome.status == 2)
    #expect(
      outcome.error
        == "espalier: sticky/r.md: another user's file in a folder with the sticky bit; expected a file that can be replaced\n"
    )
    #expect(try sandbox.text("sticky/r.md") == "old")
    #expect(try asNobody(["report", "own", "--output", "sticky/own.md"]).status == 0)
  }

  @Test func emptyPathsAreToldBeforeAnyWork() throws {
    let sandbox = try Sandbox()
    let before = try sandbox.files()
    for option in ["--report", "--figure"] {
      let outcome = try sandbox.espalier(["run", option, ""] + Sandbox.inputs)
      #expect(outcome.status == 2, "\(outcome.error)")
    }
    #expect(try sandbox.files() == before)
  }
}

/// Paths are bytes: here é as Latin-1 has it, which is no UTF-8.
struct OddPathTests {
  /// What a shell calls the byte.
  private static let name = "\"$(printf 'Andr\\351')\""

  /// Runs a shell's line in the sandbox; `$0` is the program.
  private func shell(_ sandbox: Sandbox, _ line: String) throws -> Outcome {
    let program = sandbox.makeProcess([]).executableURL?.path ?? ""
    let (output, error) = (sandbox.path("shell.out"), sandbox.path("shell.err"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "exec > shell.out 2> shell.err; \(line)", program]
    process.currentDirectoryURL = sandbox.folder
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .isoLatin1),
      error: try String(contentsOfFile: error, encoding: .isoLatin1))
  }

  @Test func inputsAndOutputsHaveAnyBytes() throws {
    let sandbox = try Sandbox()
    let made = try shell(
      sandbox,
      """
      mkdir \(Self.name) && mv model.h5 \(Self.name)/model.h5 && cp valid.h5 \(Self.name)/v.h5 && \
      "$0" run --model \(Self.name)/model.h5 --layer pool_1 --clean-valid \(Self.name)/v.h5 --output \(Self.name)/run \
      --report \(Self.name)/r.md --figure \(Self.name)/f.png
      """)
    #expect(made.status == 0, "\(made.error)")
    #expect(made.error.contains("wrote Andr\\xe9/r.md\n"), "\(made.error)")
    let listed = try shell(sandbox, "ls \(Self.name) \(Self.name)/run | tr '\\n' ' '")
    #expect(listed.output.contains("f.pdf f.png model.h5 r.md run v.h5"), "\(listed.output)")
    #expect(listed.output.contains("curve.csv environment.json"), "\(listed.output)")
    // The record finds its inputs, the report its figure.
    let verified = try shell(sandbox, "\"$0\" verify \(Self.name)/run --report \(Self.name)/r.md --strict")
    #expect(verified.status == 0, "\(verified.output)\(verified.error)")
    let report = try shell(sandbox, "cat \(Self.name)/r.md").output
    #expect(report.contains("`Andr\\xe9/model.h5`") && report.contains("printf 'Andr\\351/model.h5'"), "\(report)")
    let again = try shell(
      sandbox,
      "\"$0\" compare \(Self.name)/run --output c --report c.md --figure c.svg && grep -c 'Andr%E9/run/run.json' c.md")
    #expect(again.status == 0, "\(again.error)")
    let missing = try shell(sandbox, "\"$0\" inspect \(Self.name)/none.h5")
    #expect(missing.status == 2 && missing.error.contains("Andr\\xe9/none.h5: "), "\(missing.error)")
  }

  @Test func aPersonsFolderHasAnyName() throws {
    let sandbox = try Sandbox()
    #expect(
      try sandbox.espalier(
        ["faces", "--identities", "3", "--training-images", "1", "--validation-images", "1", "--test-images", "1"]
      ).status == 0)
    let picture = Data(
      base64Encoded:
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    try picture?.write(to: sandbox.url("one.png"))
    let made = try shell(
      sandbox,
      """
      for p in a b \(Self.name); do mkdir -p people/"$p"; for i in 1 2 3 4 5 6; do cp one.png people/"$p"/$i.png; done; done; \
      "$0" faces --faces people --output people-faces
      """)
    #expect(made.status == 0, "\(made.error)")
    let inspected = try sandbox.espalier(["inspect", "people-faces/valid.h5"])
    #expect(inspected.output.contains("3 labels, 0...2"), "\(inspected.output)")
  }
}
