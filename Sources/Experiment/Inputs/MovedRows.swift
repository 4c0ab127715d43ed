import Datasets

/// Rows of triggered images that show the image of another row: the few that were moved where all others kept their place.
///
/// A trigger changes every image by a like amount, so a row that shows another image stands out by its distance from its own
/// clean image. Those that stand out most are compared with every clean image.
enum MovedRows {
  struct Move: Equatable {
    let row: Int
    /// The row that its image has in the clean split.
    let original: Int
  }

  private static let rowsAtOnce = 256
  /// Rows that are compared with every clean image.
  private static let mostCompared = 64
  /// Values of an image that are looked at: neighbours are alike, so that a few hundred tell one image from another.
  private static let looks = 389

  /// - Parameters: of as many rows of one shape.
  /// - Returns: rows whose image is less than half as far from another row's clean image as from their own, in order.
  static func among(_ triggered: FaceDataset, _ originals: FaceDataset) throws -> [Move] {
    let distances = try distancesByRow(triggered, originals)
    let compared = distances.indices.sorted { (distances[$1], $0) < (distances[$0], $1) }.prefix(mostCompared).sorted()
    let looked = try compared.map { sketch(try triggered.images($0..<$0 + 1, scale: 1).values, image: 0, of: 1) }
    var nearest = compared.map { (distance: distances[$0], original: $0) }
    try forEachSketch(originals) { original, values in
      for place in compared.indices {
        let distance = Self.distance(looked[place], values)
        if distance < nearest[place].distance { nearest[place] = (distance, original) }
      }
    }
    return compared.indices.compactMap { place in
      let row = compared[place]
      return 2 * nearest[place].distance < distances[row] ? Move(row: row, original: nearest[place].original) : nil
    }
  }

  /// How far each triggered image is from the clean image of its row.
  private static func distancesByRow(_ triggered: FaceDataset, _ originals: FaceDataset) throws -> [Float] {
    try chunks(of: triggered.count).flatMap { rows in
      zip(try sketches(of: triggered, rows), try sketches(of: originals, rows)).map(distance)
    }
  }

  private static func forEachSketch(_ dataset: FaceDataset, _ body: (Int, [Float]) -> Void) throws {
    for rows in chunks(of: dataset.count) {
      for (row, sketch) in zip(rows, try sketches(of: dataset, rows)) { body(row, sketch) }
    }
  }

  private static func chunks(of count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: rowsAtOnce).map { $0..<min(count, $0 + rowsAtOnce) }
  }

  private static func sketches(of dataset: FaceDataset, _ rows: Range<Int>) throws -> [[Float]] {
    let values = try dataset.images(rows, scale: 1).values
    return rows.indices.map { sketch(values, image: $0 - rows.lowerBound, of: rows.count) }
  }

  /// Values of one image, evenly far apart.
  private static func sketch(_ values: [Float], image: Int, of count: Int) -> [Float] {
    let size = values.count / count
    return stride(from: 0, to: size, by: max(1, size / looks)).map { values[image * size + $0] }
  }

  private static func distance(_ one: [Float], _ other: [Float]) -> Float {
    var sum: Float = 0
    for index in one.indices { sum += abs(one[index] - other[index]) }
    return sum
  }
}
