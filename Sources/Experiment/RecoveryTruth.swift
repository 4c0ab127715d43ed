import Datasets
import NeuralNetwork

/// The true classes of triggered images, where a clean file has the same images in the same order.
enum RecoveryTruth {
  /// Images of each kind that are looked at.
  private static let mostLookedAt = 48

  /// By backdoored split: the class of each row; nil for a split whose rows no clean file tells.
  ///
  /// With as many rows, or for several triggers a multiple, the files may still be of other images: they are believed to be
  /// of the same ones where most of some rows resemble their own clean image more than they do the others.
  static func classes(_ data: Splits<FaceDataset>) throws -> Splits<[Int]> {
    var result = Splits<[Int]>()
    for (clean, backdoored) in Split.pairs {
      guard let originals = data[clean], let triggered = data[backdoored], triggered.count % originals.count == 0,
        originals.imageShape == triggered.imageShape, try isAligned(originals, triggered)
      else { continue }
      result[backdoored] = triggered.labels.indices.map { originals.labels[$0 % originals.count] }
    }
    return result
  }

  private static func isAligned(_ originals: FaceDataset, _ triggered: FaceDataset) throws -> Bool {
    let looked = min(mostLookedAt, originals.count)
    let rows = (0..<looked).map { $0 * originals.count / looked }
    let copies = triggered.count / originals.count
    let clean = centred(try rows.map { try originals.images($0..<$0 + 1, scale: 1).values })
    let own = centred(
      try rows.enumerated().map { place, row in
        let row = row + (place % copies) * originals.count
        return try triggered.images(row..<row + 1, scale: 1).values
      })
    let lengths = clean.map { dot($0, $0).squareRoot() }
    let found = own.enumerated().count { place, image in
      let likeness = clean.indices.map { lengths[$0] > 0 ? dot(image, clean[$0]) / lengths[$0] : 0 }
      return likeness.allSatisfy { likeness[place] >= $0 }
    }
    return 4 * found >= 3 * looked
  }

  /// The images less their mean, of which the trigger itself is a part.
  private static func centred(_ images: [[Float]]) -> [[Double]] {
    var mean = [Double](repeating: 0, count: images[0].count)
    for image in images { for index in image.indices { mean[index] += Double(image[index]) / Double(images.count) } }
    return images.map { image in image.indices.map { Double(image[$0]) - mean[$0] } }
  }

  private static func dot(_ one: [Double], _ other: [Double]) -> Double {
    var sum = 0.0
    for index in one.indices { sum += one[index] * other[index] }
    return sum
  }
}
