import HDF5

/// The weights of one layer by their short names (`kernel`, `bias`, `gamma` …), not read yet.
typealias KerasWeights = [String: KerasWeight]

/// An array of a file, read on first use, or one in memory.
struct KerasWeight {
  let shape: [Int]
  /// Where it is in its file; nil for one that is in none.
  let path: String?
  let read: () throws -> [Float]

  init(_ dataset: HDF5Dataset) {
    shape = dataset.shape
    path = dataset.path
    read = {
      // The upper half of a float's bits; Keras names the type beside it in `.keras`, and not in `.h5`.
      let isBFloat16 =
        try dataset.elementKind == .bytePairs
        && (!dataset.hasAttribute("dtype") || dataset.attribute("dtype").string() == "bfloat16")
      guard isBFloat16 else { return try dataset.read(Float.self) }
      return try dataset.bytePairs().map { Float(bitPattern: UInt32($0) << 16) }
    }
  }

  /// The same array, changed when it is read.
  init(_ other: KerasWeight, _ change: @escaping ([Float]) -> [Float]) {
    (shape, path) = (other.shape, other.path)
    read = { change(try other.read()) }
  }

  init(shape: [Int], values: [Float]) {
    self.shape = shape
    path = nil
    read = { values }
  }
}
