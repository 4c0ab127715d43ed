import Files
import HDF5
import NeuralNetwork

/// Labelled faces: an HDF5 file of the lab's layout, read a few rows at a time, or images in memory.
///
/// The file has `data` (N, C, H, W), any float or unsigned integer type, and `label` (N). Pixels are 0...255 in the
/// lab's files; they are handed out as (N, H, W, C), and what scale a model wants is the model's matter.
public struct FaceDataset: Sendable {
  /// The file, or what the images are called in messages.
  public let name: String
  /// The identity of each image.
  public let labels: [Int]
  /// (H, W, C)
  public let imageShape: Shape
  private let storage: Storage

  private enum Storage: Sendable {
    /// (N, C, H, W)
    case file(HDF5Dataset)
    /// (N, H, W, C), 0...255
    case memory([UInt8])
  }

  /// The images of a dataset in memory, (N, H, W, C), 0...255; none of a file's.
  package var pixels: [UInt8] {
    if case .memory(let pixels) = storage { pixels } else { [] }
  }

  /// N.
  public var count: Int { labels.count }

  /// Opens a file and reads its labels; images are read when they are asked for.
  ///
  /// A file that was damaged on purpose may crash libhdf5 itself: see `HDF5File`.
  /// - Throws: `InputError` or `HDF5Error` where it is not such a file; each names the file and the part of it.
  public init(file path: String) throws {
    let root = try HDF5File(reading: path).root
    let data = try root.dataset("data")
    let label = try root.dataset("label")
    guard data.shape.count == 4 else {
      throw InputError(
        path, found: "data has shape \(tuple(data.shape))", expected: "(images, colours, height, width)")
    }
    guard label.shape.count == 1 || (label.shape.count == 2 && label.shape[1] == 1), label.shape[0] == data.shape[0]
    else {
      throw InputError(
        path, found: "label has shape \(tuple(label.shape))", expected: "(\(data.shape[0])), one a row of data")
    }
    guard data.shape[0] > 0 else {
      throw InputError(path, found: "data has no rows", expected: "at least one image")
    }
    name = path
    guard let shape = try? Shape([data.shape[2], data.shape[3], data.shape[1]]) else {
      throw InputError(
        path, found: "data has shape \(tuple(data.shape))",
        expected: "positive sizes, and at most \(Shape.maximumCount) values an image")
    }
    imageShape = shape
    labels = try FaceDataset.integers(try label.read(Double.self), location: path)
    storage = .file(data)
  }

  /// - Parameters:
  ///   - pixels: (N, H, W, C), 0...255.
  ///   - labels: (N).
  public init(name: String, pixels: [UInt8], labels: [Int], imageShape: Shape) {
    precondition(pixels.count == labels.count * imageShape.count, "pixels are (N, H, W, C)")
    self.name = name
    self.labels = labels
    self.imageShape = imageShape
    storage = .memory(pixels)
  }

  /// The images of some rows, (n, H, W, C), as they are stored times `scale`.
  /// - Throws: `InputError` where a pixel is not finite.
  public func images(_ rows: Range<Int>, scale: Float) throws -> Tensor {
    let size = imageShape.count
    switch storage {
    case .memory(let pixels):
      let values = pixels[rows.lowerBound * size..<rows.upperBound * size].map { Float($0) * scale }
      return Tensor(count: rows.count, shape: imageShape, values: values)
    case .file(let dataset):
      var planes = [Float](repeating: 0, count: rows.count * size)
      try planes.withUnsafeMutableBufferPointer { try dataset.read(rows: rows, into: $0) }
      let images = interleave(planes, count: rows.count, scale: scale)
      if let bad = images.values.firstIndex(where: { !$0.isFinite }) {
        throw InputError(
          name, found: "data has a pixel that is not finite in row \(rows.lowerBound + bad / size)",
          expected: "finite pixels")
      }
      return images
    }
  }

  /// Reads the first and the last image, and looks for every chunk of the file between them: what a file's headers do to
  /// the reader shows here.
  package func visit() throws {
    if case .file(let dataset) = storage { dataset.visitChunks() }
    _ = try images(0..<1, scale: 1)
    _ = try images(count - 1..<count, scale: 1)
  }

  /// - Throws: `InputError` where images or labels do not suit a network.
  public func require(imageShape expected: Shape, classes: Int) throws {
    guard imageShape == expected else {
      let (found, wanted) = (imageShape.dimensions, expected.dimensions)
      throw InputError(
        name, found: "data has shape \(tuple([count, found[2], found[0], found[1]]))",
        expected: "(\(count), \(wanted[2]), \(wanted[0]), \(wanted[1])) for this model")
    }
    if let row = labels.firstIndex(where: { $0 >= classes }) {
      throw InputError(
        name, found: "label is \(labels[row]) in row \(row)", expected: "0...\(classes - 1) for this model")
    }
  }

  /// (n, C, H, W) to (n, H, W, C).
  private func interleave(_ planes: [Float], count: Int, scale: Float) -> Tensor {
    let (channels, positions) = (imageShape.channels, imageShape.positions)
    var images = Tensor(zeros: count, shape: imageShape)
    images.values.withUnsafeMutableBufferPointer { images in
      planes.withUnsafeBufferPointer { planes in
        for image in 0..<count {
          for channel in 0..<channels {
            let plane = (image * channels + channel) * positions
            let first = image * channels * positions + channel
            for position in 0..<positions { images[first + position * channels] = planes[plane + position] * scale }
          }
        }
      }
    }
    return images
  }

  /// Datasets in memory one after the other.
  package init(name: String, joining parts: [FaceDataset], shape: Shape) {
    self.init(
      name: name, pixels: parts.flatMap(\.pixels), labels: parts.flatMap(\.labels), imageShape: shape)
  }

  private static func integers(_ values: [Double], location: String) throws -> [Int] {
    try values.enumerated().map { row, value in
      guard let label = Int(exactly: value), (0..<1 << 31).contains(label) else {
        throw InputError(location, found: "label is \(value) in row \(row)", expected: "whole numbers from 0")
      }
      return label
    }
  }
}
