/// One of n parts of a list of seeds: every n-th seed, so that each has one owner without any coordination.
public struct Shard: Equatable, Sendable {
  /// Which part, 1...of, and how many there are.
  public let index: Int, of: Int

  /// - Parameter text: `i/n`, as `3/10`.
  /// - Returns: nil unless 1 <= i <= n <= 1,000,000.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let of = parts[1], (1...1_000_000).contains(of),
      (1...of).contains(index)
    else { return nil }
    (self.index, self.of) = (index, of)
  }

  /// The seeds of this part, in their order.
  public func seeds(of all: [UInt64]) -> [UInt64] {
    stride(from: index - 1, to: all.count, by: of).map { all[$0] }
  }
}
