import Files
import Foundation
import TestSupport
import Testing

@Suite struct OutputFileTests {
  private struct Problem: Error, CustomStringConvertible { let description = "stopped half-way" }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func replacesAFileWhole() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/new/folders/file.txt"
      try OutputFile.write("first, and long", to: path)
      try OutputFile.write("second", to: path)
      #expect(try fileBytes(path) == Array("second".utf8))
      try OutputFile.write([UInt8](), to: path)
      #expect(try fileBytes(path) == [])
      #expect(try names("\(folder)/new/folders") == ["file.txt"])
    }
  }

  @Test func keepsTheEarlierFileOnFailure() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file.txt"
      try OutputFile.write("earlier", to: path)
      let text = errorText(in: folder) {
        try OutputFile.replace(path) { temporary in
          #expect(temporary.hasPrefix(path) && temporary != path)
          try "half".write(toFile: temporary, atomically: false, encoding: .utf8)
          throw Problem()
        }
      }
      #expect(text == "stopped half-way")
      #expect(try fileBytes(path) == Array("earlier".utf8))
      #expect(try names(folder) == ["file.txt"])
    }
  }

  @Test func saysWhatIsInTheWay() throws {
    try withTemporaryFolder { folder in
      try OutputFile.write("a file", to: "\(folder)/file")
      try OutputFile.makeFolder("\(folder)/made/twice")
      try OutputFile.makeFolder("\(folder)/made/twice/")
      func error(_ body: () throws -> Void) -> String { errorText(in: folder, body) }
      #expect(error { try OutputFile.write("", to: "\(folder)/file/x") } == "file: a file; expected a folder")
      #expect(error { try OutputFile.makeFolder("\(folder)/file") } == "file: a file; expected a folder")
      #expect(
        error { try OutputFile.write("", to: "\(folder)/made") }
          == "made: a folder; expected a path for a file")
      #expect(try names(folder) == ["file", "made"])
      #expect(
        error { try OutputFile.requireWritable("\(folder)/made") } == "made: a folder; expected a path for a file")
      #expect(
        error { try OutputFile.requireWritable("\(folder)/file/deep/x") } == "file: a file; expected a folder")
      #expect(error { try OutputFile.requireWritable("\(folder)/yet/to/come/x") } == "no error")
      #expect(error { try OutputFile.requireWritable("\(folder)/file") } == "no error")
      #expect(try names(folder) == ["file", "made"])
    }
  }

  @Test func findsTheFolderOfAPath() {
    #expect(OutputFile.folder(of: "run.json") == ".")
    #expect(OutputFile.folder(of: "runs/lab/run.json") == "runs/lab")
    #expect(OutputFile.folder(of: "/run.json") == "/")
    #expect(OutputFile.isFolder("/") && !OutputFile.isFolder(#filePath) && !OutputFile.isFolder("/no such folder"))
  }
}

@Suite struct FileDigestTests {
  /// NIST's examples for SHA-256, and an input of over one buffer.
  @Test func agreesWithPublishedDigests() throws {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    #expect(try FileDigest.sha256(of: Array("abc".utf8)) == abc)
    #expect(try FileDigest.sha256(of: []) == empty)
    #expect(try FileDigest.sha256(of: [UInt8](repeating: 0x61, count: 1_000_000)) == million)
    try withTemporaryFolder { folder in
      try OutputFile.write("abc", to: "\(folder)/abc")
      #expect(try FileDigest.sha256(ofFileAt: "\(folder)/abc") == abc)
      let bytes = [UInt8](repeating: 7, count: (1 << 20) * 2 + 1)
      try OutputFile.write(bytes, to: "\(folder)/large")
      #expect(try FileDigest.sha256(ofFileAt: "\(folder)/large") == FileDigest.sha256(of: bytes))
      func error(_ name: String) -> String {
        errorText(in: folder) { try FileDigest.sha256(ofFileAt: "\(folder)/\(name)") }
      }
      #expect(error("none") == "none: no such file or directory; expected a file that can be read")
      try OutputFile.makeFolder("\(folder)/folder")
      #expect(error("folder") == "folder: is a directory; expected a file that can be read")
    }
  }

  @Test func absentLibraryIsNamed() {
    #expect(
      throws: SystemError(
        "libnothing.so.0", found: "libnothing.so.0: cannot open shared object file: No such file or directory",
        expected: "OpenSSL 1.1 or later, as the package libssl-dev brings it")
    ) {
      _ = try loadDigest(from: ["libnothing.so.0", "libnothing.so"])
    }
  }

  @Test func libraryWithoutTheDigestIsPassedOver() throws {
    _ = try loadDigest(from: ["libm.so.6", "libcrypto.so"])
  }
}
