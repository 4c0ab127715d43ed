import Files
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct OutputLockTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func aSecondHolderIsRefused() throws {
    try withTemporaryFolder { folder in
      let run = "\(folder)/runs/one"
      try OutputLock.hold(folder: run) {
        #expect(try names(run) == [".espalier.lock"] && OutputLock.isMarked(folder: run))
        let text = errorText(in: folder) { try OutputLock.hold(folder: run) {} }
        #expect(
          text == "runs/one: in use by process \(getpid()); expected an output that no other command is writing")
        #expect(errorText(in: folder) { try OutputLock.hold(folder: "\(folder)/runs/two") {} } == "no error")
        #expect(try names("\(folder)/runs") == ["one"])
        try OutputFile.write("", to: "\(run)/run.json")
      }
      #expect(try names(run) == ["run.json"] && !OutputLock.isMarked(folder: run))
      #expect(errorText(in: folder) { try OutputLock.hold(folder: run) {} } == "no error")
    }
  }

  @Test func foldersThatStayEmptyGoAgain() throws {
    try withTemporaryFolder { folder in
      struct Problem: Error {}
      #expect(throws: Problem.self) { try OutputLock.hold(folder: "\(folder)/a/b/c") { throw Problem() } }
      let after = try names(folder)
      #expect(after == [])
    }
  }

  @Test func aFileHasALockOfItsOwn() throws {
    try withTemporaryFolder { folder in
      try OutputLock.hold(file: "\(folder)/net.h5") {
        let inside = try names(folder)
        #expect(inside == [".net.h5.lock"])
        let text = errorText(in: folder) { try OutputLock.hold(file: "\(folder)/net.h5") {} }
        #expect(text == "net.h5: in use by process \(getpid()); expected an output that no other command is writing")
        #expect(errorText(in: folder) { try OutputLock.hold(file: "\(folder)/other.h5") {} } == "no error")
      }
      #expect(try names(folder) == [])
    }
  }

  @Test func whatADeadProcessLeftKeepsNobodyOut() throws {
    try withTemporaryFolder { folder in
      try Data("4711\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/.espalier.lock"))
      #expect(errorText(in: folder) { try OutputLock.hold(folder: folder) {} } == "no error")
      #expect(try names(folder) == [])
      // A link in the lock's place leads nowhere.
      try OutputFile.write("precious", to: "\(folder)/file")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/.espalier.lock", withDestinationPath: "\(folder)/file")
      #expect(errorText(in: folder) { try OutputLock.hold(folder: folder) {} }.contains("symbolic links"))
      #expect(try fileBytes("\(folder)/file") == Array("precious".utf8))
    }
  }

  /// Many threads, each with a descriptor of its own, as processes have: never two inside at once, and each gets in.
  @Test func onlyOneIsInsideAtATime() throws {
    try withTemporaryFolder { folder in
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        for _ in 0..<50 {
          var done = false
          while !done {
            try? OutputLock.hold(file: "\(folder)/net.h5") {
              // O_EXCL: fails where another one is inside.
              let mark = open("\(folder)/inside", O_CREAT | O_EXCL, 0o600)
              #expect(mark >= 0)
              close(mark)
              unlink("\(folder)/inside")
              done = true
            }
          }
        }
      }
      let after = try names(folder)
      #expect(after == [])
    }
  }

  @Test func temporaryFilesOfKilledProcessesGo() throws {
    try withTemporaryFolder { folder in
      for name in ["run.json.1.tmp", "run.json.22.tmp", "run.json.x.tmp", "other.json.1.tmp", "run.json.tmp"] {
        try Data("half".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
      }
      // One that a living process holds.
      let held = open("\(folder)/run.json.22.tmp", O_RDONLY)
      flock(held, LOCK_EX)
      defer { close(held) }
      try OutputFile.write("whole", to: "\(folder)/run.json")
      #expect(
        try names(folder) == ["other.json.1.tmp", "run.json", "run.json.22.tmp", "run.json.tmp", "run.json.x.tmp"])
      // Nor are its own in the making taken for abandoned ones.
      let outputs = StagedOutputs()
      let temporary = try outputs.add("\(folder)/curve.csv") { _ in }
      StagedOutputs.removeAbandoned(in: folder) { $0 == "curve.csv" }
      #expect(FileManager.default.fileExists(atPath: temporary))
      // The number of this process is taken: another one, of another container, has it.
      try Data().write(to: URL(fileURLWithPath: "\(folder)/new.\(getpid()).tmp"))
      let other = open("\(folder)/new.\(getpid()).tmp", O_RDONLY)
      flock(other, LOCK_EX)
      defer { close(other) }
      try OutputFile.write("whole", to: "\(folder)/new")
      #expect(try names(folder).contains("new.\(getpid()).tmp") && names(folder).contains("new"))
    }
  }

  /// So many that the system hands out their names in several pieces: the sanitizer saw one read beyond the end of a piece.
  @Test func amongManyFilesTheAbandonedOneGoes() throws {
    try withTemporaryFolder { folder in
      let others = (0..<1_500).map { "some-other-file-with-a-name-of-a-certain-length-\($0)" }
      for name in others + ["run.json.1.tmp"] {
        #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil))
      }
      try OutputFile.write("whole", to: "\(folder)/run.json")
      #expect(try names(folder) == (others + ["run.json"]).sorted())
    }
  }

  @Test func theRecordComesBackWhereItsFilesCannotChange() throws {
    try withTemporaryFolder { folder in
      try OutputFile.write("old", to: "\(folder)/run.json")
      // A folder that comes into the way after the files are staged stops the renaming half-way.
      let outputs = StagedOutputs()
      try outputs.add("new", at: "\(folder)/curve.csv")
      try outputs.add("new", at: "\(folder)/run.json")
      try OutputFile.makeFolder("\(folder)/curve.csv")
      #expect(
        errorText(in: folder) { try outputs.commit(record: "\(folder)/run.json") }
          == "curve.csv: a folder; expected a path for a file")
      // It comes back with the others.
      #expect(try names(folder) == ["curve.csv", "run.json"])
      #expect(try fileBytes("\(folder)/run.json") == Array("old".utf8))
    }
  }
}
