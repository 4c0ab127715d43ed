import Experiment
import Files

/// The figures and the report of a run that has been verified.
public struct DocumentVerification {
  /// Where the documents are.
  public struct Places: Sendable {
    /// Figures to compare; those that a report shows come besides.
    public var figures: [String] = []
    /// The report to compare; nil for the default one, where it is of this run.
    public var report: String?

    /// The default places.
    public init() {}
  }

  /// Where `run` puts them unless told otherwise.
  private static let defaultReport = "report/report.md", defaultFigure = "figures/output.png"

  /// Item by item.
  public private(set) var findings: [Finding] = []

  /// Compares the documents at some places.
  /// - Parameters:
  ///   - reference, tableStyle, template: as the documents were made.
  /// - Throws: `InputError` where a template asks for a value that there is not.
  public init(
    of run: RunVerification, at places: Places, reference: ReferenceCurve? = nil,
    tableStyle: RunReport.TableStyle = .markdown, template: (name: String, text: String)? = nil
  ) throws {
    let record = run.recomputed ?? run.record
    let isStudied = run.recomputed != nil
    let drawing = FigureVerification(
      record, faces: run.faces, reference: reference, recomputed: (isStudied, run.isTrainingRecomputed))
    var figures: [(path: String, kind: FigureVerification.Kind?)] = places.figures.map { ($0, nil) }
    let path = places.report ?? Self.defaultReport
    var report: ReportVerification?
    if OutputFile.isFile(path) {
      report = try ReportVerification(
        path, of: record, reference: reference, tableStyle: tableStyle, template: template)
    }
    if let report, places.report != nil || template != nil || report.isOfRun {
      let finding = try report.finding()
      findings.append(isStudied ? finding : finding.besideTheRecord)
      if isStudied, !run.isTrainingRecomputed, finding.verdict == .same {
        findings.append(.notChecked("report lines", "\(path): \(report.linesOfTraining), not recomputed"))
      }
      if let samples = report.samples {
        findings.append(try drawing.finding(ofSamples: samples, named: "\(path): samples"))
      }
      figures += report.figures.flatMap { figure in Self.withPDF(figure.path).map { ($0, figure.kind) } }
    } else if report != nil {
      findings.append(
        .notChecked("report", "\(path) is of another run: its command is not this one's; --report compares it anyway"))
    } else if places.report != nil {
      findings.append(.compared("report", path, differences: ["\(path): no such file"]))
    } else {
      findings.append(.notChecked("report", "no \(path); --report names another"))
    }
    if figures.isEmpty {
      findings += try Self.defaultFigures(drawing)
    }
    var seen: Set<String> = []
    for (path, kind) in figures where seen.insert("\(kind?.rawValue ?? "") \(path)").inserted {
      do {
        let finding = try drawing.finding(path, as: kind)
        // One that was named and that the report shows too is looked at once, unless it has to be two things.
        if !findings.contains(finding) { findings.append(finding) }
      } catch let error as InputError {
        // What a report shows may have been changed to anything.
        findings.append(.compared("figure", path, differences: ["\(error)"]))
      }
    }
  }

  /// The figures at the default place; nothing there says which run they are of, so that only equal ones are found to be this
  /// run's.
  private static func defaultFigures(_ drawing: FigureVerification) throws -> [Finding] {
    let there = withPDF(defaultFigure).filter(OutputFile.isFile)
    guard !there.isEmpty else { return [.notChecked("figure", "no \(defaultFigure); --figure names another")] }
    return try there.map { path in
      let finding = try drawing.finding(path)
      return finding.verdict == .same
        ? finding : .notChecked("figure", "\(path) may be of another run; --figure compares it anyway")
    }
  }

  /// A figure, and the PDF that there is beside a PNG.
  private static func withPDF(_ path: String) -> [String] {
    guard path.hasSuffix(".png") else { return [path] }
    let pdf = path.dropLast(4) + ".pdf"
    return [path] + (OutputFile.isFile(String(pdf)) ? [String(pdf)] : [])
  }
}
