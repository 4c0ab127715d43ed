import Files
import NeuralNetwork

/// A folder of PNG or JPEG images for each class, in the order in which Keras and torchvision number them: by name.
///
/// Images are scaled to the size that is wanted, else to that of the first; what is transparent shows white. They are
/// decoded when their rows are read.
struct ClassFolders: ImageFormat {
  func recognises(_ start: FileStart) -> Bool { start.isFolder }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    let folder = source.images
    let names = try Self.names(in: folder).filter { OutputFile.isFolder("\(folder)/\($0)") }
    guard !names.isEmpty else {
      throw InputError(folder, found: "no folders", expected: "a folder of PNG or JPEG images for each class")
    }
    let classes = reading.classes ?? names
    if let odd = names.first(where: { !classes.contains($0) }) {
      throw InputError(
        "\(folder)/\(odd)", found: "no class of --classes", expected: classes.prefix(8).joined(separator: ", "))
    }
    var (paths, labels) = ([String](), [Int]())
    for (label, name) in classes.enumerated() where names.contains(name) {
      let images = try Self.images(in: "\(folder)/\(name)")
      guard !images.isEmpty else {
        throw InputError("\(folder)/\(name)", found: "no images", expected: "files named .png, .jpg or .jpeg")
      }
      paths += images
      labels += [Int](repeating: label, count: images.count)
    }
    let size = try shape ?? Self.shape(of: paths[0])
    guard size.dimensions.count == 3, [1, 3].contains(size.channels) else {
      throw InputError("--model", found: "an input of \(size.channels) colours", expected: "1 or 3, to read images")
    }
    return StoredImages(
      images: StoredArray(
        name: "its images", shape: [paths.count] + size.dimensions, numbers: PictureFiles(paths: paths, shape: size)),
      labels: .numbers(labels), layout: .nhwc)
  }

  /// Every image of every class, in the order of rows.
  static func files(of folder: String) throws -> [String] {
    try names(in: folder).filter { OutputFile.isFolder("\(folder)/\($0)") }.flatMap {
      try images(in: "\(folder)/\($0)")
    }
  }

  private static func shape(of path: String) throws -> Shape {
    let bitmap = try ImageFile(path: path).bitmap
    return try Shape([bitmap.height, bitmap.width, 3])
  }

  /// In byte order, folders inside of it among them, as far down as 16.
  private static func images(in folder: String, depth: Int = 0) throws -> [String] {
    try names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      if OutputFile.isFolder(path) { return depth < 16 ? try images(in: path, depth: depth + 1) : [] }
      let end = name.lowercased()
      return [".png", ".jpg", ".jpeg"].contains { end.hasSuffix($0) } ? [path] : []
    }
  }

  private static func names(in folder: String) throws -> [String] {
    do {
      return try FolderEntries.names(in: folder).filter { !$0.hasPrefix(".") }
    } catch {
      throw InputError(folder, found: "cannot be read", expected: "a folder of images for each class")
    }
  }
}

/// Pictures that are decoded when they are read.
struct PictureFiles: StoredNumbers {
  let paths: [String]
  /// (H, W, 1 or 3)
  let shape: Shape

  var isWhole: Bool { true }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    for (index, path) in paths[rows].enumerated() {
      let pixels = try Self.pixels(of: path, shape)
      for (place, pixel) in pixels.enumerated() { buffer[index * shape.count + place] = Float(pixel) }
    }
  }

  func doubles() throws -> [Double] { [] }

  /// A picture stretched to a size: in colour, or in the grey of ITU-R BT.601 as `Pillow` makes it.
  static func pixels(of path: String, _ shape: Shape) throws -> [UInt8] {
    let (height, width) = (shape.dimensions[0], shape.dimensions[1])
    let colours = try ImageFile(path: path).bitmap.rgbPixels(width: width, height: height).map { UInt8($0.rounded()) }
    guard shape.channels == 1 else { return colours }
    return stride(from: 0, to: colours.count, by: 3).map { place in
      let sum = 19595 * UInt32(colours[place]) + 38470 * UInt32(colours[place + 1]) + 7471 * UInt32(colours[place + 2])
      return UInt8((sum + 0x8000) >> 16)
    }
  }
}
