import Datasets
import Files
import NeuralNetwork

/// Clean validation images as a network takes them: the only images that a defence can ask for.
public struct CleanImages: Sendable {
  /// The class of each image.
  public let labels: [Int]
  private let faces: FaceDataset
  private let rows: [Int]
  private let preparation: InputPreparation
  /// All of them, where memory allows.
  private let kept: Tensor?

  /// Values that are kept between one look and the next (512 MB).
  private static let keptValues = 1 << 27
  private static let rowsAtOnce = 128

  /// - Parameters:
  ///   - faces: clean validation.
  ///   - rows: those that the study knows, in ascending order; nil for all.
  /// - Throws: `InputError` where images cannot be read.
  public init(
    _ faces: FaceDataset, rows: [Int]? = nil, prepared preparation: InputPreparation
  ) throws {
    let rows = rows ?? Array(0..<faces.count)
    (self.faces, self.rows, self.preparation) = (faces, rows, preparation)
    labels = rows.map { faces.labels[$0] }
    try preparation.require(channels: faces.imageShape.channels)
    kept =
      rows.count * faces.imageShape.count <= Self.keptValues
      ? try Self.read(faces, rows, preparation) : nil
  }

  /// N.
  public var count: Int { rows.count }

  /// Some of the images, in the order of `places`: (n, H, W, C), prepared.
  /// - Parameter places: each in 0..<N.
  public func images(_ places: [Int]) throws -> Tensor {
    guard let kept else { return try Self.read(faces, places.map { rows[$0] }, preparation) }
    let size = kept.shape.count
    return Tensor(
      count: places.count, shape: kept.shape,
      values: places.flatMap { kept.values[$0 * size..<($0 + 1) * size] })
  }

  /// Hands out all images in order, a batch at a time.
  package func forEachBatch(_ body: (_ images: Tensor, _ labels: [Int]) throws -> Void) throws {
    for start in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let places = Array(start..<min(count, start + Self.rowsAtOnce))
      try body(images(places), places.map { labels[$0] })
    }
  }

  private static func read(_ faces: FaceDataset, _ rows: [Int], _ preparation: InputPreparation) throws -> Tensor {
    var values: [Float] = []
    values.reserveCapacity(rows.count * faces.imageShape.count)
    var start = 0
    while start < rows.count {
      // Rows that lie one behind the other are read at once.
      var end = start + 1
      while end < rows.count, rows[end] == rows[end - 1] + 1, end - start < rowsAtOnce { end += 1 }
      values += try faces.images(rows[start]..<rows[end - 1] + 1, scale: Float(preparation.scale)).values
      start = end
    }
    var images = Tensor(count: rows.count, shape: faces.imageShape, values: values)
    preparation.normalize(&images)
    return images
  }
}
