import Datasets
import Files
import NeuralNetwork

extension FaceCollection {
  /// Labelled images in files, all in memory as bytes 0...255.
  ///
  /// Pictures in folders are scaled to the size of the first one for training.
  /// - Throws: `InputError` where the three do not fit each other, or there is one class only.
  init(_ given: BadNetRecipe.GivenImages) throws {
    let reading = given.reading ?? ImageReading()
    let training = try FaceDataset(file: given.training, reading).inMemory()
    let shape = training.imageShape
    guard [1, 3].contains(shape.channels) else {
      throw InputError(
        given.training, found: "images of \(shape.channels) colours",
        expected: "1 or 3 to train on, or another --layout")
    }
    let classes = (training.labels.max() ?? 0) + 1
    guard (2...65_536).contains(classes) else {
      throw InputError(
        given.training, found: "labels up to \(classes - 1)", expected: "at least two classes, and at most 65536")
    }
    func part(_ file: String) throws -> FaceDataset {
      let images = try FaceDataset(file: file, reading, shape: shape)
      try images.require(imageShape: shape, classes: classes)
      return try images.inMemory()
    }
    self.init(
      training: training, validation: try part(given.validation), test: try part(given.test), identities: classes)
  }
}
