import Experiment
import Files
import Foundation
import Plotting

/// What is deposited of a run, or of several that are compared: records and all that follows from them. The same records and
/// date are the same bytes.
public struct RunBundle {
  /// One file.
  public typealias Entry = (name: String, bytes: [UInt8])

  /// In alphabetical order, the metadata and the digests of all others last.
  public let entries: [Entry]

  /// The name of the list of digests, in the form of `sha256sum`.
  static let digests = "SHA256SUMS"

  /// Makes every file of one run's bundle.
  /// - Parameters:
  ///   - json: the bytes of the run's `run.json`.
  ///   - name: what errors call them.
  ///   - date: of publication, as `2025-12-31`.
  /// - Throws: `InputError` for what is no record; `PlottingError` where Cairo fails.
  public init(record json: [UInt8], name: String, date: String) throws {
    let record = try RunRecord.decoded(Data(json), location: name)
    let report = try RunReport(record, figurePath: "figures/figure.svg").markdown()
    let entries: [Entry] =
      [
        ("run.json", json), ("curve.csv", Array(record.csv.utf8)), ("report.md", Array(report.utf8)),
        ("report.html", Array(try RunPage(record).html().utf8)),
      ] + (try Self.figures([("figure", try PruningFigure(record).picture())]))
    try self.init(
      entries, report: report,
      Texts(
        title: "The pruning defence on \(Markdown.code(record.model.path))", summary: Conclusion(record).verdict,
        files: [
          ("run.json", "the record: every setting, the digests of every input, hits and totals of every rate"),
          ("curve.csv", "the rates after every number of pruned channels"),
        ], made: "the command that makes the record again from the same inputs"),
      Crate.Action(of: record), date: date)
  }

  /// What README.md says, beside what it says of every bundle.
  struct Texts {
    /// Markdown.
    var title: String, summary: String
    /// Names, and what they are.
    var files: [(name: String, text: String)]
    /// What `command.sh` is.
    var made: String
  }

  /// Adds what every bundle has: tables, command, licence, citation, README, metadata and digests.
  init(_ made: [Entry], report: String, _ texts: Texts, _ action: Crate.Action, date: String) throws {
    var entries =
      made + [
        ("command.sh", Array("#!/bin/sh\n\(action.command)\n".utf8)), ("LICENSE.txt", PackageResources.licence_txt),
        ("CITATION.cff", Array(Self.citation(action.title, date).utf8)), ("README.md", Array(Self.readme(texts).utf8)),
      ]
    for table in ReportTable.tables(in: report) {
      entries.append(("tables/\(table.name).tex", Array((table.text(as: .latex) + "\n").utf8)))
      entries.append(("tables/\(table.name).csv", Array((table.text(as: .csv) + "\n").utf8)))
    }
    entries.sort { $0.name < $1.name }
    let parts = entries.map(\.name) + [Self.digests]
    entries.append((Crate.fileName, Array(try Crate(action, parts: parts, date: date).text().utf8)))
    let sums = try entries.map { "\(try FileDigest.sha256(of: $0.bytes))  \($0.name)\n" }.joined()
    self.entries = entries + [(Self.digests, Array(sums.utf8))]
  }

  /// Each picture as PDF and SVG.
  static func figures(_ pictures: [(name: String, picture: Picture)]) throws -> [Entry] {
    try pictures.flatMap { name, picture in
      try ["pdf", "svg"].map { ("figures/\(name).\($0)", try FigureFile.bytes(picture, for: "\(name).\($0)")) }
    }
  }

  private static func citation(_ title: String, _ date: String) -> String {
    """
    cff-version: 1.2.0
    title: \(JSONText.string(title))
    message: If you use these results, please cite them together with the defence's paper.
    type: dataset
    date-released: \(date)
    license: Apache-2.0
    authors:
      - name: Put your name here
    references:
      - type: software
        title: Espalier
        version: \(RunEnvironment.version)
        authors:
          - name: The Espalier authors

    """
  }

  private static func readme(_ texts: Texts) -> String {
    let files = texts.files.map { "| `\($0.name)` | \($0.text) |" }.joined(separator: "\n")
    return """
      # \(texts.title)

      \(texts.summary)

      | file | what it is |
      | :--- | :--- |
      \(files)
      | `report.html`, `report.md` | the report |
      | `figures/` | the figures as PDF and SVG |
      | `tables/` | the report's tables as LaTeX (booktabs) and CSV |
      | `command.sh` | \(texts.made) |
      | `\(digests)` | SHA-256 of every other file: `sha256sum -c \(digests)` |
      | `ro-crate-metadata.json` | RO-Crate 1.1, Process Run Crate 0.5 |
      | `CITATION.cff`, `LICENSE.txt` | how to cite it, and its licence |

      `espalier verify ARCHIVE.zip`, with Espalier \(RunEnvironment.version), checks the digests and makes every file again
      from the record. With the inputs, `espalier verify run.json` recomputes a record too.

      """
  }
}
