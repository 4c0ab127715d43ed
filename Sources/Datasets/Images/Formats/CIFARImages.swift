import Files
import NeuralNetwork

/// The binary versions of CIFAR-10 and CIFAR-100: rows of a label (or a coarse and a fine one, of which the fine one is
/// taken) and 32 x 32 pixels in three colours, plane by plane.
///
/// Source: A. Krizhevsky, "The CIFAR-10 dataset", section "binary version".
struct CIFARImages: ImageFormat {
  private static let pixels = 3 * 32 * 32

  func recognises(_ start: FileStart) -> Bool { start.path.hasSuffix(".bin") }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    let file = try OpenFile(source.images)
    let found = try [(labels: 1, classes: 10), (labels: 2, classes: 100)].lazy.compactMap { form in
      try Self.labels(file, form).map { (form.labels, $0) }
    }.first { _ in true }
    guard let (prefix, labels) = found else {
      throw InputError(
        source.images, found: "\(file.size) bytes that are no rows of CIFAR's",
        expected: "3073 for each image of CIFAR-10, 3074 of CIFAR-100, labels first")
    }
    let numbers = RawNumbers(
      bytes: .file(file), type: .byte, start: prefix, stride: prefix + Self.pixels, rowSize: Self.pixels,
      rowCount: labels.count)
    return StoredImages(
      images: StoredArray(name: "its images", shape: [labels.count, 3, 32, 32], numbers: numbers),
      labels: .numbers(labels), layout: .nchw)
  }

  /// nil where the file is not of this form.
  private static func labels(_ file: OpenFile, _ form: (labels: Int, classes: Int)) throws -> [Int]? {
    let row = form.labels + pixels
    guard file.size > 0, file.size % row == 0 else { return nil }
    var labels: [Int] = []
    for start in stride(from: 0, to: file.size, by: row) {
      let label = Int(try file.read(start + form.labels - 1..<start + form.labels)[0])
      guard label < form.classes else { return nil }
      labels.append(label)
    }
    return labels
  }
}
