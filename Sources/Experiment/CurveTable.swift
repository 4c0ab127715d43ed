import Datasets

extension RunRecord {
  /// The names of the table's columns.
  static let curveColumns =
    ["channels_pruned", "channels_total", "channel"]
    + Split.allCases.flatMap { ["\($0.columnName)_hits", "\($0.columnName)_total"] }

  /// The curve for spreadsheets and data frames: one row for each k, hits and total of each split; empty cells for a
  /// split that was not given, and no hits where no row counts.
  public var csv: String {
    let header = Self.curveColumns
    let rows = curve.map { point -> [String] in
      ["\(point.channelsPruned)", "\(channels)", point.channel.map { "\($0)" } ?? ""]
        + Split.allCases.flatMap { split -> [String] in
          point.rates[split].map { [$0.hasRows ? "\($0.hits)" : "", "\($0.total)"] } ?? ["", ""]
        }
    }
    return ([header] + rows).map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
  }
}

extension Split {
  fileprivate var columnName: String {
    switch self {
    case .cleanValid: "clean_valid"
    case .cleanTest: "clean_test"
    case .backdooredValid: "backdoored_valid"
    case .backdooredTest: "backdoored_test"
    }
  }
}
