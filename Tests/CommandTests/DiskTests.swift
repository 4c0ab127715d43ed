import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Disks that are full, and places where nothing can be written: one line, earlier outputs as they were, nothing left over.
@Suite struct DiskTests {
  private static let run = [
    "run", "--output", "disk/run", "--figure", "disk/f.png", "--report", "disk/r.md",
  ]

  /// A file system of so many bytes at `disk`, while `body` runs. Needs root.
  private func withSmallDisk(_ bytes: Int, in sandbox: Sandbox, _ body: () throws -> Void) throws {
    let place = sandbox.path("disk")
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try #require(mount("tmpfs", place, "tmpfs", 0, "size=\(bytes)") == 0)
    defer { umount2(place, Int32(MNT_DETACH)) }
    try body()
  }

  /// Whether this process may mount; containers mostly forbid it even to root.
  private static let mayMount: Bool = {
    let place = FileManager.default.temporaryDirectory.path + "/espalier-mount-\(getpid())"
    guard mkdir(place, 0o700) == 0 else { return false }
    defer { rmdir(place) }
    guard mount("tmpfs", place, "tmpfs", 0, "size=65536") == 0 else { return false }
    return umount2(place, 0) == 0
  }()

  @Test(.enabled(if: mayMount, "mounting a small disk needs root"), arguments: [1, 40_000, 100_000, 150_000])
  func aFullDiskIsSaidAndLeavesTheEarlierRun(room: Int) throws {
    let sandbox = try Sandbox()
    try withSmallDisk(2 << 20, in: sandbox) {
      #expect(try sandbox.espalier(Self.run + Sandbox.inputs).status == 0)
      // Another program's file takes what is left, but for `room`.
      var status = statvfs()
      statvfs(sandbox.path("disk"), &status)
      let free = Int(status.f_bavail) * Int(status.f_frsize)
      try Data(count: free - room).write(to: URL(fileURLWithPath: sandbox.path("disk/other")))
      let before = try sandbox.files()
      let outcome = try sandbox.espalier(Self.run + Sandbox.inputs + ["--drops", "3,5"])
      #expect(outcome.status == 1)
      let line =
        /espalier: disk\/[^:]+: no space left on device; expected (room for [0-9]+ bytes|room for the whole file)\n/
      #expect(outcome.error.wholeMatch(of: line) != nil, "\(outcome.error)")
      #expect(try sandbox.files() == before)
      // With room again, the same command does it.
      unlink(sandbox.path("disk/other"))
      #expect(try sandbox.espalier(Self.run + Sandbox.inputs + ["--drops", "3,5"]).status == 0)
    }
  }

  @Test(.enabled(if: mayMount, "mounting a small disk needs root"))
  func aTrainingThatFillsTheDiskKeepsItsLastState() throws {
    let sandbox = try Sandbox()
    // Room for one state of some three megabytes, and not for the next beside it.
    try withSmallDisk(5 << 20, in: sandbox) {
      let train = [
        "train", "--identities", "3", "--training-images", "8", "--validation-images", "3", "--test-images", "3",
        "--epochs", "3", "--output", "disk/net.h5",
      ]
      let full = try sandbox.espalier(train)
      #expect(full.status == 1)
      let line = /espalier: disk\/net.h5.checkpoint: no space left on device; expected room for [0-9]+ bytes\n/
      #expect(full.error.wholeMatch(of: line) != nil, "\(full.error)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: sandbox.path("disk")) == ["net.h5.checkpoint"])
      #expect(mount("tmpfs", sandbox.path("disk"), "tmpfs", UInt(MS_REMOUNT), "size=\(16 << 20)") == 0)
      let again = try sandbox.espalier(train)
      #expect(again.error == "disk/net.h5: resumed after epoch 1 of 3\nwrote disk/net.h5\nwrote disk/net.json\n")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: sandbox.path("disk")).sorted() == ["net.h5", "net.json"])
    }
  }

  /// The largest file that a process may write, in place of a full disk; needs no root.
  @Test(
    .disabled(if: Sanitizer.checksThreads),
    arguments: [
      (["prune"] + Sandbox.inputs, 8, "runs/latest/repaired-2.h5: file too large; expected room for the whole file"),
      (["run"] + Sandbox.inputs, 64, "figures/output.png: file too large; expected room for "),
      (["plot", "earlier"], 64, "figures/output.png: file too large; expected room for "),
      (["report", "earlier"], 8, "report/report.md: file too large; expected room for "),
      (["compare", "earlier", "--keep-going"], 64, "figures/comparison.png: file too large; expected room for "),
      (["faces", "--identities", "2"], 64, "faces/train.h5: file too large; expected room for the whole file"),
      (
        ["train", "--identities", "2", "--training-images", "4", "--epochs", "1"], 64,
        "badnet.h5.checkpoint: file too large; expected room for "
      ),
    ])
  func aFileOverTheLimitIsSaidAndLeavesNothing(arguments: [String], kilobytes: Int, message: String) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "earlier"] + Sandbox.inputs).status == 0)
    let before = try sandbox.files()
    let outcome = try sandbox.espalier(arguments, largestFile: kilobytes)
    #expect(outcome.status == 1)
    #expect(outcome.error.hasPrefix("espalier: \(message)"), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
    #expect(try sandbox.files() == before)
  }

  @Test(arguments: [
    (["plot", "earlier", "--output", "locked/f.png"], "locked/f.png: REASON; expected a folder that can be written"),
    (["report", "earlier", "--output", "locked/r.md"], "locked/r.md: REASON; expected a folder that can be written"),
    (
      ["prune", "--output", "locked/run"] + Sandbox.inputs,
      "locked/run: REASON; expected a folder that can be made"
    ),
    (
      ["run", "--figure", "locked/f.png"] + Sandbox.inputs,
      "locked/f.png: REASON; expected a folder that can be written"
    ),
    (
      ["run", "--report", "locked/r.md"] + Sandbox.inputs, "locked/r.md: REASON; expected a folder that can be written"
    ),
    (["train", "--output", "locked/net.h5"], "locked/net.h5: REASON; expected a folder that can be written"),
    (["faces", "--output", "locked"], "locked/train.h5: REASON; expected a folder that can be written"),
    (["compare", "--seeds", "1", "--output", "locked"], "locked: REASON; expected a place that can be written"),
  ])
  func aFolderThatCannotBeWrittenIsSaid(arguments: [String], message: String) throws {
    let sandbox = try Sandbox()
    #expect(try sandbox.espalier(["prune", "--output", "earlier"] + Sandbox.inputs).status == 0)
    let before = try sandbox.files()
    let place = sandbox.path("locked")
    #expect(mkdir(place, 0o755) == 0)
    var reason = "permission denied"
    if geteuid() == 0 {
      // Root may write where modes forbid it, but not on a file system that is mounted for reading.
      guard Self.mayMount else { return }
      try #require(mount("tmpfs", place, "tmpfs", UInt(MS_RDONLY), "size=65536") == 0)
      reason = "read-only file system"
    } else {
      chmod(place, 0o555)
    }
    defer {
      umount2(place, Int32(MNT_DETACH))
      chmod(place, 0o755)
    }
    let outcome = try sandbox.espalier(arguments)
    #expect(outcome.error == "espalier: \(message.replacing("REASON", with: reason))\n")
    #expect(outcome.status == 2)
    #expect(try sandbox.files() == before)
  }
}
