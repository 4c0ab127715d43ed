import Datasets
import HDF5
import NeuralNetwork

/// The four HDF5 files of a study in the sizes and number types of the lab's own, the given faces repeated in them.
struct FullSizeFaces {
  /// Rows of the validation files (float64) and of the test files (float32).
  let validation: Int, test: Int

  /// The lab's own sizes.
  static let lab = FullSizeFaces(validation: 11_547, test: 12_830)

  private static let rowsAtOnce = 256

  /// Bytes of the four files.
  func bytes(of shape: Shape) -> Int { 2 * shape.count * (8 * validation + 4 * test) }

  /// Writes the files into `folder`.
  /// - Parameter faces: the first file is taken for the clean faces, the second for those with the trigger.
  /// - Returns: their paths.
  func write(_ faces: [FaceDataset], to folder: String) throws -> Splits<String> {
    let clean = [faces[0]]
    let backdoored = faces.count > 1 ? [faces[1]] : clean
    let paths = Splits(
      cleanValid: "\(folder)/valid.h5", cleanTest: "\(folder)/test.h5", backdooredValid: "\(folder)/bd_valid.h5",
      backdooredTest: "\(folder)/bd_test.h5")
    for split in Split.allCases {
      guard let path = paths[split] else { continue }
      let source = split.isBackdoored ? backdoored : clean
      switch split {
      case .cleanValid, .backdooredValid: try write(source, rows: validation, of: Double.self, to: path)
      case .cleanTest, .backdooredTest: try write(source, rows: test, of: Float.self, to: path)
      }
    }
    return paths
  }

  private func write<Element: HDF5Number & BinaryFloatingPoint>(
    _ faces: [FaceDataset], rows: Int, of type: Element.Type, to path: String
  ) throws {
    let (images, labels) = try faces.rows(min(rows, faces[0].count), scale: 1)
    let (size, channels) = (images.shape.count, images.shape.channels)
    let positions = size / channels
    let planes = [Element](unsafeUninitializedCapacity: images.values.count) { planes, count in
      for index in images.values.indices {
        let (image, place) = (index / size, index % size)
        planes[image * size + place % channels * positions + place / channels] = Element(images.values[index])
      }
      count = images.values.count
    }
    let file = try HDF5File(creating: path)
    let (height, width) = (images.shape.dimensions[0], images.shape.dimensions[1])
    let data = try file.root.createDataset("data", shape: [rows, channels, height, width], of: type)
    var done = 0
    while done < rows {
      let first = done % images.count
      let count = min(Self.rowsAtOnce, rows - done, images.count - first)
      try planes[first * size..<(first + count) * size].withUnsafeBufferPointer {
        try data.write(rows: done..<done + count, from: $0)
      }
      done += count
    }
    try file.root.write((0..<rows).map { Float(labels[$0 % labels.count]) }, shape: [rows], to: "label")
    try file.close()
  }
}
