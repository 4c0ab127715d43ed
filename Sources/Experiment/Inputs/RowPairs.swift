import Datasets

/// Whether the rows of two datasets show the same images, but for a trigger.
enum RowPairs {
  private static let rowsAtOnce = 256

  /// Rows that are nearer to the row of the same number than to one half the dataset away, by the sum of absolute differences:
  /// nearly all where a trigger was laid over the same images, about half of them in another order.
  /// - Parameters: of as many rows of one shape.
  /// - Returns: nil of fewer than four rows.
  static func resembling(_ triggered: FaceDataset, _ originals: FaceDataset) throws -> Rate? {
    let count = triggered.count
    guard count >= 4, originals.count == count else { return nil }
    let size = originals.imageShape.count
    var rate = Rate(hits: 0, total: count)
    for start in stride(from: 0, to: count, by: rowsAtOnce) {
      let rows = start..<min(count, start + rowsAtOnce)
      let (own, same) = (try triggered.images(rows, scale: 1).values, try originals.images(rows, scale: 1).values)
      let other = try rows.shifted(by: count / 2, of: count).flatMap { try originals.images($0, scale: 1).values }
      for row in 0..<rows.count {
        let range = row * size..<(row + 1) * size
        func distance(_ values: [Float]) -> Float { zip(own[range], values[range]).reduce(0) { $0 + abs($1.0 - $1.1) } }
        if distance(same) <= distance(other) { rate.hits += 1 }
      }
    }
    return rate
  }
}

extension Range<Int> {
  /// The numbers `distance` further on in 0..<count, which begins again behind its end: one range or two.
  fileprivate func shifted(by distance: Int, of count: Int) -> [Range<Int>] {
    let (low, high) = (lowerBound + distance, upperBound + distance)
    if low >= count { return [low - count..<high - count] }
    return high <= count ? [low..<high] : [low..<count, 0..<high - count]
  }
}
