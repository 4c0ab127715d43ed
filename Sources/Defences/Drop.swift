/// X: how far validation accuracy may fall before pruning stops, in percentage points.
///
/// Kept as thousandths of a point, because stopping is decided in whole numbers and never in floats.
public struct Drop: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// 0...100,000.
  public let thousandths: Int

  /// - Parameter text: a decimal number of points in 0...100 with at most three decimals, as `2` or `2.5`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let decimals = parts.count == 2 ? String(parts[1]) : "0"
    guard let whole = parts.first, (1...3).contains(whole.count), (1...3).contains(decimals.count),
      (whole + decimals).allSatisfy({ $0.isASCII && $0.isNumber }),
      let points = Int(whole), let rest = Int(decimals + String(repeating: "0", count: 3 - decimals.count)),
      points * 1000 + rest <= 100_000
    else { return nil }
    thousandths = points * 1000 + rest
  }

  /// No points: what stands for a defence's own threshold where an X is expected.
  package static let none = Drop(thousandths: 0)

  private init(thousandths: Int) { self.thousandths = thousandths }

  /// The published three: 2, 4 and 10 points.
  public static let published = ["2", "4", "10"].compactMap { Drop($0) }

  /// Points.
  public var points: Double { Double(thousandths) / 1000 }

  /// Without needless zeros: `2`, `2.5`.
  public var description: String {
    let (whole, rest) = thousandths.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)" }
    var decimals = String(repeating: "0", count: 3 - "\(rest)".count) + "\(rest)"
    while decimals.hasSuffix("0") { decimals.removeLast() }
    return "\(whole).\(decimals)"
  }

  /// The smaller X comes first.
  public static func < (left: Drop, right: Drop) -> Bool { left.thousandths < right.thousandths }

  /// Whether accuracy has fallen by at least X: hits/total <= baseline/total - X/100, in whole numbers.
  public func isReached(hits: Int, baseline: Int, total: Int) -> Bool {
    (baseline - hits) * 100_000 >= thousandths * total
  }
}

extension Drop: Codable {
  /// Writes points, as a number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(points)
  }

  /// Reads points: 0...100 with at most three decimals.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let points = try container.decode(Double.self)
    let thousandths = (points * 1000).rounded()
    guard (0...100_000).contains(thousandths), abs(points * 1000 - thousandths) < 1e-6 else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "a drop outside 0...100")
    }
    self.thousandths = Int(thousandths)
  }
}
