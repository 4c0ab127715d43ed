import Files
import NeuralNetwork

extension DeepID {
  /// The network with random weights, as `Architecture.deepID` begins a training.
  /// - Throws: `InputError` for images that three poolings leave nothing of.
  package static func initialNetwork(classes: Int, seed: UInt64, imageShape shape: Shape? = nil) throws -> Network {
    try Architecture.deepID.initialNetwork(classes: classes, seed: seed, imageShape: shape ?? Shape(imageShape))
  }
}
