import Attacks
import Datasets
import Experiment
import Files
import Foundation
import Plotting

/// The report of a run as one page, from the same template as the Markdown report.
public struct RunPage {
  private let record: RunRecord
  private let samples: [UInt8]?
  private let reference: ReferenceCurve?
  private let tableStyle: RunReport.TableStyle

  /// The page of one run.
  /// - Parameters:
  ///   - samples: a PNG of clean and triggered faces; nil for none.
  ///   - reference: a published curve to stand beside this one.
  public init(
    _ record: RunRecord, samples: [UInt8]? = nil, reference: ReferenceCurve? = nil,
    tableStyle: RunReport.TableStyle = .markdown
  ) {
    self.record = record
    self.samples = samples
    self.reference = reference
    self.tableStyle = tableStyle
  }

  /// The page's text.
  /// - Parameters:
  ///   - template: a Mustache template's text, of Markdown; the one in `templates/` by default.
  ///   - name: where that comes from, for errors.
  /// - Throws: `InputError` where the template asks for a value that there is not; `PlottingError` where Cairo fails.
  public func html(template: String? = nil, name: String = "templates/report.md.mustache") throws -> String {
    let report = RunReport(
      record, figurePath: "pruning",
      companions: .init(samples: samples.map { _ in "samples" }, training: record.training.map { _ in "training" }),
      reference: reference, tableStyle: tableStyle)
    var figures = ["pruning": try pruning()]
    if let training = record.training { figures["training"] = try self.training(training) }
    if let samples {
      figures["samples"] = PageFigure(
        png: samples, name: "samples", description: "Some clean faces, and the same faces with the trigger")
    }
    return try HTMLPage(
      markdown: report.markdown(template: template, name: name), figures: figures,
      summary: PruningFigure.alternativeText(record)
    ).text
  }

  /// The bytes of the figure of samples in a page; nil where it has none.
  static func samples(in page: String) -> [UInt8]? {
    guard let figure = page.range(of: "<figure data-figure=\"samples\">"),
      let start = page.range(of: "src=\"data:image/png;base64,", range: figure.upperBound..<page.endIndex),
      let end = page.range(of: "\"", range: start.upperBound..<page.endIndex)
    else { return nil }
    return Base64.bytes(page[start.upperBound..<end.lowerBound])
  }

  private func pruning() throws -> PageFigure {
    let (clean, backdoored) = record.reported
    let points = record.curve.map { point in
      let channel = point.channel.map { ", channel \($0)" } ?? ""
      let attack = backdoored.map { "; attack success \(Format.percent(point.rates[$0])) (\($0.title))" } ?? ""
      return (
        x: Double(point.channelsPruned) / Double(max(1, record.channels)),
        text: """
        k = \(point.channelsPruned) of \(record.channels)\(channel): clean accuracy \
        \(Format.percent(point.rates[clean])) (\(clean.title))\(attack)
        """,
        values: [point.rates[clean]?.percent] + (backdoored.map { [point.rates[$0]?.percent] } ?? [])
      )
    }
    return PageFigure(
      try PruningFigure(record, reference: reference).chart(), name: "pruning",
      description: PruningFigure.alternativeText(record),
      reading: .init(
        label: "Channels pruned", colors: [.blue, .vermillion].prefix(backdoored == nil ? 1 : 2).map { $0 },
        points: points))
  }

  private func training(_ training: TrainingRecord) throws -> PageFigure {
    let hasAttack = training.history.contains { $0.attackSuccess != nil }
    func percent(_ share: Double?) -> String { share.map { "\(Format.fixed(100 * $0, 2)) %" } ?? "n/a" }
    let points = training.history.map { epoch in
      let attack = hasAttack ? "; attack success \(percent(epoch.attackSuccess))" : ""
      return (
        x: Double(epoch.epoch),
        text: """
        epoch \(epoch.epoch): training accuracy \(percent(epoch.trainingAccuracy)), validation accuracy \
        \(percent(epoch.validationAccuracy))\(attack)
        """,
        values: [epoch.trainingAccuracy, epoch.validationAccuracy].map { 100 * $0 as Double? }
          + (hasAttack ? [epoch.attackSuccess.map { 100 * $0 }] : [])
      )
    }
    let colors: [Color] = [Color(gray: 0.45), .blue] + (hasAttack ? [.vermillion] : [])
    return PageFigure(
      try TrainingFigure(training).chart(), height: TrainingFigure.height, name: "training",
      description: "Accuracy and attack success by epoch of training",
      reading: .init(label: "Epoch", colors: colors, points: points))
  }
}
