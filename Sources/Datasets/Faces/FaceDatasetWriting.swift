import HDF5
import NeuralNetwork

extension FaceDataset {
  private static let rowsAtOnce = 256

  /// Writes the faces as a file of the lab's layout: `data` (N, C, H, W) as bytes, `label` (N) as float32.
  /// - Parameter path: where; the caller sees to it that the file appears whole.
  public func write(hdf5 path: String) throws {
    let file = try HDF5File(creating: path)
    let (height, width, channels) = (imageShape.dimensions[0], imageShape.dimensions[1], imageShape.channels)
    let data = try file.root.createDataset("data", shape: [count, channels, height, width], of: UInt8.self)
    for start in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let rows = start..<min(count, start + Self.rowsAtOnce)
      let images = try images(rows, scale: 1)
      var planes = [UInt8](repeating: 0, count: images.values.count)
      let positions = height * width
      for image in 0..<rows.count {
        for channel in 0..<channels {
          for position in 0..<positions {
            planes[(image * channels + channel) * positions + position] =
              UInt8(min(max(images.values[(image * positions + position) * channels + channel].rounded(), 0), 255))
          }
        }
      }
      try planes.withUnsafeBufferPointer { try data.write(rows: rows, from: $0) }
    }
    try file.root.write(labels.map(Float.init), shape: [count], to: "label")
    try file.close()
  }
}

extension FaceDataset {
  /// Whether another dataset has the same pixels and labels in the same order, however its file stores them.
  package func hasSameFaces(as other: FaceDataset) throws -> Bool {
    guard imageShape == other.imageShape, labels == other.labels else { return false }
    for start in stride(from: 0, to: count, by: Self.rowsAtOnce) {
      let rows = start..<min(count, start + Self.rowsAtOnce)
      guard try images(rows, scale: 1).values == other.images(rows, scale: 1).values else { return false }
    }
    return true
  }
}
