/// Lists of seeds, as `1-10` or `1,2,5`.
public enum SeedList {
  /// Seeds in the order given; nil for anything that is not 1 to 1,000,000 different numbers.
  public static func seeds(_ text: String) -> [UInt64]? {
    let limit = 1_000_000
    var seeds: [UInt64] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
      guard ends.count <= 2, let low = ends[0], let high = ends[ends.count - 1], low <= high,
        high - low < UInt64(limit - seeds.count)
      else { return nil }
      seeds += low...high
    }
    return Set(seeds).count == seeds.count ? seeds : nil
  }

  /// The list of these seeds, spans joined.
  public static func text(_ seeds: [UInt64]) -> String {
    var spans: [ClosedRange<UInt64>] = []
    for seed in seeds {
      if let last = spans.last, last.upperBound < seed, seed - last.upperBound == 1 {
        spans[spans.count - 1] = last.lowerBound...seed
      } else {
        spans.append(seed...seed)
      }
    }
    return spans.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
  }
}
