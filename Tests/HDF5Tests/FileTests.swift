import Glibc
import HDF5
import Testing

@Suite struct FileTests {
  private func opening(_ bytes: [UInt8]) throws -> String {
    try withTemporaryPath("faces.h5") { path in
      try writeBytes(bytes, to: path)
      return message { try HDF5File(reading: path) }
    }
  }

  @Test func notAnHDF5File() throws {
    #expect(message { try HDF5File(reading: "/nowhere/faces.h5") } == "faces.h5: no such file; expected an HDF5 file")
    #expect(message { try HDF5File(reading: "/dev/null") } == "null: is not a regular file; expected an HDF5 file")
    #expect(message { try HDF5File(reading: "/tmp") } == "tmp: is a directory; expected an HDF5 file")
    #expect(try opening([]) == "faces.h5: is empty; expected an HDF5 file")
    #expect(
      try opening(Array("<html>\n<body>".utf8))
        == "faces.h5: not an HDF5 file (first bytes 3c 68 74 6d 6c 3e 0a 3c); expected an HDF5 file")
    #expect(try opening([7]) == "faces.h5: not an HDF5 file (first bytes 07); expected an HDF5 file")
  }

  @Test(arguments: [("numbers.h5", 13088), ("latest.h5", 9513), ("userblock.h5", 2584)])
  func truncated(name: String, size: Int) throws {
    let bytes = try readBytes(fixture(name))
    #expect(
      try opening(Array(bytes.prefix(1000)))
        == "faces.h5: truncated: the file has 1000 bytes, its header promises \(size); expected the whole file")
  }

  @Test func damagedHeader() throws {
    var bytes = try readBytes(fixture("numbers.h5"))
    bytes[8] = 9
    #expect(
      try opening(bytes)
        == "faces.h5: the HDF5 library says \"bad superblock version number\"; expected an intact HDF5 file")
  }

  @Test func readOnlyFilesAndFolders() throws {
    try withTemporaryPath { path in
      try writeBytes(readBytes(fixture("numbers.h5")), to: path)
      let folder = String(path.dropLast("/file.h5".count))
      chmod(path, 0o400)
      chmod(folder, 0o500)
      defer { chmod(folder, 0o700) }
      let file = try HDF5File(reading: path)
      #expect(try file.root.hasLink("half"))
      #expect(
        message { try file.root.createGroup("x") } == "file.h5: open for reading; expected a file that is being created"
      )
    }
  }

  @Test func anyThread() async throws {
    let root = try HDF5File(reading: fixture("numbers.h5")).root
    try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var sum = 0
          for _ in 0..<50 { sum += try root.dataset("big_endian_int16").read(Int.self).reduce(0, +) }
          return sum
        }
      }
      for try await sum in group { #expect(sum == 50 * 3600) }
    }
  }
}
