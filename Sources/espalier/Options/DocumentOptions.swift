import ArgumentParser
import Backdoor
import Experiment
import Foundation
import Report

/// A published curve to stand beside the run's own.
struct ReferenceOption: ParsableArguments {
  @Option(
    name: .customLong("reference"),
    help: ArgumentHelp("A published curve (CSV) to show beside the run's own.", valueName: "file"))
  var path: String?

  func reference() throws -> ReferenceCurve? {
    try path.map { try ReferenceCurve(csv: textFile($0, expected: "a CSV file"), path: $0) }
  }
}

/// The options of every command that writes a report.
struct DocumentOptions: ParsableArguments {
  @OptionGroup var published: ReferenceOption

  @Option(help: "How the table of results is printed: with every split, or byte for byte as the published table.")
  var tableStyle = RunReport.TableStyle.markdown

  @Option(help: ArgumentHelp("A Mustache template in place of the built-in one.", valueName: "file"))
  var template: String?

  /// The report's text, with the figure linked as seen from the report's folder.
  func markdown(_ record: RunRecord, report: String, figure: String) throws -> String {
    let made = RunReport(
      record, figurePath: relativePath(of: figure, fromFolder: OutputFile.folder(of: report)),
      reference: try published.reference(), tableStyle: tableStyle)
    guard let template else { return try made.markdown() }
    return try made.markdown(template: textFile(template, expected: "a Mustache template"), name: template)
  }
}

extension RunReport.TableStyle: ExpressibleByArgument {}

/// The text of a file in UTF-8.
/// - Throws: `InputError` that says what was expected there.
func textFile(_ path: String, expected: String) throws -> String {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw InputError(path, found: "no such file", expected: expected)
  }
  guard let text = String(data: data, encoding: .utf8) else {
    throw InputError(path, found: "bytes that are not UTF-8", expected: expected)
  }
  return text
}

/// `path` as seen from `folder`: `../figures/output.png` from `report`.
func relativePath(of path: String, fromFolder folder: String) -> String {
  let target = URL(fileURLWithPath: path).standardizedFileURL.pathComponents
  let base = URL(fileURLWithPath: folder).standardizedFileURL.pathComponents
  let shared = zip(target, base).prefix { $0 == $1 }.count
  return (Array(repeating: "..", count: base.count - shared) + target[shared...]).joined(separator: "/")
}

/// A run's figure, drawn in one or more formats.
struct FigureFiles {
  private var files: [(path: String, bytes: [UInt8])] = []

  init(_ record: RunRecord, reference: ReferenceCurve?, paths: [String]) throws {
    let picture = try PruningFigure(record, reference: reference).picture()
    for path in paths { files.append((path, try FigureFile.bytes(picture, for: path))) }
  }

  func write() throws {
    for file in files {
      try OutputFile.write(file.bytes, to: file.path)
      Console.wrote(file.path)
    }
  }

  /// The figure's own path, and that of a PDF beside a PNG.
  static func withPDF(_ path: String) -> [String] {
    path.lowercased().hasSuffix(".png") ? [path, path.dropLast(4) + ".pdf"] : [path]
  }
}
