import Files
import NeuralNetwork

/// Labelled images, faces or others: in files of any format that is read, a few rows at a time, or in memory.
///
/// In the lab's files pixels are 0...255; they are handed out as (N, H, W, C), and what scale a model wants is the model's
/// matter.
public struct FaceDataset: Sendable {
  /// The files as they were given, or what the images are called in messages.
  public let name: String
  /// The class of each image, in a dataset of faces the identity.
  public let labels: [Int]
  /// (H, W, C)
  public let imageShape: Shape
  private let storage: Storage

  private enum Storage: Sendable {
    /// Numbers in the order of `Axes`; the first row is that of the first image.
    case stored(any StoredNumbers, Axes, first: Int)
    /// (N, H, W, C), 0...255
    case memory([UInt8])
  }

  /// How an array of images is laid out in a file.
  private struct Axes: Sendable {
    /// What messages call the array.
    var name = "data"
    var layout = ImageLayout.nchw
    /// Whether it has no axis of colours.
    var isGrey = false

    /// The array's shape for images of (H, W, C).
    func shape(_ count: Int, _ image: [Int]) -> String {
      let (height, width, colours) = (image[0], image[1], image[2])
      if isGrey, colours == 1 { return tuple([count, height, width]) }
      return tuple(layout == .nchw ? [count, colours, height, width] : [count, height, width, colours])
    }
  }

  /// The images of a dataset in memory, (N, H, W, C), 0...255; none of a file's.
  package var pixels: [UInt8] {
    if case .memory(let pixels) = storage { pixels } else { [] }
  }

  /// N.
  public var count: Int { labels.count }

  /// Opens images and reads their labels; pixels are read on first use.
  ///
  /// A file that was damaged on purpose may crash libhdf5 itself: see `HDF5File`.
  /// - Parameters:
  ///   - text: files as `ImageSource` takes them.
  ///   - reading: what the files do not tell.
  ///   - shape: (H, W, C) of the network that the images are for, which tells the order of axes and the size to which
  ///     pictures are scaled; nil for what the files have.
  /// - Throws: `InputError` or `HDF5Error` where it is not such a file; each names the file and the part of it.
  public init(file text: String, _ reading: ImageReading = ImageReading(), shape expected: Shape? = nil) throws {
    let source = try ImageSource(text)
    let stored = try ImageFormats.open(source, reading, shape: expected)
    let (images, path) = (stored.images, source.images)
    guard [3, 4].contains(images.shape.count) else {
      throw InputError(
        path, found: "\(images.name) has shape \(tuple(images.shape))", expected: "(images, colours, height, width)")
    }
    let labels =
      switch stored.labels {
      case .numbers(let numbers): numbers
      case .array(let array):
        images.shape[0] > 0 ? try array.labels(of: images, location: source.labels ?? path) : []
      }
    guard images.shape[0] > 0 else {
      throw InputError(path, found: "\(images.name) has no rows", expected: "at least one image")
    }
    let axes = try Self.axes(of: images, stored.layout, reading, expected, path)
    let sizes = images.shape.dropFirst()
    let dimensions =
      axes.isGrey
      ? sizes + [1] : axes.layout == .nhwc ? Array(sizes) : [images.shape[2], images.shape[3], images.shape[1]]
    guard let shape = try? Shape(dimensions) else {
      throw InputError(
        path, found: "\(images.name) has shape \(tuple(images.shape))",
        expected: "positive sizes, and at most \(Shape.maximumCount) values an image")
    }
    let rows = source.rows ?? 0..<labels.count
    guard rows.upperBound <= labels.count else {
      throw InputError(
        text, found: "rows \(rows.lowerBound)-\(rows.upperBound) of \(labels.count)",
        expected: "rows within 0-\(labels.count)")
    }
    name = text
    imageShape = shape
    self.labels = Array(labels[rows])
    storage = .stored(images.numbers, axes, first: rows.lowerBound)
  }

  /// Where the colours are in an array of images: told by the format, the user, the network's size, or the number of them.
  private static func axes(
    of images: StoredArray, _ fixed: ImageLayout?, _ reading: ImageReading, _ expected: Shape?, _ path: String
  ) throws -> Axes {
    var axes = Axes(name: images.name)
    let sizes = Array(images.shape.dropFirst())
    axes.isGrey = sizes.count == 2
    if let layout = fixed ?? reading.layout {
      axes.layout = layout
      return axes
    }
    guard sizes.count == 3 else { return axes }
    let isColours = { [1, 3].contains(sizes[$0]) }
    let (first, last): (Bool, Bool)
    if let wanted = expected?.dimensions, wanted.count == 3 {
      let (nchw, nhwc) = (sizes == [wanted[2], wanted[0], wanted[1]], sizes == wanted)
      // Where neither fits, the more likely one is what a message tells.
      (first, last) = nchw || nhwc ? (nchw, nhwc) : (isColours(0) || !isColours(2), isColours(2) && !isColours(0))
    } else {
      (first, last) = (isColours(0) || !isColours(2), isColours(2))
    }
    // A single pixel is the same in either order.
    guard !(first && last) || sizes == [1, 1, 1] else {
      throw InputError(
        path, found: "\(images.name) has shape \(tuple(images.shape)), whose colours may come first or last",
        expected: "--layout nchw or --layout nhwc")
    }
    axes.layout = last && !first ? .nhwc : .nchw
    return axes
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

  /// Images that are made when they are read.
  /// - Parameter numbers: (N, H, W, C).
  package init(name: String, labels: [Int], imageShape: Shape, numbers: any StoredNumbers) {
    self.name = name
    self.labels = labels
    self.imageShape = imageShape
    storage = .stored(numbers, Axes(layout: .nhwc), first: 0)
  }

  /// Whether pixels are whole numbers by the type in which they are stored.
  package var isWhole: Bool {
    switch storage {
    case .memory: true
    case .stored(let numbers, _, _): numbers.isWhole
    }
  }

  /// The images of some rows, (n, H, W, C), as they are stored times `scale`.
  /// - Throws: `InputError` where a pixel is not finite.
  public func images(_ rows: Range<Int>, scale: Float) throws -> Tensor {
    let size = imageShape.count
    switch storage {
    case .memory(let pixels):
      let values = pixels[rows.lowerBound * size..<rows.upperBound * size].map { Float($0) * scale }
      return Tensor(count: rows.count, shape: imageShape, values: values)
    case .stored(let numbers, let axes, let first):
      var stored = [Float](repeating: 0, count: rows.count * size)
      try stored.withUnsafeMutableBufferPointer {
        try numbers.read(rows: rows.lowerBound + first..<rows.upperBound + first, into: $0)
      }
      let images: Tensor
      if axes.layout == .nchw, !axes.isGrey, imageShape.channels > 1 {
        images = interleave(stored, count: rows.count, scale: scale)
      } else {
        if scale != 1 { for index in stored.indices { stored[index] *= scale } }
        images = Tensor(count: rows.count, shape: imageShape, values: stored)
      }
      if let bad = images.values.firstIndex(where: { !$0.isFinite }) {
        throw InputError(
          name, found: "\(axes.name) has a pixel that is not finite in row \(rows.lowerBound + bad / size)",
          expected: "finite pixels")
      }
      return images
    }
  }

  /// Reads the first and the last image, and looks for every chunk of the file between them: what a file's headers do to
  /// the reader shows here.
  package func visit() throws {
    if case .stored(let numbers, _, _) = storage { numbers.visit() }
    _ = try images(0..<1, scale: 1)
    _ = try images(count - 1..<count, scale: 1)
  }

  /// - Throws: `InputError` where images or labels do not suit a network.
  public func require(imageShape expected: Shape, classes: Int) throws {
    guard imageShape == expected else {
      var axes = Axes()
      if case .stored(_, let own, _) = storage { axes = own }
      let wanted = expected.dimensions.count == 3 ? axes.shape(count, expected.dimensions) : "\(expected)"
      throw InputError(
        name, found: "\(axes.name) has shape \(axes.shape(count, imageShape.dimensions))",
        expected: "\(wanted) for this model")
    }
    if let row = labels.firstIndex(where: { $0 >= classes }) {
      let beginAtOne = labels.min() == 1 && labels.max() == classes ? "; these labels begin at 1" : ""
      throw InputError(
        name, found: "label is \(labels[row]) in row \(row)",
        expected: "0...\(classes - 1) for this model\(beginAtOne)")
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
}
