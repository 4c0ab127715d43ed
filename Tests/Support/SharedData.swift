import Foundation

/// Published networks and real faces, which lie outside of the package.
public enum SharedData {
  /// Where they lie, if they are there.
  public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../shared/data").standardized.path

  /// Whether they are there; tests that need them are skipped elsewhere.
  public static var exists: Bool { FileManager.default.fileExists(atPath: path("README.md")) }

  /// The path of one of the files.
  public static func path(_ name: String) -> String { "\(folder)/\(name)" }
}
