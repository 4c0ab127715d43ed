import Experiment
import Files

/// A curve that somebody published, to be drawn beside a run's own.
///
/// A CSV file with the columns `channels_pruned`, `channels_total`, `clean_accuracy_percent` and
/// `attack_success_rate_percent`, in any order; a run's own `curve.csv`, of which the splits are taken that the run's
/// figure shows; or a table whose columns have other usual names: see `ReferenceColumns`.
public struct ReferenceCurve: Equatable, Sendable {
  /// What the figure calls it.
  public let name: String
  /// In the order of the file.
  public let points: [PublishedTable.Row]

  private static let columns = [
    "channels_pruned", "channels_total", "clean_accuracy_percent", "attack_success_rate_percent",
  ]

  private static let runColumns =
    ["channels_pruned", "channels_total", "channel"]
    + ["clean_valid", "clean_test", "backdoored_valid", "backdoored_test"].flatMap { ["\($0)_hits", "\($0)_total"] }

  /// Reads a CSV file's text.
  /// - Throws: `InputError` with the line and what is wrong in it.
  public init(csv text: String, path: String) throws {
    name = path
    if let table = try ReferenceColumns(csv: text, path: path) {
      points = table.points
      return
    }
    // A spreadsheet may put a byte order mark before the text.
    let lines = text.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let header = lines.first?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    func place(_ column: String, among expected: [String]) throws -> Int {
      let places = header.indices.filter { header[$0] == column }
      guard places.count == 1, let place = places.first else {
        throw InputError(
          "\(path): line 1", found: "\(places.count) columns \(column)", expected: expected.joined(separator: ","))
      }
      return place
    }
    func cells(_ line: Substring) -> [Substring] { line.split(separator: ",", omittingEmptySubsequences: false) }
    let rows = lines.enumerated().dropFirst().filter { !$0.element.isEmpty }
    let isOfRun = !header.contains(Self.columns[2]) && header.contains("clean_valid_hits")
    let counts = try Self.columns.prefix(2).map { try place($0, among: isOfRun ? Self.runColumns : Self.columns) }
    let percents =
      isOfRun
      ? try Self.reported(first: rows.first.map { cells($0.element) } ?? []) { try place($0, among: Self.runColumns) }
      : try Self.columns.suffix(2).map { Self.percent(try place($0, among: Self.columns)) }
    points = try rows.map { index, line in
      let location = "\(path): line \(index + 1)"
      let cells = cells(line)
      guard cells.count == header.count else {
        throw InputError(location, found: "\(cells.count) values", expected: "\(header.count)")
      }
      guard let pruned = Int(cells[counts[0]]), let total = Int(cells[counts[1]]), total > 0,
        (0...total).contains(pruned)
      else {
        throw InputError(
          location, found: "channels \(cells[counts[0]]) of \(cells[counts[1]])",
          expected: "whole numbers, the first at most the second")
      }
      return PublishedTable.Row(
        channelsPruned: pruned, channels: total, cleanAccuracy: try percents[0](location, cells),
        attackSuccess: try percents[1](location, cells))
    }
    guard !points.isEmpty else {
      throw InputError(path, found: "no rows", expected: "a row for each number of channels")
    }
  }

  /// The columns of a run's curve that its figure shows: test or validation by `RunRecord.reported`'s rule.
  /// - Parameters:
  ///   - first: a row; those of a split that the run did not have are empty.
  ///   - place: where a column is.
  private static func reported(first: [Substring], place: (String) throws -> Int) throws -> [Percent] {
    typealias Columns = (hits: Int, total: Int)
    func columns(_ kind: String, _ half: String) throws -> Columns {
      (try place("\(kind)_\(half)_hits"), try place("\(kind)_\(half)_total"))
    }
    func rows(_ columns: Columns) -> Int { first.dropFirst(columns.total).first.flatMap { Int($0) } ?? 0 }
    let kinds = try ["clean", "backdoored"].map { (test: try columns($0, "test"), valid: try columns($0, "valid")) }
    func sum(_ half: ((test: Columns, valid: Columns)) -> Columns) -> Double {
      kinds.reduce(0) { $0 + Double(rows(half($1))) }
    }
    let prefersTest = sum(\.test) >= sum(\.valid)
    return kinds.map { kind in
      let halves = prefersTest ? [kind.test, kind.valid] : [kind.valid, kind.test]
      return percent(halves.first { rows($0) > 0 } ?? halves[0])
    }
  }

  private typealias Percent = (_ location: String, _ cells: [Substring]) throws -> Double?

  /// A column of percentages.
  private static func percent(_ place: Int) -> Percent {
    { location, cells in
      guard let value = Double(cells[place]), (0...100).contains(value) else {
        throw InputError(
          location, found: cells[place].isEmpty ? "an empty value" : "\(cells[place])",
          expected: "a percentage in 0...100")
      }
      return value
    }
  }

  /// Two columns of counts.
  private static func percent(_ rate: (hits: Int, total: Int)) -> Percent {
    { location, cells in
      let (hits, total) = (cells[rate.hits], cells[rate.total])
      // No row counts, so that there is no rate.
      if total == "0", hits.isEmpty { return nil }
      guard let count = Int(hits), let all = Int(total), all > 0, (0...all).contains(count) else {
        throw InputError(
          location, found: "\(hits.isEmpty ? "no" : hits) hits of \(total.isEmpty ? "no" : total) rows",
          expected: "whole numbers, the first at most the second, of at least one row")
      }
      return 100 * Double(count) / Double(all)
    }
  }
}
