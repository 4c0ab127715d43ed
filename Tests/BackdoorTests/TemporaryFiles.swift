import Foundation
import HDF5

/// Runs `body` with a folder of its own, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/backdoor-tests-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The text of what `body` throws, paths in `folder` without it.
func errorText<Result>(in folder: String, _ body: () throws -> Result) -> String {
  do {
    _ = try body()
    return "no error"
  } catch {
    return "\(error)".replacingOccurrences(of: "\(folder)/", with: "")
  }
}

/// A small HDF5 file.
func writeHDF5(_ path: String, _ body: (HDF5Group) throws -> Void) throws {
  let file = try HDF5File(creating: path)
  try body(file.root)
  try file.close()
}

func fileBytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
