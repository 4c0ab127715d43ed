/// A share of rows, kept as counts: percent is a matter of formatting.
public struct Rate: Codable, Hashable, Sendable {
  /// Rows that count, 0...total.
  public var hits: Int
  /// Rows looked at.
  public var total: Int

  /// `hits` of `total` rows.
  public init(hits: Int, total: Int) {
    self.hits = hits
    self.total = total
  }

  /// Whether any row was looked at; a rate of no rows is no rate, and nothing is concluded from it.
  public var hasRows: Bool { total > 0 }
  /// 0...1; nil of no rows.
  public var fraction: Double? { hasRows ? Double(hits) / Double(total) : nil }
  /// 0...100; nil of no rows.
  public var percent: Double? { hasRows ? 100 * Double(hits) / Double(total) : nil }
}
