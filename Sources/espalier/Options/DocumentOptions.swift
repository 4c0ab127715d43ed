import ArgumentParser
import Experiment
import Files
import Report

/// A published curve to stand beside the run's own.
struct ReferenceOption: ParsableArguments {
  @Option(
    name: .customLong("reference"),
    help: ArgumentHelp("A published curve (CSV) to show beside the run's own.", valueName: "file"))
  var path: String?

  func reference() throws -> ReferenceCurve? {
    try path.map { try ReferenceCurve(csv: textFile($0), path: $0) }
  }
}

/// The options of every command that writes a report.
struct DocumentOptions: ParsableArguments {
  @OptionGroup var published: ReferenceOption

  @Option(
    help: ArgumentHelp(
      "How the table of results is printed: with every split, or byte for byte as the published table.",
      valueName: "style"))
  var tableStyle = RunReport.TableStyle.markdown

  @Option(help: ArgumentHelp("A Mustache template in place of the built-in one.", valueName: "file"))
  var template: String?

  /// Whether one of them was given.
  var isGiven: Bool { published.path != nil || tableStyle != .markdown || template != nil }

  /// Reads the files that the options name.
  func form() throws -> ReportForm {
    ReportForm(
      reference: try published.reference(), tableStyle: tableStyle,
      template: try template.map { (name: $0, text: try textFile($0)) })
  }
}

/// What a report looks like, apart from the run's numbers.
struct ReportForm {
  let reference: ReferenceCurve?
  let tableStyle: RunReport.TableStyle
  /// nil for the built-in one.
  let template: (name: String, text: String)?

  /// The report's text in the format of its path.
  /// - Parameter samples: the PNG of clean and triggered faces for a page; called for a page alone.
  func text(
    _ record: RunRecord, report path: String, figure: String, companions: RunReport.Companions,
    samples: () throws -> [UInt8]?
  ) throws -> String {
    guard try ReportFile(path) == .html else {
      return try markdown(record, report: path, figure: figure, companions: companions)
    }
    let page = RunPage(record, samples: try samples(), reference: reference, tableStyle: tableStyle)
    return try template.map { try page.html(template: $0.text, name: $0.name) } ?? page.html()
  }

  /// The report's text, with the figure linked as seen from the report's folder.
  private func markdown(
    _ record: RunRecord, report path: String, figure: String, companions: RunReport.Companions
  ) throws -> String {
    func link(_ target: String) -> String { RelativePath.of(target, fromFolder: OutputFile.folder(of: path)) }
    let linked = RunReport.Companions(
      samples: companions.samples.map(link), training: companions.training.map(link))
    let report = RunReport(
      record, figurePath: link(figure), companions: linked, reference: reference, tableStyle: tableStyle)
    guard let template else { return try report.markdown() }
    return try report.markdown(template: template.text, name: template.name)
  }
}

extension RunReport.TableStyle: ExpressibleByArgument {}

/// The text of a file of at most 16 MB in UTF-8.
func textFile(_ path: String) throws -> String {
  guard let text = String(validating: try FileBytes.read(path, limit: 1 << 24), as: UTF8.self) else {
    throw InputError(path, found: "bytes that are not UTF-8", expected: "text")
  }
  return text
}
