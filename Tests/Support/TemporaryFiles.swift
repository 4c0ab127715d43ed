import Foundation
import HDF5

/// Runs `body` with a folder of its own, which is removed afterwards.
public func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/espalier-tests-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The text of what `body` throws.
public func errorText<Result>(_ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

/// The text of what `body` throws, paths in `folder` without it.
public func errorText<Result>(in folder: String, _ body: () throws -> Result) -> String {
  errorText(body).replacingOccurrences(of: "\(folder)/", with: "")
}

/// A small HDF5 file.
public func writeHDF5(_ path: String, _ body: (HDF5Group) throws -> Void) throws {
  let file = try HDF5File(creating: path)
  try body(file.root)
  try file.close()
}

/// The bytes of a file.
public func fileBytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

/// The path of a file in the folder `Fixtures` beside the test that asks for it.
public func fixture(_ name: String, test: String = #filePath) -> String {
  test.prefix(upTo: test.lastIndex(of: "/") ?? test.endIndex) + "/Fixtures/" + name
}
