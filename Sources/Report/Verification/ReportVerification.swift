import Experiment
import Files
import Foundation

/// A run's report, written again and compared with its file.
public struct ReportVerification {
  private let path: String
  private let text: String
  private let record: RunRecord
  private let template: (name: String, text: String)?
  private let reference: ReferenceCurve?
  private let tableStyle: RunReport.TableStyle
  private let format: ReportFile

  /// Reads a report.
  /// - Parameters:
  ///   - path: the report's file.
  ///   - record: recomputed where that was possible.
  ///   - reference, tableStyle, template: as the report was written.
  /// - Throws: `InputError` where there is no such file.
  public init(
    _ path: String, of record: RunRecord, reference: ReferenceCurve? = nil,
    tableStyle: RunReport.TableStyle = .markdown, template: (name: String, text: String)? = nil
  ) throws {
    self.path = path
    self.record = record
    self.reference = reference
    self.tableStyle = tableStyle
    self.template = template
    // Bytes that are no UTF-8 become replacement characters, which no report of ours has.
    text = String(decoding: try FileBytes.read(path, limit: 1 << 26), as: UTF8.self)
    format = path.lowercased().hasSuffix(".html") || path.lowercased().hasSuffix(".htm") ? .html : .markdown
  }

  /// Whether the report says that it is of a run by the same command.
  public var isOfRun: Bool { ReproductionCommand(record).isIn(format == .html ? HTMLCode.shell(in: text) : text) }

  /// The bytes of the figure of samples in a page; nil for Markdown, and where there is none.
  public var samples: [UInt8]? { format == .html ? RunPage.samples(in: text) : nil }

  /// Writes the report again, with the links that the file has, and compares line by line.
  /// - Throws: `InputError` where a template asks for a value that there is not.
  public func finding() throws -> Finding {
    let expected =
      switch format {
      case .markdown: try template.map { try report.markdown(template: $0.text, name: $0.name) } ?? report.markdown()
      case .html: try template.map { try page.html(template: $0.text, name: $0.name) } ?? page.html()
      }
    let difference = TextDifference.first(text, expected).map { ["\(path): \($0)"] } ?? []
    return .compared("report", path, differences: difference)
  }

  /// The page with the samples that the file has; whether these are right is another finding.
  private var page: RunPage { RunPage(record, samples: samples, reference: reference, tableStyle: tableStyle) }

  /// The report with the links that the file has.
  private var report: RunReport {
    let links = links
    return RunReport(
      record, figurePath: links.figure ?? "", companions: links.companions, reference: reference,
      tableStyle: tableStyle)
  }

  /// Which lines come from the training's settings and history, by their numbers: those of the recipe, of its table and of
  /// the command.
  public var linesOfTraining: String {
    guard format == .markdown else { return "what a page has of settings and history of the training" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let values = report.values(template: template?.name)
    let parts = ["recipe", "recipeTable", "command"].compactMap { values[$0] as? String }.filter { !$0.isEmpty }
    var places: [String] = []
    for part in parts {
      let block = part.split(separator: "\n", omittingEmptySubsequences: false)
      guard let start = lines.indices.first(where: { lines[$0...].starts(with: block) }) else { continue }
      places.append(block.count == 1 ? "\(start + 1)" : "\(start + 1)-\(start + block.count)")
    }
    guard !places.isEmpty else { return "what a template makes of the training" }
    return "lines \(places.joined(separator: ", ")), settings and history of the training"
  }

  /// The figures that the report shows, as paths from where the program runs, and what each has to be.
  public var figures: [(path: String, kind: FigureVerification.Kind)] {
    guard format == .markdown else { return [] }
    let all: [(String?, FigureVerification.Kind)] = [
      (links.figure, .pruning), (links.companions.samples, .samples), (links.companions.training, .training),
    ]
    return all.compactMap { path, kind in path.map { (seenFromHere($0), kind) } }
  }

  /// The targets of the report's pictures, told apart by the names that `run` gives them.
  private var links: (figure: String?, companions: RunReport.Companions) {
    let targets = text.split(separator: "\n").filter { $0.hasPrefix("![") && $0.hasSuffix(")") }.compactMap { line in
      line.range(of: "](", options: .backwards).flatMap { Markdown.path(ofLink: line[$0.upperBound...].dropLast()) }
    }
    func stem(_ path: String) -> Substring { path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex) }
    let names = ["-samples", "-training"]
    // The one that the others are named after or, where a link was changed, the one that is named after none.
    let figure =
      targets.first { target in targets.contains { other in names.contains { stem(other) == stem(target) + $0 } } }
      ?? targets.first { target in !names.contains { stem(target).hasSuffix($0) } } ?? targets.first
    let others = targets.filter { $0 != figure }
    let companions = names.map { name in others.first { stem($0).hasSuffix(name) } }
    return (figure, RunReport.Companions(samples: companions[0], training: companions[1]))
  }

  /// A link's target, without the steps up that it takes out of the report's folder where that is the same file: a folder
  /// that is a symbolic link has another parent.
  private func seenFromHere(_ link: String) -> String {
    let whole = link.hasPrefix("/") ? link : "\(OutputFile.folder(of: path))/\(link)"
    var names: [Substring] = []
    for name in whole.split(separator: "/") where name != "." {
      if name == "..", let last = names.last, last != ".." { names.removeLast() } else { names.append(name) }
    }
    let short = (whole.hasPrefix("/") ? "/" : "") + names.joined(separator: "/")
    return RelativePath.isSame(short, whole) ? short : RelativePath.of(whole, fromFolder: ".")
  }
}
