import Files
import NeuralNetwork

extension FaceDataset {
  /// Faces from PNG and JPEG files, scaled to (H, W, C); what is transparent shows white.
  /// - Parameter label: of all of them.
  /// - Throws: `InputError` that names the file that does not decode.
  public init(images paths: [String], shape: Shape, label: Int = 0) throws {
    guard shape.channels == 3 else {
      throw InputError("--model", found: "an input of \(shape.channels) colours", expected: "3, to read images")
    }
    let (height, width) = (shape.dimensions[0], shape.dimensions[1])
    let pixels = try paths.flatMap { path in
      try ImageFile(path: path).bitmap.rgbPixels(width: width, height: height).map { UInt8($0.rounded()) }
    }
    self.init(
      name: "images", pixels: pixels, labels: [Int](repeating: label, count: paths.count), imageShape: shape)
  }
}
