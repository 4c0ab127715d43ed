import Files
import Plotting
import Report

/// A figure, drawn in one or more formats.
struct FigureFiles {
  private let files: [(path: String, bytes: [UInt8])]

  init(_ picture: Picture, paths: [String]) throws {
    files = try paths.enumerated().map { index, path in
      let (bytes, warning) = try FigureFile.drawn(picture, for: path)
      // The same letters are missing in each format.
      if let warning, index == 0 { Console.warn(warning) }
      return (path, bytes)
    }
  }

  /// Adds the files to `outputs`.
  func stage(in outputs: StagedOutputs) throws {
    for file in files { try outputs.add(file.bytes, at: file.path) }
  }

  /// Where they go.
  var paths: [String] { files.map(\.path) }

  /// Finds out before any work is done whether figures can be written at `paths`.
  static func require(_ paths: [String]) throws {
    for path in paths {
      _ = try FigureFile.format(of: path)
      try OutputFile.requireWritable(path)
    }
  }

  /// The path of another figure of the same run: `figures/output-samples.png` beside `figures/output.png`.
  static func companion(_ name: String, of path: String) -> String {
    guard let point = path.lastIndex(of: ".") else { return "\(path)-\(name)" }
    return "\(path[..<point])-\(name)\(path[point...])"
  }

  /// The figure's own path, and that of a PDF beside a PNG.
  static func withPDF(_ path: String) -> [String] {
    path.lowercased().hasSuffix(".png") ? [path, path.dropLast(4) + ".pdf"] : [path]
  }
}
