import Attacks
import Datasets
import Experiment

/// The tables of a run's report.
struct ReportTables {
  let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  /// B on every split, before anything is pruned.
  var baseline: String {
    let splits = given
    return MarkdownTable(
      header: ["Split", "Measure", "Rows", "Hits", "Rate [95 % interval]"],
      rows: splits.map { split in
        let rate = record.baseline[split]
        return [
          split.title, split.isBackdoored ? "attack success" : "accuracy", Format.grouped(rate?.total ?? 0),
          rate?.hasRows == true ? Format.grouped(rate?.hits ?? 0) : "n/a", Format.percentWithInterval(rate),
        ]
      }, textColumns: [0, 1]
    ).text
  }

  /// The curve from 1 channel to the last one.
  var results: String {
    let splits = given
    let rows = record.curve.dropFirst().map { point -> [String] in
      let fraction = Format.fixed(100 * Double(point.channelsPruned) / Double(record.channels), 2)
      let channel = point.channel.map { "\($0)" } ?? ""
      return ["\(point.channelsPruned)/\(record.channels) (\(fraction) %)", channel]
        + splits.map { Format.percent(point.rates[$0]) }
    }
    return MarkdownTable(header: ["Channels pruned", "Channel"] + splits.map(title), rows: rows).text
  }

  /// The rows of the curve where something happens.
  var events: String { CurveEvents(record: record).table(given, header: given.map(title)) }

  private func title(_ split: Split) -> String {
    "\(split.isBackdoored ? "Attack success" : "Accuracy"), \(half(split))"
  }

  /// B' and G for each X, on both halves.
  var repaired: String {
    let reached = record.stops.filter { $0.network.channelsPruned != nil }
    let halves: [(name: String, clean: Split, backdoored: Split)] = [
      ("Validation", .cleanValid, .backdooredValid), ("Test", .cleanTest, .backdooredTest),
    ]
    let tables = halves.filter { record.data[$0.clean] != nil || record.data[$0.backdoored] != nil }.map { half in
      func row(_ name: String, _ pruned: String, _ rates: Splits<Rate>) -> [String] {
        [
          name, pruned, Format.percentWithInterval(rates[half.clean]),
          Format.percentWithInterval(rates[half.backdoored]),
        ]
      }
      let rows =
        [row("B", "0", record.baseline)]
        + reached.flatMap { name, repaired in
          let pruned = "\(repaired.channelsPruned ?? 0)"
          return [
            row("B', \(name)", pruned, repaired.network), row("G, \(name)", pruned, repaired.goodNet),
          ]
        }
      let table = MarkdownTable(
        header: ["Network", "Channels pruned", "Clean accuracy [95 %]", "Attack success rate [95 %]"], rows: rows)
      return "\(half.name) splits:\n\n\(table.text)"
    }
    return tables.joined(separator: "\n\n")
  }

  /// Whether there is a G that saw any faces.
  var hasDetection: Bool { !detectionRows.isEmpty }

  /// What G flags as poisoned for each X.
  var detection: String {
    MarkdownTable(
      header: ["Network", "Splits", "Detection rate [95 %]", "False-alarm rate [95 %]"], rows: detectionRows,
      textColumns: [0, 1]
    ).text
  }

  private var detectionRows: [[String]] {
    record.stops.filter { $0.network.channelsPruned != nil }.flatMap { stop, repaired in
      [("validation", repaired.detectionValid), ("test", repaired.detection)]
        .filter { $0.1.truePositives != nil || $0.1.falsePositives != nil }
        .map { name, detection in
          [
            "G, \(stop)", name, Format.percentWithInterval(detection.truePositives),
            Format.percentWithInterval(detection.falsePositives),
          ]
        }
    }
  }

  /// Which files were read.
  var data: String {
    let rows =
      [["model", Markdown.code(record.model.path), "", Markdown.code(record.model.sha256)]]
      + given.compactMap { split in
        record.data[split].map { source in
          [split.title, Markdown.code(source.path), Format.grouped(source.rows), Markdown.code(source.sha256)]
        }
      }
    return MarkdownTable(header: ["What", "File", "Rows", "SHA-256"], rows: rows, textColumns: [0, 1, 3]).text
  }

  /// This curve beside a published one, where each X stopped.
  func comparison(with reference: ReferenceCurve) -> String {
    let (clean, backdoored) = record.reported
    let rows = record.repaired.compactMap { repaired -> [String]? in
      guard let pruned = repaired.channelsPruned else { return nil }
      let published = reference.points.first { $0.channelsPruned * record.channels == pruned * $0.channels }
      func percent(_ value: Double?) -> String { value.map { "\(Format.fixed($0, 2)) %" } ?? "n/a" }
      return [
        "X = \(repaired.drop), k = \(pruned)", Format.percent(record.rates(after: pruned)[clean]),
        percent(published?.cleanAccuracy), Format.percent(backdoored.flatMap { record.rates(after: pruned)[$0] }),
        percent(published?.attackSuccess),
      ]
    }
    return MarkdownTable(
      header: ["Channels pruned", "Clean accuracy here", "published", "Attack success here", "published"], rows: rows
    ).text
  }

  private var given: [Split] { Split.allCases.filter { record.data[$0] != nil } }

  private func half(_ split: Split) -> String {
    split == .cleanValid || split == .backdooredValid ? "validation" : "test"
  }
}
