import ArgumentParser
import Experiment
import Files
import Report

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write the report of a run's record.",
    usage: "espalier report <record> [<options>]",
    discussion: """
      The report is made from the record alone. A Markdown report (.md) links its figures; an HTML report (.html) has \
      them inside, and is one file.

      Example:
        espalier report runs/lab --output report/report.md \\
          --figure figures/output.png
        espalier report runs/lab --output report/report.html
        espalier report runs/lab --table latex --output tables/
      """)

  @Argument(help: "A run's folder, or its run.json.")
  var record: String

  @Option(
    name: [.customLong("output"), .customLong("report"), .short],
    help: ArgumentHelp(
      "Where the report goes (.md or .html); - for Markdown on standard output. (default: report/report.md)",
      valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write the report's tables alone (latex, csv or markdown), to standard output, a file, or one by one into the folder that --output names.",
      valueName: "format"))
  var table: TableFormat?

  @Option(
    help: ArgumentHelp(
      "The figure that the report links; a page has the samples inside that lie beside one named here. (default: figures/output.png)",
      valueName: "file"))
  var figure: String?

  @OptionGroup var document: DocumentOptions
  @OptionGroup var forcing: ForceOption

  private func existing(_ path: String) -> String? { OutputFile.isFile(path) ? path : nil }

  private var figurePath: String { figure ?? "figures/output.png" }

  /// The figure of samples that is there as PNG, for a page; what lies at the default place may be of another run.
  private func samples() throws -> [UInt8]? {
    guard let figure else { return nil }
    let path = FigureFiles.companion("samples", of: figure)
    return try path.lowercased().hasSuffix(".png") ? existing(path).map { try FileBytes.read($0, limit: 1 << 26) } : nil
  }

  func run() throws {
    var check = OutputCheck(forcing)
    check.reads(run: record)
    check.reads(document)
    if let table {
      let text = try document.form().text(
        RunRecord.read(record), report: "-", figure: figurePath, companions: .init(), samples: { nil })
      return try TableFiles(tables: ReportTable.tables(in: text), format: table).write(to: output ?? "-") { paths in
        for path in paths { check.writes(path, "--output") }
        try check.check()
      }
    }
    let output = output ?? "report/report.md"
    _ = try ReportFile(output)
    if output != "-" {
      check.writes(output, "--output")
      try check.check()
      try OutputFile.requireWritable(output)
    }
    let text = try document.form().text(
      RunRecord.read(record), report: output, figure: figurePath,
      companions: RunReport.Companions(
        samples: existing(FigureFiles.companion("samples", of: figurePath)),
        training: existing(FigureFiles.companion("training", of: figurePath))), samples: samples)
    if output == "-" {
      try Console.answer(text)
    } else {
      try OutputFile.write(text, to: output)
      Console.wrote(output)
    }
  }
}
