import Experiment
import Files
import Foundation

/// What is deposited of a run: its record and all that follows from it. The same record and date are the same bytes.
public struct RunBundle {
  /// One file.
  public typealias Entry = (name: String, bytes: [UInt8])

  /// In alphabetical order, the digests of all others last.
  public let entries: [Entry]

  /// The name of the list of digests, in the form of `sha256sum`.
  static let digests = "SHA256SUMS"

  /// Makes every file.
  /// - Parameters:
  ///   - json: the bytes of the run's `run.json`.
  ///   - name: what errors call them.
  ///   - date: of publication, as `2025-12-31`.
  /// - Throws: `InputError` for what is no record; `PlottingError` where Cairo fails.
  public init(record json: [UInt8], name: String, date: String) throws {
    let record = try RunRecord.decoded(Data(json), location: name)
    let report = try RunReport(record, figurePath: "figures/figure.svg").markdown()
    let picture = try PruningFigure(record).picture()
    var entries: [Entry] = [
      ("run.json", json), ("curve.csv", Array(record.csv.utf8)), ("report.md", Array(report.utf8)),
      ("report.html", Array(try RunPage(record).html().utf8)),
      ("figures/figure.pdf", try FigureFile.bytes(picture, for: "figure.pdf")),
      ("figures/figure.svg", try FigureFile.bytes(picture, for: "figure.svg")),
      ("command.sh", Array("#!/bin/sh\n\(ReproductionCommand(record).text)\n".utf8)),
      ("LICENSE.txt", PackageResources.licence_txt), ("CITATION.cff", Array(Self.citation(record, date).utf8)),
      ("README.md", Array(Self.readme(record).utf8)),
    ]
    for table in ReportTable.tables(in: report) {
      entries.append(("tables/\(table.name).tex", Array((table.text(as: .latex) + "\n").utf8)))
      entries.append(("tables/\(table.name).csv", Array((table.text(as: .csv) + "\n").utf8)))
    }
    entries.sort { $0.name < $1.name }
    let parts = entries.map(\.name) + [Self.digests]
    entries.append((Crate.fileName, Array(try Crate(record, parts: parts, date: date).text().utf8)))
    let sums = try entries.map { "\(try FileDigest.sha256(of: $0.bytes))  \($0.name)\n" }.joined()
    self.entries = entries + [(Self.digests, Array(sums.utf8))]
  }

  private static func citation(_ record: RunRecord, _ date: String) -> String {
    """
    cff-version: 1.2.0
    title: \(JSONText.string("The pruning defence on \(VisibleText.line(record.model.path))"))
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

  private static func readme(_ record: RunRecord) -> String {
    """
    # The pruning defence on \(Markdown.code(record.model.path))

    \(Conclusion(record).verdict)

    | file | what it is |
    | :--- | :--- |
    | `run.json` | the record: every setting, the digests of every input, hits and totals of every rate |
    | `curve.csv` | the rates after every number of pruned channels |
    | `report.html`, `report.md` | the report |
    | `figures/` | the figure as PDF and SVG |
    | `tables/` | the report's tables as LaTeX (booktabs) and CSV |
    | `command.sh` | the command that makes the record again from the same inputs |
    | `\(digests)` | SHA-256 of every other file: `sha256sum -c \(digests)` |
    | `ro-crate-metadata.json` | RO-Crate 1.1, Process Run Crate 0.5 |
    | `CITATION.cff`, `LICENSE.txt` | how to cite it, and its licence |

    `espalier verify ARCHIVE.zip`, with Espalier \(RunEnvironment.version), checks the digests and makes every file again from
    the record. With the inputs, `espalier verify run.json` recomputes the record too.

    """
  }
}
