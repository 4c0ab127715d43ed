import Backdoor
import Experiment
import Report

/// A run's figure, drawn in one or more formats.
struct FigureFiles {
  private let files: [(path: String, bytes: [UInt8])]

  init(_ record: RunRecord, reference: ReferenceCurve?, paths: [String]) throws {
    let picture = try PruningFigure(record, reference: reference).picture()
    files = try paths.map { ($0, try FigureFile.bytes(picture, for: $0)) }
  }

  func write() throws {
    for file in files {
      try OutputFile.write(file.bytes, to: file.path)
      Console.wrote(file.path)
    }
  }

  /// Finds out before any work is done whether figures can be written at `paths`.
  static func require(_ paths: [String]) throws {
    for path in paths {
      _ = try FigureFile.format(of: path)
      try OutputFile.requireWritable(path)
    }
  }

  /// The figure's own path, and that of a PDF beside a PNG.
  static func withPDF(_ path: String) -> [String] {
    path.lowercased().hasSuffix(".png") ? [path, path.dropLast(4) + ".pdf"] : [path]
  }
}
