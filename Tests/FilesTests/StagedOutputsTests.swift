import Files
import Foundation
import TestSupport
import Testing

/// All files of a command appear, or none; and what was there comes back.
@Suite struct StagedOutputsTests {
  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func oneThatCannotBeRenamedTakesTheOthersBack() throws {
    try withTemporaryFolder { folder in
      for name in ["run.json", "a.csv", "b.csv"] { try OutputFile.write("old \(name)", to: "\(folder)/\(name)") }
      let outputs = StagedOutputs()
      for name in ["new.txt", "a.csv", "made/c.csv", "b.csv", "late.txt", "run.json"] {
        try outputs.add("new", at: "\(folder)/\(name)")
      }
      // What nobody could know before.
      try FileManager.default.createDirectory(atPath: "\(folder)/late.txt/x", withIntermediateDirectories: true)
      #expect(
        errorText(in: folder) { try outputs.commit(record: "\(folder)/run.json") }
          == "late.txt: a folder; expected a path for a file")
      for name in ["run.json", "a.csv", "b.csv"] {
        #expect(try fileBytes("\(folder)/\(name)") == Array("old \(name)".utf8), "\(name)")
      }
      #expect(try names(folder).filter { $0 != "made" } == ["a.csv", "b.csv", "late.txt", "run.json"])
    }
  }

  @Test func nothingIsLeftOfFoldersThatWereMade() throws {
    try withTemporaryFolder { folder in
      do {
        let outputs = StagedOutputs()
        try outputs.add("new", at: "\(folder)/one/two/c.csv")
      }
      #expect(try names(folder) == [])
    }
  }

  @Test func allAppearAndNothingElse() throws {
    try withTemporaryFolder { folder in
      for name in ["run.json", "a.csv"] { try OutputFile.write("old", to: "\(folder)/\(name)") }
      try OutputFile.write("old", to: "\(folder)/run.json.99999999.tmp")
      let outputs = StagedOutputs()
      for name in ["a.csv", "b.csv", "run.json"] { try outputs.add("new \(name)", at: "\(folder)/\(name)") }
      #expect(try fileBytes("\(folder)/run.json") == Array("old".utf8))
      try outputs.commit(record: "\(folder)/run.json")
      #expect(try names(folder) == ["a.csv", "b.csv", "run.json"])
      for name in ["a.csv", "b.csv", "run.json"] {
        #expect(try fileBytes("\(folder)/\(name)") == Array("new \(name)".utf8))
      }
    }
  }

  @Test func anEmptyPathIsRefused() {
    #expect(errorText { try OutputFile.write("", to: "") } == "output: an empty path; expected a path for a file")
    #expect(errorText { try OutputFile.requireWritable("") } == "output: an empty path; expected a path for a file")
  }

  @Test func pathsComeBackToTheirBytes() {
    let paths: [[UInt8]] = [
      Array("plain/é/\u{10F7E9}".utf8), Array("Andr".utf8) + [0xE9], [0xFF, 0x80, 0x2F, 0xC3, 0xC3, 0xA9, 0xF4, 0x90],
      [0xE2, 0x82], [0xED, 0xA0, 0x80], [],
    ]
    for path in paths {
      let text = PathText.text(path)
      #expect(PathText.bytes(text) == path)
      #expect(PathText.text(PathText.bytes(text)) == text)
    }
    #expect(VisibleText.line(PathText.text(Array("Andr".utf8) + [0xE9])) == "Andr\\xe9")
    #expect("\(InputError(PathText.text([0x61, 0xE9]), found: "x"))" == "a\\xe9: x")
  }

  @Test func onePlaceIsOneWhateverLeadsThere() throws {
    try withTemporaryFolder { folder in
      try OutputFile.write("x", to: "\(folder)/a/file")
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/b", withDestinationPath: "a")
      try FileManager.default.linkItem(atPath: "\(folder)/a/file", toPath: "\(folder)/hard")
      let file = FileIdentity("\(folder)/a/file")
      for path in ["b/file", "hard", "a/../b/./file"] { #expect(FileIdentity("\(folder)/\(path)") == file) }
      #expect(FileIdentity("\(folder)/a/none") == FileIdentity("\(folder)/b/none"))
      #expect(FileIdentity("\(folder)/a/none") != FileIdentity("\(folder)/a/other"))
      #expect(FileIdentity("/dev/null") == nil)
    }
  }
}
