import Archives
import Datasets
import Foundation
import HDF5
import NeuralNetwork
import TestSupport
import Testing

/// Labelled images in every format that is read.
@Suite struct ImageFormatTests {
  private func write(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// An array as `numpy.save` writes it.
  private func npy(_ type: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False") -> [UInt8] {
    var header =
      "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape.map { "\($0)," }.joined(separator: " "))), }"
    header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + bytes
  }

  private func values(_ images: FaceDataset) throws -> [Float] { try images.images(0..<images.count, scale: 1).values }

  /// By NumPy's `savez_compressed`: images (3, 4, 2, 3) counting from 0, one-hot truth values of 2, 0, 1.
  @Test func numPyArchivesHaveImagesInEitherOrder() throws {
    let path = fixture("../../Corpus/npz-numpy.npz")
    let images = try FaceDataset(file: path)
    #expect(images.labels == [2, 0, 1])
    #expect(images.imageShape.dimensions == [4, 2, 3])
    #expect(try values(images) == (0..<72).map(Float.init))
    var reading = ImageReading()
    reading.layout = .nchw
    let planes = try FaceDataset(file: path, reading)
    #expect(planes.imageShape.dimensions == [2, 3, 4])
    #expect(try planes.images(0..<1, scale: 1).values.prefix(5) == [0, 6, 12, 18, 1])
    #expect(try planes.labels == FaceDataset(file: path, shape: Shape([2, 3, 4])).labels)
  }

  @Test func pairsOfArraysAreFoundByName() throws {
    try withTemporaryFolder { folder in
      // Halves: 0.5, -2, 65504, 2^-24; 1, 3, 0.1, 255.
      let halves: [UInt8] = [0, 0x38, 0, 0xC0, 0xFF, 0x7B, 1, 0, 0, 0x3C, 0, 0x42, 0x66, 0x2E, 0xF8, 0x5B]
      try write(npy("<f2", [2, 2, 2], halves), "\(folder)/x_test.npy")
      try write(npy(">i2", [2, 1], [0, 3, 1, 0x2C]), "\(folder)/y_test.npy")
      let images = try FaceDataset(file: "\(folder)/x_test.npy")
      #expect(images.labels == [3, 300] && images.imageShape.dimensions == [2, 2, 1])
      #expect(try values(images) == [0.5, -2, 65504, 0x1p-24, 1, 3, 0.0999755859375, 255])
      let one = try FaceDataset(file: "\(folder)/x_test.npy:1-2")
      #expect(one.labels == [300] && one.count == 1)
      #expect(try values(one) == [1, 3, 0.0999755859375, 255])
      try write(npy("|b1", [2], [1, 0]), "\(folder)/truth.npy")
      #expect(try FaceDataset(file: "\(folder)/x_test.npy,\(folder)/truth.npy").labels == [1, 0])
      // The digest is that of both files.
      let digest = try ImageSource("\(folder)/x_test.npy").digest()
      try write(npy(">i2", [2, 1], [0, 3, 1, 0x2D]), "\(folder)/y_test.npy")
      #expect(try ImageSource("\(folder)/x_test.npy").digest() != digest)
    }
  }

  /// `numpy.save(file, numpy.asfortranarray(images))`: the first axis is the fastest.
  @Test func fortransOrderIsTurned() throws {
    try withTemporaryFolder { folder in
      let (rows, height, width, colours) = (3, 4, 5, 3)
      var (plain, turned) = ([UInt8](), [UInt8](repeating: 0, count: rows * height * width * colours))
      for row in 0..<rows {
        for y in 0..<height {
          for x in 0..<width {
            for colour in 0..<colours {
              turned[row + rows * (y + height * (x + width * colour))] = UInt8(plain.count)
              plain.append(UInt8(plain.count))
            }
          }
        }
      }
      let labels: [UInt8] = [0, 1, 0, 1, 0, 0, 0, 0, 1]
      try write(npy("|u1", [rows, height, width, colours], turned, order: "True"), "\(folder)/x.npy")
      // One-hot of 1, 0, 2: columns.
      try write(npy("|b1", [3, 3], labels, order: "True"), "\(folder)/y.npy")
      let images = try FaceDataset(file: "\(folder)/x.npy")
      #expect(images.labels == [1, 0, 2] && images.imageShape.dimensions == [4, 5, 3])
      #expect(try values(images) == plain.map(Float.init))
      #expect(try images.images(1..<2, scale: 1).values == plain[60..<120].map(Float.init))
    }
  }

  @Test func whatNumPyArraysAreRefusedFor() throws {
    try withTemporaryFolder { folder in
      func error(_ bytes: [UInt8], labels: [UInt8]? = nil) throws -> String {
        try write(bytes, "\(folder)/x.npy")
        try write(labels ?? npy("|u1", [1], [0]), "\(folder)/y.npy")
        return errorText(in: folder) { try FaceDataset(file: "\(folder)/x.npy") }
      }
      #expect(
        try error(npy("|O", [1, 1, 1], []))
          == "x.npy: Python objects, which are programs; expected numbers or truth values of at most 8 bytes")
      #expect(
        try error(npy("<c8", [1, 1, 1], []))
          == "x.npy: elements of the type <c8; expected numbers or truth values of at most 8 bytes")
      #expect(
        try error(npy("|u1", [1, 2, 2], [0, 0, 0], order: "True"))
          == "x.npy: has 3 bytes of numbers; expected 4 for the shape (1, 2, 2)")
      #expect(
        try error(npy("|u1", [1, 2, 2], [0, 0, 0]))
          == "x.npy: has 3 bytes of numbers; expected 4 for the shape (1, 2, 2)")
      #expect(
        try error(npy("|u1", [1 << 40, 1 << 40, 2], []))
          == "x.npy: declares the shape (1099511627776, 1099511627776, 2); expected sizes that a file can have")
      #expect(
        try error(npy("|u1", [1, 2, 2], [0, 0, 0, 0]), labels: npy("|u1", [1, 2], [1, 1]))
          == "y.npy: y.npy of shape (1, 2) has not one 1 among zeros in row 0; expected (1), one a row of x.npy, or one-hot rows"
      )
      #expect(
        try error(npy("|u1", [1, 4], [0, 0, 0, 0]))
          == "x.npy: x.npy has shape (1, 4); expected (images, colours, height, width)")
      try write(npy("|u1", [1, 2, 2], [0, 0, 0, 0]), "\(folder)/alone.npy")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/alone.npy") }.hasPrefix(
          "alone.npy: no labels beside it; "))
      try write([0x80, 4, 0x95, 0], "\(folder)/data_batch_1")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/data_batch_1") }
          == "data_batch_1: is a Python pickle, which is a program; expected arrays, as numpy.savez writes them")
    }
  }

  @Test func idxFilesPlainAndCompressed() throws {
    let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2] + (0..<12)
    // The same by Python's gzip.
    let zipped = Data(base64Encoded: "H4sIAAAAAAACA2Ng4GBmYGBgAmIIzcjEzMLKxs7BycUNAL4ME94cAAAA") ?? Data()
    try withTemporaryFolder { folder in
      try write([0, 0, 8, 1, 0, 0, 0, 2, 7, 9], "\(folder)/t10k-labels-idx1-ubyte")
      try write([0, 0, 8, 1, 0, 0, 0, 2, 7, 9], "\(folder)/t10k-labels-idx1-ubyte.gz")
      try write(images, "\(folder)/t10k-images-idx3-ubyte")
      try write(Array(zipped), "\(folder)/t10k-images-idx3-ubyte.gz")
      for name in ["t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz"] {
        let dataset = try FaceDataset(file: "\(folder)/\(name)")
        #expect(dataset.labels == [7, 9] && dataset.imageShape.dimensions == [3, 2, 1])
        #expect(try values(dataset) == (0..<12).map(Float.init))
      }
      try write(images.dropLast(), "\(folder)/t10k-images-idx3-ubyte")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/t10k-images-idx3-ubyte") }
          == "t10k-images-idx3-ubyte: has 11 bytes of numbers; expected 12 for the shape (2, 3, 2)")
      try write(Array(zipped.dropLast(9)), "\(folder)/t10k-images-idx3-ubyte.gz")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/t10k-images-idx3-ubyte.gz") }
          .contains("expected a whole, undamaged gzip file"))
    }
  }

  @Test func cifarsBinaryFiles() throws {
    try withTemporaryFolder { folder in
      func row(_ labels: [UInt8], _ first: UInt8) -> [UInt8] { labels + (0..<3072).map { UInt8($0 % 251) &+ first } }
      try write(row([3], 0) + row([9], 5), "\(folder)/test_batch.bin")
      let ten = try FaceDataset(file: "\(folder)/test_batch.bin")
      #expect(ten.labels == [3, 9] && ten.imageShape.dimensions == [32, 32, 3])
      // The first pixel's three colours are 1024 bytes apart.
      #expect(try ten.images(1..<2, scale: 1).values.prefix(3) == [5, Float(1024 % 251 + 5), Float(2048 % 251 + 5)])
      try write(row([3, 99], 0), "\(folder)/train.bin")
      #expect(try FaceDataset(file: "\(folder)/train.bin").labels == [99])
      try write(row([10], 0), "\(folder)/test_batch.bin")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/test_batch.bin") }
          == "test_batch.bin: 3073 bytes that are no rows of CIFAR's; expected 3073 for each image of CIFAR-10, 3074 of CIFAR-100, labels first"
      )
    }
  }

  @Test func foldersAreClassesInByteOrder() throws {
    try withTemporaryFolder { folder in
      let picture = try fileBytes(fixture("grey.png"))
      for (name, files) in [("Zebra", ["1.png", "notes.txt"]), ("ant", ["b.PNG", "a.png"]), ("bee", ["deep/c.png"])] {
        for file in files {
          let path = "\(folder)/set/\(name)/\(file)"
          try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
          try write(picture, path)
        }
      }
      let shape = try Shape([5, 4, 1])
      let images = try FaceDataset(file: "\(folder)/set", shape: shape)
      #expect(images.labels == [0, 1, 1, 2] && images.imageShape == shape)
      #expect(try images.images(0..<1, scale: 1).values == images.images(3..<4, scale: 1).values)
      var reading = ImageReading()
      reading.classes = ["bee", "cat", "ant", "Zebra"]
      #expect(try FaceDataset(file: "\(folder)/set", reading, shape: shape).labels == [0, 2, 2, 3])
      reading.classes = ["bee", "ant"]
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(folder)/set", reading, shape: shape) }
          == "set/Zebra: no class of --classes; expected bee, ant")
      // Two colours of equal grey are that grey, in colour and without.
      let colours = try FaceDataset(file: "\(folder)/set", shape: Shape([5, 4, 3])).images(0..<1, scale: 1).values
      #expect(
        try images.images(0..<1, scale: 1).values == stride(from: 0, to: colours.count, by: 3).map { colours[$0] })
    }
  }

  @Test func hdf5UnderOtherNames() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      func file(_ names: [(String, [Int])]) throws {
        try writeHDF5(path) { root in
          for (name, shape) in names {
            try root.write((0..<shape.reduce(1, *)).map { Float($0) }, shape: shape, to: name)
          }
        }
      }
      for (images, labels) in [("x", "y"), ("images", "labels"), ("X", "y")] {
        try file([(images, [2, 2, 2, 3]), (labels, [2])])
        let dataset = try FaceDataset(file: path)
        #expect(dataset.labels == [0, 1] && dataset.imageShape.dimensions == [2, 2, 3])
      }
      try file([("pictures", [2, 3, 2, 2]), ("classes", [2, 1])])
      #expect(
        errorText(in: folder) { try FaceDataset(file: path) }
          == "f.h5: data does not exist; it has classes, pictures; expected --images-key and --labels-key, or data and label, x and y, or images and labels"
      )
      var reading = ImageReading()
      (reading.imagesKey, reading.labelsKey) = ("pictures", "classes")
      #expect(try FaceDataset(file: path, reading).imageShape.dimensions == [2, 2, 3])
      reading.labelsKey = "names"
      #expect(
        errorText(in: folder) { try FaceDataset(file: path, reading) }
          == "f.h5: names does not exist; it has classes, pictures; expected another --labels-key")
      try file([("x_train", [2, 2, 2]), ("y_train", [2]), ("x_test", [1, 2, 2]), ("y_test", [1])])
      #expect(
        errorText(in: folder) { try FaceDataset(file: path) }
          == "f.h5: several pairs: x_train and y_train, x_test and y_test; expected --images-key and --labels-key")
      reading = ImageReading()
      reading.imagesKey = "x_test"
      #expect(try FaceDataset(file: path, reading).count == 1)
    }
  }

  @Test func anOrderOfAxesThatSizesDoNotTell() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      try writeHDF5(path) { root in
        try root.write((0..<36).map { Float($0) }, shape: [1, 3, 4, 3], to: "data")
        try root.write([Float(0)], shape: [1], to: "label")
      }
      let error =
        "f.h5: data has shape (1, 3, 4, 3), whose colours may come first or last; expected --layout nchw or --layout nhwc"
      #expect(errorText(in: folder) { try FaceDataset(file: path) } == error)
      #expect(try FaceDataset(file: path, shape: Shape([3, 4, 3])).imageShape.dimensions == [3, 4, 3])
      #expect(try FaceDataset(file: path, shape: Shape([4, 3, 3])).imageShape.dimensions == [4, 3, 3])
      var reading = ImageReading()
      reading.layout = .nhwc
      #expect(try FaceDataset(file: path, reading).images(0..<1, scale: 1).values == (0..<36).map { Float($0) })
      #expect(
        errorText(in: folder) {
          try FaceDataset(file: path, reading).require(imageShape: Shape([4, 3, 3]), classes: 1)
        }
          == "f.h5: data has shape (1, 3, 4, 3); expected (1, 4, 3, 3) for this model")
    }
  }

  @Test func rowsOfOneFile() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      try writeHDF5(path) { root in
        try root.write((0..<16).map { Float($0) }, shape: [4, 1, 2, 2], to: "data")
        try root.write([0, 1, 2, 3].map { Float($0) }, shape: [4], to: "label")
      }
      let part = try FaceDataset(file: "\(path):1-3")
      #expect(part.labels == [1, 2] && part.name == "\(path):1-3")
      #expect(try values(part) == (4..<12).map(Float.init))
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(path):2-5") }
          == "f.h5:2-5: rows 2-5 of 4; expected rows within 0-4")
      #expect(
        errorText(in: folder) { try FaceDataset(file: "\(path):2-2") }
          == "f.h5:2-2: no rows 2-2; expected START-END with START below END")
      // A file of such a name is that file.
      try FileManager.default.copyItem(atPath: path, toPath: "\(path):0-2")
      #expect(try FaceDataset(file: "\(path):0-2").count == 4)
    }
  }

  @Test func pixelsArePreparedByColour() throws {
    let shape = try Shape([1, 2, 3])
    let images = FaceDataset(name: "made", pixels: [0, 51, 102, 255, 204, 153], labels: [0], imageShape: shape)
    func prepared(_ preparation: InputPreparation) throws -> [Float] {
      var values: [Float] = []
      try images.forEachBatch(rows: 1, prepared: preparation, threads: 1) { values += $0.values }
      return values
    }
    let found = try prepared(InputPreparation(scale: 1.0 / 255, mean: [0.5, 0.2, 0], std: [0.5, 0.25, 2]))
    // (p / 255 - mean) / std, to rounding in single precision.
    for (value, wanted) in zip(found, [-1, 0, 0.2, 1, 2.4, 0.3]) { #expect(abs(Double(value) - wanted) < 1e-6) }
    #expect(try prepared(InputPreparation(scale: 1, mean: [51])) == [-51, 0, 51, 204, 153, 102])
    #expect(
      errorText { try prepared(InputPreparation(scale: 1, std: [1, 2])) }
        == "--std: 2 numbers; expected 1, or 3, one for each colour")
    #expect(
      errorText { try InputPreparation(scale: 1, std: [0]) }
        == "--std: 0.0; expected positive numbers, one for each colour or one for all")
  }
}
