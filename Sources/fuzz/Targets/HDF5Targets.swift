import Datasets
import Files
import Foundation
import HDF5
import ModelFiles
import NeuralNetwork

/// Keras models: bytes of intact files damaged.
struct ModelTarget: Target {
  let name = "hdf5-model"
  let fileExtension = "h5"
  let tokens = HDF5Words.all

  func seeds() throws -> [[UInt8]] {
    let keras = "Tests/ModelFilesTests/Fixtures"
    return try Repository.corpus("model")
      + ["keras2_sequential", "keras3_functional"].map { try Repository.bytes("\(keras)/\($0).h5") }
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    mutator.mutatedHDF5(using: &random)
  }

  func read(_ path: String, thorough: Bool) throws { try NetworkUse.read(path) }
}

/// Faces: bytes of intact files damaged, and files of our own writer with hostile shapes, labels and pixels.
struct DatasetTarget: Target {
  let name = "hdf5-dataset"
  let fileExtension = "h5"
  let tokens = HDF5Words.all

  func seeds() throws -> [[UInt8]] {
    try Repository.corpus("faces")
      + ["numbers", "strings", "latest", "refused"].map { try Repository.bytes("Tests/HDF5Tests/Fixtures/\($0).h5") }
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 4) == 0 else { return mutator.mutatedHDF5(using: &random) }
    return try TemporaryFile.bytes { path in
      let file = try HDF5File(creating: path)
      try HostileFaces.write(to: file.root, using: &random)
      try file.close()
    }
  }

  func read(_ path: String, thorough: Bool) throws {
    // By their names: listing them is not what faces are read with.
    let root = try HDF5File(reading: path).root
    for name in Self.attributes where try root.hasAttribute(name) {
      try ignoringRefusals { _ = try root.attribute(name).strings() }
    }
    for name in Self.datasets {
      try ignoringRefusals { _ = try root.kind(of: name) }
      try ignoringRefusals {
        let dataset = try root.dataset(name)
        if dataset.shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) < 1 << 20 {
          try ignoringRefusals { _ = try dataset.read(Double.self) }
          try ignoringRefusals { _ = try dataset.read(Int.self) }
          try ignoringRefusals { _ = try dataset.strings() }
        }
      }
    }
    let faces = try FaceDataset(file: path)
    guard faces.imageShape.count < 1 << 22 else { return }
    _ = try faces.images(0..<1, scale: 1)
    _ = try faces.images(faces.count - 1..<faces.count, scale: 1)
  }

  /// What the seeds hold beside faces: every layout, filter, kind of number and of string.
  private static let attributes = ["variable", "variable_list", "space_padded", "utf8", "keras_empty"]
  private static let datasets = [
    "big_endian_int16", "half", "long_double", "uint64", "compact", "null", "sparse", "variable", "fixed", "x", "soft",
    "loop", "huge_sparse", "huge_chunk",
  ]

  private func ignoringRefusals(_ body: () throws -> Void) throws {
    do { try body() } catch let error as HDF5Error where !error.description.contains(where: \.isNewline) {}
  }
}

/// What a program does with a network once it is read.
enum NetworkUse {
  static func read(_ path: String) throws {
    let network = try ModelFile.read(path)
    _ = LayerSummary.layers(of: network)
    // One dark face, where that is not long.
    guard network.shapes.reduce(0, { $0 + $1.count }) < 1 << 16, network.parameterCount < 1 << 18 else { return }
    _ = try ForwardPass(network, threads: 1).logits(of: Tensor(zeros: 1, shape: network.inputShape))
  }
}

enum HDF5Words {
  static let all = [
    "\u{89}HDF", "OHDR", "OCHK", "TREE", "SNOD", "HEAP", "GCOL", "FRHP", "FHDB", "FHIB", "FSHD", "BTHD", "BTLF", "FADB",
    "EAHD", "EAIB", "EADB", "FAHD", "data", "label", "model_config", "layer_names", "weight_names", "kernel:0",
    "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "deflate",
  ]
}

/// A file that is written only to be read back as bytes.
enum TemporaryFile {
  static func bytes(_ write: (_ path: String) throws -> Void) throws -> [UInt8] {
    let folder = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
    let path = "\(folder)/fuzz-input-\(getpid()).h5"
    defer { unlink(path) }
    try write(path)
    return try FileBytes.read(path, limit: 1 << 28)
  }
}

/// Faces that no dataset has.
private enum HostileFaces {
  static func write(to root: HDF5Group, using random: inout SeededGenerator) throws {
    if random.integer(below: 8) == 0 {
      // Chunks that were never written: any number of rows in a few bytes.
      let rows = random.element(of: [1 << 20, 1 << 24, 1 << 27, 1 << 30])
      let gzip = HDF5Gzip(chunkRows: random.element(of: [1 << 10, 1 << 16]))
      _ = try root.createDataset("data", shape: [rows, 1, 1, 1], of: Float.self, gzip: gzip)
      _ = try root.createDataset("label", shape: [rows], of: Double.self, gzip: gzip)
      return
    }
    let rows = random.element(of: [0, 1, 2, 3])
    let sides = (0..<3).map { _ in random.element(of: [0, 1, 3, 5]) }
    var shape = [rows] + sides
    switch random.integer(below: 6) {
    case 0: shape.removeLast()
    case 1: shape.append(1)
    case 2: shape[random.integer(below: 4)] = random.element(of: [1 << 16, 1 << 20, 1 << 31, 1 << 33, 1 << 40])
    default: break
    }
    // Sizes that a file has to have are kept small; what is declared alone may be large.
    let count = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let gzip = random.integer(below: 2) == 0 ? HDF5Gzip(chunkRows: random.element(of: [1, 2])) : nil
    let pixels: [Float] = (0..<8).map { _ in random.element(of: [0, 255, -1, .nan, .infinity, 1e38]) }
    try? ignoringLimits {
      if (0..<1 << 12).contains(count) {
        try root.write((0..<count).map { pixels[$0 % 8] }, shape: shape, to: "data", gzip: gzip)
      } else {
        _ = try root.createDataset("data", shape: shape, of: Float.self, gzip: gzip)
      }
    }
    let labels = random.integer(below: 5) == 0 ? rows + 1 : rows
    let values: [Double] = [0, 1, 2, -1, 0.5, .nan, .infinity, 1e18, 4_294_967_296]
    let unwritten = random.element(of: [0, 1 << 20, 1 << 28, 1 << 30])
    try? ignoringLimits {
      if random.integer(below: 4) == 0, unwritten > 0 {
        _ = try root.createDataset(
          "label", shape: [unwritten], of: Double.self, gzip: HDF5Gzip(chunkRows: min(unwritten, 1 << 16)))
      } else {
        try root.write((0..<labels).map { _ in random.element(of: values) }, shape: [labels], to: "label")
      }
    }
  }

  /// The writer refuses some of these itself.
  private static func ignoringLimits(_ body: () throws -> Void) throws {
    do { try body() } catch is HDF5Error {}
  }
}
