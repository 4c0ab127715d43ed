import Glibc
import HDF5

let testFolder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")

func fixture(_ name: String) -> String { "\(testFolder)/Fixtures/\(name)" }

/// A path in a folder of its own, which is removed afterwards.
func withTemporaryPath<Result>(_ name: String = "file.h5", _ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/hdf5-tests-XXXXXX".utf8CString)
  guard let folder = mkdtemp(&template) else { throw Problem(text: "no temporary folder") }
  let path = String(cString: folder) + "/" + name
  defer {
    unlink(path)
    rmdir(folder)
  }
  return try body(path)
}

func writeBytes(_ bytes: [UInt8], to path: String) throws {
  guard let file = fopen(path, "wb") else { throw Problem(text: "cannot write \(path)") }
  defer { fclose(file) }
  guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Problem(text: "cannot write \(path)") }
}

func readBytes(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path, "rb") else { throw Problem(text: "cannot read \(path)") }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  var bytes = [UInt8](repeating: 0, count: ftell(file))
  rewind(file)
  guard fread(&bytes, 1, bytes.count, file) == bytes.count else { throw Problem(text: "cannot read \(path)") }
  return bytes
}

/// The text of the `HDF5Error` that `body` throws, with the folder left out of it.
func message<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch let error as HDF5Error {
    let text = error.description
    let name = text.prefix { $0 != ":" }
    return (name.split(separator: "/").last.map(String.init) ?? "") + text.dropFirst(name.count)
  } catch {
    return "another error: \(error)"
  }
}

struct Problem: Error {
  let text: String
}
