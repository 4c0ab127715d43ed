import Files

/// A table of a pruning curve as people and their programs write it.
///
/// Columns may be called `k`, `pruned channels`, `Fraction of Channels Pruned`, `acc`, `Clean Accuracy (%)`, `ASR` and so
/// on; commas, semicolons (then also with decimal commas) or tabs part them, and a spreadsheet's quotes and byte order mark
/// are no obstacle. Rates are percentages where the names or a `%` say so, fractions where the names say that, and else
/// fractions where none of them is above 1.
struct ReferenceColumns {
  let points: [PublishedTable.Row]

  private static let pruned = [
    "channels_pruned", "pruned_channels", "num_pruned", "n_pruned", "pruned", "k", "number_of_channels_pruned",
    "channels_removed", "num_channels_pruned",
  ]
  private static let fraction = [
    "fraction_of_channels_pruned", "fraction_pruned", "pruned_fraction", "pruning_ratio", "pruning_rate", "ratio",
    "channels_pruned_fraction", "fraction", "prune_ratio", "sparsity",
  ]
  private static let total = ["channels_total", "total_channels", "channels", "total", "num_channels"]
  private static let clean = [
    "clean_accuracy", "clean_acc", "accuracy", "acc", "c_acc", "cacc", "ca", "clean", "clean_test_accuracy",
    "test_accuracy", "test_acc", "clean_classification_accuracy", "benign_accuracy", "ba",
  ]
  private static let attack = [
    "attack_success_rate", "asr", "attack_success", "attack_rate", "attack", "backdoor_success_rate", "poison_accuracy",
    "backdoor_accuracy", "attack_accuracy",
  ]

  private struct Header {
    /// In lower case, words parted by `_`, without a unit.
    let name: String
    /// What rates are divided by for a fraction, where the name says it.
    let unit: Double?

    init(_ text: String) {
      var word = text.lowercased()
      var unit: Double?
      for sign in ["(%)", "[%]", "%", "percentage", "percent"] where word.contains(sign) {
        word = word.replacing(sign, with: "")
        unit = 100
      }
      var name = word.split { !($0.isLetter || $0.isNumber) }.joined(separator: "_")
      if name.hasSuffix("_fraction"), !ReferenceColumns.fraction.contains(name) {
        name = String(name.dropLast("_fraction".count))
        unit = 1
      }
      if name.hasSuffix("_in") { name = String(name.dropLast(3)) }
      (self.name, self.unit) = (name, unit)
    }
  }

  /// nil where the first line has not each column once, or all of them as published ones are called.
  /// - Throws: `InputError` with the line and what is wrong in it.
  init?(csv text: String, path: String) throws {
    let lines = text.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    guard let first = lines.first else { return nil }
    let separator =
      [Character(";"), "\t", ","].max { a, b in
        first.count { $0 == a } < first.count { $0 == b }
      } ?? ","
    let raw = Self.cells(first, separator)
    guard separator != "," || !raw.contains("clean_accuracy_percent"),
      !raw.contains("clean_valid_hits") || separator != ","
    else { return nil }
    let headers = raw.map(Header.init)
    func place(_ names: [String]) -> Int? {
      // The names are in the order in which they are believed.
      names.lazy.compactMap { name in headers.firstIndex { $0.name == name } }.first
    }
    guard let cleanPlace = place(Self.clean), let attackPlace = place(Self.attack) else { return nil }
    let (countPlace, fractionPlace, totalPlace) = (place(Self.pruned), place(Self.fraction), place(Self.total))
    guard countPlace ?? fractionPlace != nil else { return nil }

    var rows: [(line: Int, cells: [String])] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let cells = Self.cells(line, separator)
      guard cells.count == headers.count else {
        throw InputError("\(path): line \(index + 1)", found: "\(cells.count) values", expected: "\(headers.count)")
      }
      rows.append((index + 1, cells))
    }
    guard !rows.isEmpty else { throw InputError(path, found: "no rows", expected: "a row for each number of channels") }

    func numbers(_ place: Int) throws -> (values: [Double], isPercent: Bool) {
      var isPercent = false
      let values = try rows.map { line, cells in
        var word = cells[place]
        if word.hasSuffix("%") {
          isPercent = true
          word = String(word.dropLast()).trimmingSpaces
        }
        if separator != "," { word = word.replacing(",", with: ".") }
        guard let value = Double(word), value.isFinite, value >= 0 else {
          throw InputError(
            "\(path): line \(line)", found: word.isEmpty ? "an empty value" : word, expected: "a number from 0")
        }
        return value
      }
      return (values, isPercent)
    }
    let rates = try [cleanPlace, attackPlace].map { (column: try numbers($0), unit: headers[$0].unit) }
    let largest = rates.flatMap(\.column.values).max() ?? 0
    let percents = try rates.map { rate in
      let unit = rate.unit ?? (rate.column.isPercent || largest > 1 ? 100 : 1)
      return try zip(rows, rate.column.values).map { row, value in
        guard value <= unit else {
          throw InputError(
            "\(path): line \(row.line)", found: "\(value)",
            expected: unit == 100 ? "a percentage in 0...100" : "a fraction in 0...1")
        }
        return value * (100 / unit)
      }
    }
    let counts = try Self.counts(
      countPlace.map { try numbers($0).values },
      fractionPlace.map { place in
        let column = try numbers(place)
        let isPercent = headers[place].unit == 100 || column.isPercent
        return column.values.map { isPercent ? $0 / 100 : $0 }
      },
      totalPlace.map { try numbers($0).values }, path)
    points = zip(rows.indices, rows).map { index, row in
      PublishedTable.Row(
        channelsPruned: counts[index].pruned, channels: counts[index].total, cleanAccuracy: percents[0][index],
        attackSuccess: percents[1][index])
    }
    for (count, row) in zip(counts, rows) where count.pruned > count.total {
      throw InputError(
        "\(path): line \(row.line)", found: "channels \(count.pruned) of \(count.total)",
        expected: "whole numbers, the first at most the second")
    }
  }

  /// Whole numbers of channels: as they stand, or as the fewest of which all fractions are.
  private static func counts(
    _ counts: [Double]?, _ fractions: [Double]?, _ totals: [Double]?, _ path: String
  ) throws -> [(pruned: Int, total: Int)] {
    func whole(_ value: Double) throws -> Int {
      guard let number = Int(exactly: value), number <= 1 << 28 else {
        throw InputError(path, found: "\(value) channels", expected: "whole numbers of channels")
      }
      return number
    }
    if let counts {
      // The last row of a table without totals is the layer with nothing left.
      let largest = max(1, counts.max() ?? 1)
      return try counts.indices.map { (try whole(counts[$0]), max(1, try whole(totals?[$0] ?? largest))) }
    }
    let fractions = fractions ?? []
    if let totals {
      return try fractions.indices.map { index in
        let total = max(1, try whole(totals[index]))
        return (Int((min(fractions[index], 2) * Double(total)).rounded()), total)
      }
    }
    let total = (1...4096).first { total in
      fractions.allSatisfy { abs($0 * Double(total) - ($0 * Double(total)).rounded()) < 0.02 }
        && Set(fractions.map { ($0 * Double(total)).rounded() }).count == Set(fractions).count
    }
    guard let total, fractions.allSatisfy({ $0 <= 1 }) else {
      throw InputError(
        path, found: "fractions of no number of channels up to 4096", expected: "a column channels_total beside them")
    }
    return fractions.map { (Int(($0 * Double(total)).rounded()), total) }
  }

  /// A line's cells without quotes and spaces around them.
  private static func cells(_ line: Substring, _ separator: Character) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == separator, !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells.map(\.trimmingSpaces)
  }
}

extension String {
  /// Without spaces at either end.
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
