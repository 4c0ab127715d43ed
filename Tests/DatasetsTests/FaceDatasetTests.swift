import Datasets
import HDF5
import NeuralNetwork
import TestSupport
import Testing

@Suite struct FaceDatasetTests {
  /// Three images of 2 colours, 3 rows and 4 columns; each pixel says where it is.
  private func planes<Number: HDF5Number>(_ convert: (Int) -> Number) -> [Number] {
    (0..<3).flatMap { image in
      (0..<2).flatMap { colour in
        (0..<3).flatMap { y in (0..<4).map { x in convert(image * 64 + colour * 32 + y * 8 + x) } }
      }
    }
  }

  private func write<Number: HDF5Number>(
    _ path: String, _ data: [Number], shape: [Int] = [3, 2, 3, 4], labels: [Double] = [0, 2, 1],
    labelShape: [Int]? = nil
  ) throws {
    try writeHDF5(path) { root in
      try root.write(data, shape: shape, to: "data")
      try root.write(labels, shape: labelShape ?? [labels.count], to: "label")
    }
  }

  private func expectPixels(_ faces: FaceDataset) throws {
    #expect(faces.count == 3 && faces.labels == [0, 2, 1])
    #expect(faces.imageShape.dimensions == [3, 4, 2])
    for (rows, scale) in [(0..<3, Float(1)), (1..<2, 0.5), (2..<3, 1), (1..<1, 1)] {
      let images = try faces.images(rows, scale: scale)
      #expect(images.count == rows.count && images.shape == faces.imageShape)
      for (index, value) in images.values.enumerated() {
        let (image, y, x, colour) = (rows.lowerBound + index / 24, index % 24 / 8, index % 8 / 2, index % 2)
        #expect(value == Float(image * 64 + colour * 32 + y * 8 + x) * scale)
      }
    }
  }

  @Test func readsAnyNumberType() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/faces.h5"
      try write(path, planes { Double($0) })
      try expectPixels(FaceDataset(file: path))
      try write(path, planes { Float($0) })
      try expectPixels(FaceDataset(file: path))
      try write(path, planes { UInt8($0) }, labelShape: [3, 1])
      try expectPixels(FaceDataset(file: path))
    }
  }

  @Test func handsOutImagesInMemory() throws {
    let shape = try Shape([3, 4, 2])
    let pixels = (0..<72).map { (index: Int) -> UInt8 in
      let (image, y, x, colour) = (index / 24, index % 24 / 8, index % 8 / 2, index % 2)
      return UInt8(image * 64 + colour * 32 + y * 8 + x)
    }
    try expectPixels(FaceDataset(name: "made", pixels: pixels, labels: [0, 2, 1], imageShape: shape))
  }

  /// In order and once each, whether or not the next ones are read ahead; an error comes when its batch does.
  @Test(arguments: [1, 2]) func handsOutBatches(threads: Int) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/faces.h5"
      var numbers = planes { Double($0) }
      try write(path, numbers)
      let faces = try FaceDataset(file: path)
      for rows in [1, 2, 3, 5] {
        var batches: [Tensor] = []
        try faces.forEachBatch(rows: rows, scale: 0.5, threads: threads) { batches.append($0) }
        #expect(batches.dropLast().allSatisfy { $0.count == rows } && batches.count == (3 + rows - 1) / rows)
        #expect(batches.flatMap(\.values) == (try faces.images(0..<3, scale: 0.5).values))
      }
      numbers[2 * 24] = .nan
      try write("\(folder)/damaged.h5", numbers)
      var counts: [Int] = []
      let text = errorText(in: folder) {
        try FaceDataset(file: "\(folder)/damaged.h5").forEachBatch(rows: 1, scale: 1, threads: threads) {
          counts.append($0.count)
        }
      }
      #expect(counts == [1, 1])
      #expect(text == "damaged.h5: data has a pixel that is not finite in row 2; expected finite pixels")
    }
  }

  @Test func namesWhatDoesNotFit() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      func error() -> String { errorText(in: folder) { try FaceDataset(file: path) } }
      try write(path, [Float](repeating: 0, count: 6), shape: [1, 6], labels: [0])
      #expect(error() == "f.h5: data has shape (1, 6); expected (images, colours, height, width)")
      try write(path, planes { Float($0) }, labels: [0, 1])
      #expect(error() == "f.h5: label has shape (2); expected (3), one a row of data")
      try write(path, planes { Float($0) }, labels: [0, 1, 2, 3, 4, 5], labelShape: [3, 2])
      #expect(
        error()
          == "f.h5: label of shape (3, 2) has not one 1 among zeros in row 1; expected (3), one a row of data, or one-hot rows"
      )
      try write(path, [Float](), shape: [0, 3, 55, 47], labels: [])
      #expect(error() == "f.h5: data has no rows; expected at least one image")
      try write(path, [Float](), shape: [2, 3, 0, 47], labels: [0, 0])
      #expect(
        error() == "f.h5: data has shape (2, 3, 0, 47); expected positive sizes, and at most 268435456 values an image")
      try write(path, planes { Float($0) }, labels: [0, 1.5, 2])
      #expect(error() == "f.h5: label is 1.5 in row 1; expected whole numbers from 0")
      try write(path, planes { Float($0) }, labels: [0, 1, -1])
      #expect(error() == "f.h5: label is -1.0 in row 2; expected whole numbers from 0")
      try write(path, planes { Float($0) }, labels: [.nan, 1, 1])
      #expect(error() == "f.h5: label is nan in row 0; expected whole numbers from 0")
      try write(path, planes { Float($0) }, labels: [0, 1e300, 1])
      #expect(error() == "f.h5: label is 1e+300 in row 1; expected whole numbers from 0")
      try writeHDF5(path) { try $0.write([Float(0)], shape: [1], to: "label") }
      #expect(error().hasPrefix("f.h5: ") && error().contains("data"))
      #expect(errorText(in: folder) { try FaceDataset(file: "\(folder)/none.h5") }.hasPrefix("none.h5: "))
    }
  }

  @Test func namesTheRowOfAPixelThatIsNotFinite() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      for bad in [Double.nan, .infinity, 1e300] {
        var pixels = planes { Double($0) }
        pixels[24 + 7] = bad
        try write(path, pixels)
        let faces = try FaceDataset(file: path)
        let expected = "f.h5: data has a pixel that is not finite in row 1; expected finite pixels"
        #expect(errorText(in: folder) { try faces.images(0..<3, scale: 1) } == expected)
        #expect(errorText(in: folder) { try faces.images(1..<2, scale: 1) } == expected)
        #expect(errorText(in: folder) { try faces.images(2..<3, scale: 1) } == "no error")
      }
    }
  }

  @Test func namesWhatDoesNotSuitAModel() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/f.h5"
      try write(path, planes { Float($0) })
      let faces = try FaceDataset(file: path)
      let own = try Shape([3, 4, 2])
      #expect(errorText(in: folder) { try faces.require(imageShape: own, classes: 3) } == "no error")
      #expect(
        errorText(in: folder) { try faces.require(imageShape: own, classes: 2) }
          == "f.h5: label is 2 in row 1; expected 0...1 for this model")
      #expect(
        errorText(in: folder) { try faces.require(imageShape: Shape([4, 3, 2]), classes: 3) }
          == "f.h5: data has shape (3, 2, 3, 4); expected (3, 2, 4, 3) for this model")
    }
  }
}
