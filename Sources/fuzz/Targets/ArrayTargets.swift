import Archives
import Datasets
import Files
import Foundation
import NeuralNetwork

/// Reads an input as images, and as labels, beside a seed as the other; it is read if it is either.
private enum PairedUse {
  static func read(_ path: String, images: [UInt8], labels: [UInt8], ending: String) throws {
    let (intactImages, intactLabels) = ("\(path).images\(ending)", "\(path).labels\(ending)")
    for (file, bytes) in [(intactImages, images), (intactLabels, labels)] where access(file, F_OK) != 0 {
      try Worker.write(bytes, to: file)
    }
    do {
      try use("\(path),\(intactLabels)")
    } catch is any AboutInput {
      return try use("\(intactImages),\(path)")
    }
    do { try use("\(intactImages),\(path)") } catch is any AboutInput {}
  }

  static func use(_ files: String) throws {
    let images = try FaceDataset(file: files)
    guard images.imageShape.count < 1 << 22 else { return }
    _ = try images.images(0..<1, scale: 1)
    _ = try images.images(images.count - 1..<images.count, scale: 1)
  }
}

/// NumPy arrays, as images and as labels.
struct NumPyTarget: Target {
  let name = "npy"
  let fileExtension = "npy"
  let tokens = [
    "'descr': '<f4'", "'|b1'", "'>i8'", "'|O'", "[('a', '<i4')]", "'fortran_order': True", "'shape': ()",
    "(2, 3, 4, 3, )", "(3L,)", "(18446744073709551616,)", "(0, 1, 1)", "\u{93}NUMPY", "\n",
  ]

  func seeds() throws -> [[UInt8]] {
    [
      Self.array("|u1", [3, 4, 5, 1], 1), Self.array("<i8", [3], 8), Self.array("<f4", [3, 2, 2, 1], 4),
      Self.array("|b1", [3, 2], 1),
    ]
  }

  func read(_ path: String, thorough: Bool) throws {
    let seeds = try seeds()
    try PairedUse.read(path, images: seeds[0], labels: seeds[1], ending: ".npy")
  }

  /// Zeros as `numpy.save` writes them.
  static func array(_ type: String, _ shape: [Int], _ bytes: Int) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + [UInt8](repeating: 0, count: shape.reduce(bytes, *))
  }
}

/// NumPy archives: zip files with arrays inside, stored and deflated.
struct ArchiveTarget: Target {
  let name = "npz"
  let fileExtension = "npz"
  let tokens = [
    "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "x.npy", "y.npy", "data.npy",
  ]

  func seeds() throws -> [[UInt8]] {
    let entries = [
      ("x.npy", NumPyTarget.array("|u1", [3, 4, 5, 1], 1)), ("y.npy", NumPyTarget.array("<i8", [3], 8)),
    ]
    return [try ZipArchive.archive(of: entries, name: "seed")] + (try Repository.corpus("npz"))
  }

  func read(_ path: String, thorough: Bool) throws { try PairedUse.use(path) }
}

/// IDX files, plain and in gzip, as images and as labels.
struct IDXTarget: Target {
  let name = "idx"
  let fileExtension = "idx"
  let tokens = ["\u{0}\u{0}\u{8}\u{3}", "\u{0}\u{0}\u{0D}\u{4}", "\u{1F}\u{8B}\u{8}", "\u{0}\u{0}\u{0}\u{1}"]

  func seeds() throws -> [[UInt8]] {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2] + [UInt8](0..<12)
    return [images, [0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2]] + (try Repository.corpus("idx"))
  }

  func read(_ path: String, thorough: Bool) throws {
    let seeds = try seeds()
    try PairedUse.read(path, images: seeds[0], labels: seeds[1], ending: ".idx")
  }
}
