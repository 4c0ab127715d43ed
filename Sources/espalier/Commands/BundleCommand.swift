import Archives
import ArgumentParser
import Experiment
import Files
import Foundation
import Report

struct BundleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Put the results of a run, or of runs that are compared, into one archive to deposit.",
    usage: "espalier bundle <record> ... --output <file> [<options>]",
    discussion: """
      The archive has the record, the curve, the report as HTML and Markdown, tables as LaTeX and CSV, the figure as PDF \
      and SVG, the command, digests, the licence, CITATION.cff, RO-Crate metadata, and a README that says how to verify \
      it. Of several runs it has every record, and the report, figures and tables of their comparison, with mean ± standard \
      deviation among them. Nothing is uploaded. The same runs are the same bytes.

      Example:
        espalier bundle runs/lab --output artifact.zip
        espalier bundle runs/compare/seed-* --output seeds.zip
        espalier verify artifact.zip
      """)

  @Argument(help: "A run's folder, or its run.json; several are compared.")
  var records: [String]

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the archive goes (.zip).", valueName: "file"))
  var output: String

  @Option(
    help: ArgumentHelp(
      "The date of publication. (default: the day the run was finished, by its environment.json)",
      valueName: "yyyy-mm-dd"), transform: day(from:))
  var date: String?

  @OptionGroup var forcing: ForceOption

  func run() throws {
    guard output.lowercased().hasSuffix(".zip") else {
      throw InputError(output, found: "an unknown kind of archive", expected: "a name that ends in .zip")
    }
    let files = records.map { OutputFile.isFolder($0) ? "\($0)/run.json" : $0 }
    var check = OutputCheck(forcing)
    for record in records { check.reads(run: record) }
    check.writes(output, "--output")
    try check.check()
    try OutputFile.requireWritable(output)
    let read = try files.map { (json: try FileBytes.read($0, limit: 1 << 28), name: $0) }
    // Of several the day of the last.
    let date = date ?? files.compactMap(finished).max() ?? "1980-01-01"
    let bundle =
      try read.count == 1
      ? RunBundle(record: read[0].json, name: read[0].name, date: date) : RunBundle(comparing: read, date: date)
    try OutputFile.write(ZipArchive.archive(of: bundle.entries, name: output), to: output)
    Console.wrote(output)
  }

  private func finished(beside file: String) -> String? {
    struct Environment: Decodable { let finished: String }
    let path = "\(OutputFile.folder(of: file))/environment.json"
    guard OutputFile.isFile(path), let bytes = try? FileBytes.read(path, limit: 1 << 20),
      let environment = try? JSONDecoder().decode(Environment.self, from: Data(bytes))
    else { return nil }
    return try? day(from: String(environment.finished.prefix(10)))
  }
}

@Sendable private func day(from text: String) throws -> String {
  guard let parts = text.wholeMatch(of: /\d{4}-(\d\d)-(\d\d)/), let month = Int(parts.output.1),
    let day = Int(parts.output.2), (1...12).contains(month), (1...31).contains(day)
  else { throw ValidationError("expected a day, as 2025-12-31") }
  return text
}

/// An archive that `bundle` wrote, for `verify`.
enum BundleFile {
  private static let largest = 1 << 28

  static func isBundle(_ path: String) -> Bool { path.lowercased().hasSuffix(".zip") && !OutputFile.isFolder(path) }

  /// Every file in the archive.
  static func entries(of path: String) throws -> [RunBundle.Entry] {
    let archive = try ZipArchive(path: path)
    return try archive.entries.map { ($0.name, try archive.bytes(of: $0.name, limit: largest)) }
  }
}
