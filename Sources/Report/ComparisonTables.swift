import Attacks
import Datasets
import Defences
import Experiment

/// The tables of a comparison's report.
struct ComparisonTables {
  let comparison: Comparison

  /// Where B', B and G stand for each X: a table for each half of the splits that there are.
  var drops: String {
    halves.map { half in
      let rows = comparison.groups.flatMap { group in
        group.drops.flatMap { drop -> [[String]] in
          guard drop.reached > 0 else {
            return [named(group) + ["X = \(drop.drop)", "0/\(drop.runs)", "n/a", "B'", "n/a", "n/a"]]
          }
          let first =
            named(group) + ["X = \(drop.drop)", "\(drop.reached)/\(drop.runs)", Format.number(drop.channelsPruned)]
          let rest = [String](repeating: "", count: first.count)
          func row(_ start: [String], _ network: String, _ rates: Splits<Summary>) -> [String] {
            start + [network, Format.percent(rates[half.clean]), Format.percent(half.backdoored.flatMap { rates[$0] })]
          }
          return [
            row(first, "B", drop.original), row(rest, "B'", drop.repaired), row(rest, "G", drop.goodNet),
            rest + [
              "B - B'", Format.points(drop.difference[half.clean]),
              Format.points(half.backdoored.flatMap { drop.difference[$0] }),
            ],
          ]
        }
      }
      let header = ["X", "Reached", "k [95 %]", "Network", "Clean accuracy [95 %]", "Attack success [95 %]"]
      let table = MarkdownTable(
        header: groupHeader + header, rows: rows,
        textColumns: Set(groupHeader.indices).union([groupHeader.count, groupHeader.count + 3]))
      return "\(half.name) splits:\n\n\(table.text)"
    }.joined(separator: "\n\n")
  }

  /// Every run by itself, with exact intervals and McNemar's test of B against B', corrected (Holm) over the table.
  func runs(link: (ComparedRun) -> String) -> String {
    let (clean, backdoored) = comparison.reported
    let tested = comparison.runs.flatMap { run in
      run.record.repaired.flatMap { repaired in
        [clean, backdoored].map { $0.flatMap { repaired.pairedTests[$0] } }
      }
    }
    var corrected = PairedTest.holm(tested.compactMap { $0 }).makeIterator()
    var cells = tested.map { p in p == nil ? "n/a" : corrected.next().map { Format.probability($0) } ?? "n/a" }
      .makeIterator()
    var texts: [Rate?: String] = [:]
    func text(_ rate: Rate?) -> String {
      if let text = texts[rate] { return text }
      let text = Format.percentWithInterval(rate)
      texts[rate] = text
      return text
    }
    let rows = comparison.groups.flatMap { group in
      group.runs.flatMap { run -> [[String]] in
        let start = named(group) + ["[seed \(run.record.seed)](\(link(run)))"]
        let rest = [String](repeating: "", count: start.count)
        func row(_ start: [String], _ cells: [String], _ rates: Splits<Rate>, _ p: [String]) -> [String] {
          start + cells + [text(rates[clean]), text(backdoored.flatMap { rates[$0] })] + p
        }
        return [row(start, ["B", "0"], run.record.baseline, ["", ""])]
          + run.record.repaired.map { repaired in
            let p = (0..<2).map { _ in cells.next() ?? "n/a" }
            guard let pruned = repaired.channelsPruned else {
              return row(rest, ["B', X = \(repaired.drop)", "n/a"], Splits(), ["n/a", "n/a"])
            }
            return row(rest, ["B', X = \(repaired.drop)", "\(pruned)"], repaired.network, p)
          }
      }
    }
    return MarkdownTable(
      header: groupHeader + [
        "Run", "Network", "k", "Clean accuracy [95 %]", "Attack success [95 %]", "p, accuracy (Holm)",
        "p, attack (Holm)",
      ], rows: rows, textColumns: Set(0..<groupHeader.count + 2)
    ).text
  }

  /// The spread after every number of channels.
  var curve: String {
    let (clean, backdoored) = comparison.reported
    let rows = comparison.groups.flatMap { group in
      group.curve.enumerated().map { k, point in
        named(group) + ["\(k)"] + ([clean] + (backdoored.map { [$0] } ?? [])).flatMap { spread(point[$0]) }
      }
    }
    let columns = ["mean [95 %]", "SD", "median [95 %]", "range"]
    return MarkdownTable(
      header: groupHeader + ["k"] + columns.map { "accuracy, \($0)" }
        + (backdoored == nil ? [] : columns.map { "attack, \($0)" }),
      rows: rows, textColumns: Set(groupHeader.indices)
    ).text
  }

  /// The settings that all runs share.
  var settings: String {
    // The published study's defence goes without saying, and the recipe tells the attack.
    let fields = comparison.runs[0].settings.fields.filter {
      $0.name != comparison.field && $0.name != "attack"
        && ($0.name != "defence" || $0.value != Defence.pruning.name)
    }
    return MarkdownTable(
      header: ["Setting", "Value"], rows: fields.map { ["`\($0.name)`", $0.text] }, textColumns: [0, 1]
    ).text
  }

  private func spread(_ summary: Summary?) -> [String] {
    guard let summary else { return ["n/a", "n/a", "n/a", "n/a"] }
    let range = "\(Format.fixed(summary.range.lowerBound, 2))–\(Format.fixed(summary.range.upperBound, 2))"
    let deviation = summary.standardDeviation.map { Format.fixed($0, 2) } ?? "n/a"
    return [Format.percent(summary), deviation, Format.median(summary), range]
  }

  var groupHeader: [String] { comparison.field.map { [$0] } ?? [] }

  func named(_ group: RunGroup) -> [String] { comparison.field == nil ? [] : [group.value?.text ?? "none"] }

  private var halves: [(name: String, clean: Split, backdoored: Split?)] {
    let data = comparison.runs[0].record.data
    let all: [(name: String, clean: Split, backdoored: Split?)] = [
      ("Validation", .cleanValid, .backdooredValid), ("Test", .cleanTest, .backdooredTest),
    ]
    return all.filter { data[$0.clean] != nil || $0.backdoored.flatMap { data[$0] } != nil }
  }
}
