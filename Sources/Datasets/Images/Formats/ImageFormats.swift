import Files
import NeuralNetwork

/// A format of labelled images: one file in this folder, and one line in `ImageFormats.all`.
protocol ImageFormat: Sendable {
  /// Whether a file or folder is taken for this format, by its first bytes and, where they tell nothing, its name.
  func recognises(_ start: FileStart) -> Bool

  /// Opens images and labels; numbers are read on first use.
  /// - Parameter shape: of the images that are wanted, (H, W, C); nil for what the files have.
  /// - Throws: `InputError` or `HDF5Error` that names the file and the place in it.
  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages
}

/// The formats that are read.
enum ImageFormats {
  /// In the order in which they are tried; the last one takes, and refuses, what no other does.
  static let all: [any ImageFormat] = [
    ClassFolders(), NumPyImages(), IDXImages(), CIFARImages(), Pickles(), HDF5Images(),
  ]

  static func format(of start: FileStart) -> any ImageFormat {
    all.first { $0.recognises(start) } ?? HDF5Images()
  }

  /// - Throws: as the format does.
  static func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    let format = FileStart(source.images).map(format) ?? HDF5Images()
    return try format.open(source, reading, shape: shape)
  }
}

/// What is refused with its reason, instead of as no HDF5 file.
private struct Pickles: ImageFormat {
  func recognises(_ start: FileStart) -> Bool {
    start.bytes.count > 2 && start.bytes[0] == 0x80 && (2...5).contains(start.bytes[1])
  }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    throw InputError(
      source.images, found: "is a Python pickle, which is a program", expected: "arrays, as numpy.savez writes them")
  }
}
