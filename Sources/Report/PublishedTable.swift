import Experiment

/// The results table in the format of the published one, which Python's `tabulate` printed (format `orgtbl` with a
/// rule of `=`): headers padded by two, numbers as `%.6g` aligned at their decimal point.
public struct PublishedTable: Sendable {
  /// One line of the table; rates in percent, nil where they are not known.
  public struct Row: Equatable, Sendable {
    /// k, 0...channels, and the number of channels of the layer.
    public var channelsPruned: Int, channels: Int
    /// In percent, 0...100.
    public var cleanAccuracy: Double?, attackSuccess: Double?

    /// A line of the table.
    public init(channelsPruned: Int, channels: Int, cleanAccuracy: Double?, attackSuccess: Double?) {
      self.channelsPruned = channelsPruned
      self.channels = channels
      self.cleanAccuracy = cleanAccuracy
      self.attackSuccess = attackSuccess
    }
  }

  private let rows: [Row]

  /// A table of these lines.
  public init(rows: [Row]) { self.rows = rows }

  /// The columns of the published table: accuracy on the clean validation split beside attack success on the backdoored
  /// test split, from 1 channel on.
  public init(_ record: RunRecord) {
    rows = record.curve.dropFirst().map { point in
      Row(
        channelsPruned: point.channelsPruned, channels: record.channels,
        cleanAccuracy: point.rates.cleanValid?.percent,
        attackSuccess: point.rates.backdooredTest?.percent ?? point.rates.backdooredValid?.percent)
    }
  }

  /// The lines, without a final line break.
  public var text: String {
    let columns = [
      Column("Fraction of Channels Pruned", rows.map { fraction($0) }, isNumeric: false),
      Column("Clean Accuracy", rows.map { number($0.cleanAccuracy) }, isNumeric: true),
      Column("Attack Success Rate", rows.map { number($0.attackSuccess) }, isNumeric: true),
    ]
    let rule = "|" + columns.map { String(repeating: "=", count: $0.width + 2) }.joined(separator: "|") + "|"
    let lines = rows.indices.map { row in "| " + columns.map { $0.cells[row] }.joined(separator: " | ") + " |" }
    return (["| " + columns.map(\.header).joined(separator: " | ") + " |", rule] + lines).joined(separator: "\n")
  }

  private func fraction(_ row: Row) -> String {
    let percent = 100 * Double(row.channelsPruned) / Double(row.channels)
    return "\(row.channelsPruned)/\(row.channels) (\(Format.fixed(percent, 2))%)"
  }

  private func number(_ value: Double?) -> String { value.map(Format.general) ?? "n/a" }
}

/// One column, its cells padded to one width.
private struct Column {
  let header: String
  let cells: [String]
  let width: Int

  init(_ title: String, _ values: [String], isNumeric: Bool) {
    let aligned = isNumeric ? Column.alignedAtPoint(values) : values
    let width = max(title.count + 2, aligned.map(\.count).max() ?? 0)
    self.width = width
    func pad(_ text: String) -> String {
      let space = String(repeating: " ", count: width - text.count)
      return isNumeric ? space + text : text + space
    }
    header = pad(title)
    cells = aligned.map(pad)
  }

  /// Pads on the right, so that the decimal points stand below each other once the column is flush right.
  private static func alignedAtPoint(_ values: [String]) -> [String] {
    let decimals = values.map { value in
      (value.lastIndex(of: ".") ?? value.lastIndex(of: "e")).map { value.distance(from: $0, to: value.endIndex) - 1 }
        ?? -1
    }
    let most = decimals.max() ?? -1
    return zip(values, decimals).map { $0 + String(repeating: " ", count: most - $1) }
  }
}
