import Files
import HDF5
import NeuralNetwork

/// HDF5 files with an array of images and one of labels: the lab's `data` and `label`, or other names.
struct HDF5Images: ImageFormat {
  func recognises(_ start: FileStart) -> Bool { true }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    let root = try HDF5File(reading: source.images).root
    let keys = try reading.keys(of: source.images, names: root.childNames, has: root.hasLink)
    func array(_ name: String) throws -> StoredArray {
      let dataset = try root.dataset(name)
      return StoredArray(name: name, shape: dataset.shape, numbers: HDF5Numbers(dataset: dataset))
    }
    return StoredImages(images: try array(keys.images), labels: .array(try array(keys.labels)))
  }
}

private struct HDF5Numbers: StoredNumbers {
  let dataset: HDF5Dataset

  var isWhole: Bool {
    switch dataset.elementKind {
    case .signedInteger, .unsignedInteger: true
    default: false
    }
  }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    try dataset.read(rows: rows, into: buffer)
  }

  func doubles() throws -> [Double] { try dataset.read(Double.self) }

  func visit() { dataset.visitChunks() }
}
