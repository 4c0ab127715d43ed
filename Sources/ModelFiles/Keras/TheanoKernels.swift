import HDF5
import NeuralNetwork

/// Kernels as Keras stored them when it ran on Theano, whose convolutions turn them: the attribute `backend` names it.
///
/// Keras turns them by 180 degrees when it loads such a file on another backend, those of plain and transposed convolutions and
/// no others. Source: Keras 2, `hdf5_format.preprocess_weights_for_loading`.
enum TheanoKernels {
  private static let classes: Set<String> = [
    "Conv2D", "Convolution2D", "Conv2DTranspose", "Convolution2DTranspose", "Deconvolution2D",
  ]

  /// Whether a group of weights says that it is of Theano.
  static func areIn(_ group: HDF5Group) throws -> Bool {
    try group.hasAttribute("backend") && group.attribute("backend").string() == "theano"
  }

  /// What whoever asked is told.
  static func note(_ path: String) -> String {
    "\(path): kernels of Theano's backend, which are turned by 180 degrees, as Keras does"
  }

  /// Whether a layer's kernel is stored turned.
  static func turn(_ layer: KerasLayer) -> Bool { classes.contains(layer.className) }

  /// A kernel (height, width, …) turned by 180 degrees.
  static func turned(_ kernel: [Float], shape: [Int]) -> [Float] {
    guard shape.count == 4, shape[0] * shape[1] > 0 else { return kernel }
    let (places, size) = (shape[0] * shape[1], shape[2] * shape[3])
    return (0..<places).reversed().flatMap { kernel[$0 * size..<($0 + 1) * size] }
  }
}

extension KerasWeights {
  /// The same with the kernel turned, where the file has it turned for this layer.
  func turned(_ isTurned: Bool, _ layer: KerasLayer) -> KerasWeights {
    guard isTurned, TheanoKernels.turn(layer), let kernel = self["kernel"] else { return self }
    var weights = self
    weights["kernel"] = KerasWeight(kernel) { TheanoKernels.turned($0, shape: kernel.shape) }
    return weights
  }
}

extension Layer {
  /// Whether the layer came from a class whose kernel is stored turned; depthwise ones are not.
  var isStoredTurned: Bool {
    switch self {
    case .convolution: true
    case .operation(let box):
      (box.operation as? GroupedConvolution)?.isDepthwise == false || box.operation is TransposedConvolution
    default: false
    }
  }
}
