/// A share of rows, kept as counts: percent is a matter of formatting.
public struct Rate: Codable, Equatable, Sendable {
  /// Rows that count, 0...total.
  public var hits: Int
  /// Rows looked at.
  public var total: Int

  /// `hits` of `total` rows.
  public init(hits: Int, total: Int) {
    self.hits = hits
    self.total = total
  }

  /// 0...1; 0 of no rows is 0.
  public var fraction: Double { total == 0 ? 0 : Double(hits) / Double(total) }
  /// 0...100.
  public var percent: Double { total == 0 ? 0 : 100 * Double(hits) / Double(total) }
}
