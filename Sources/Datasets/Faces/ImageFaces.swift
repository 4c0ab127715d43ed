import Files
import NeuralNetwork

extension FaceDataset {
  /// Faces from PNG and JPEG files, scaled to (H, W, C), in colour or grey; what is transparent shows white.
  /// - Parameter label: of all of them.
  /// - Throws: `InputError` that names the file that does not decode.
  public init(images paths: [String], shape: Shape, label: Int = 0) throws {
    guard shape.dimensions.count == 3, [1, 3].contains(shape.channels) else {
      throw InputError("--model", found: "an input of \(shape.channels) colours", expected: "1 or 3, to read images")
    }
    let pixels = try paths.flatMap { try PictureFiles.pixels(of: $0, shape) }
    self.init(
      name: "images", pixels: pixels, labels: [Int](repeating: label, count: paths.count), imageShape: shape)
  }
}
