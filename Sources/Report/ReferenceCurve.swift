import Experiment
import Files

/// A curve that somebody published, to be drawn beside a run's own.
///
/// A CSV file with the columns `channels_pruned`, `channels_total`, `clean_accuracy_percent` and
/// `attack_success_rate_percent`, in any order.
public struct ReferenceCurve: Equatable, Sendable {
  /// What the figure calls it.
  public let name: String
  /// In the order of the file.
  public let points: [PublishedTable.Row]

  private static let columns = [
    "channels_pruned", "channels_total", "clean_accuracy_percent", "attack_success_rate_percent",
  ]

  /// Reads a CSV file's text.
  /// - Throws: `InputError` with the line and what is wrong in it.
  public init(csv text: String, path: String) throws {
    name = path
    // A spreadsheet may put a byte order mark before the text.
    let lines = text.trimmingPrefix("\u{FEFF}").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let header = lines.first?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    let places = try Self.columns.map { column in
      let places = header.indices.filter { header[$0] == column }
      guard places.count == 1, let place = places.first else {
        throw InputError(
          "\(path): line 1", found: "\(places.count) columns \(column)", expected: Self.columns.joined(separator: ","))
      }
      return place
    }
    var points: [PublishedTable.Row] = []
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      let location = "\(path): line \(index + 1)"
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      guard cells.count == header.count else {
        throw InputError(location, found: "\(cells.count) values", expected: "\(header.count)")
      }
      guard let pruned = Int(cells[places[0]]), let total = Int(cells[places[1]]), total > 0,
        (0...total).contains(pruned)
      else {
        throw InputError(
          location, found: "channels \(cells[places[0]]) of \(cells[places[1]])",
          expected: "whole numbers, the first at most the second")
      }
      let percents = try places[2...].map { place -> Double in
        guard let value = Double(cells[place]), (0...100).contains(value) else {
          throw InputError(
            location, found: cells[place].isEmpty ? "an empty value" : "\(cells[place])",
            expected: "a percentage in 0...100")
        }
        return value
      }
      points.append(
        PublishedTable.Row(
          channelsPruned: pruned, channels: total, cleanAccuracy: percents[0], attackSuccess: percents[1]))
    }
    guard !points.isEmpty else {
      throw InputError(path, found: "no rows", expected: "a row for each number of channels")
    }
    self.points = points
  }
}
