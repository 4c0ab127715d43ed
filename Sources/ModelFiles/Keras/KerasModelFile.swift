import Files
import HDF5
import NeuralNetwork

/// Keras' HDF5 model files: whole models by their `model_config`, and files of weights alone.
public enum KerasModelFile {
  /// Reads a network.
  ///
  /// A file without `model_config` holds weights only, as Keras 2 saves them or as Keras 3 does (`.weights.h5`): it is
  /// taken for DeepID (`DeepID`), every shape checked, with as many identities as its last layer has.
  /// A file that was damaged on purpose may crash libhdf5 itself: see `HDF5File`.
  /// - Throws: `InputError`, `NetworkError` or `HDF5Error`; each names the file and the layer.
  public static func read(_ path: String) throws -> Network {
    let root = try HDF5File(reading: path).root
    let isWhole = try root.hasAttribute("model_config")
    let store = try weightStore(isWhole ? try root.group("model_weights") : root, isWhole: isWhole, location: path)
    let layers =
      isWhole
      ? try KerasConfiguration(parsing: try root.attribute("model_config").string(), location: path).layers
      : DeepID.layers(classes: try DeepID.classes(in: store, location: path))
    do {
      return try network(layers, location: path) { layer, _ in layer.named(try store.arrays(of: layer)) }
    } catch let error as NetworkError {
      throw InputError("\(path): \(error.location)", found: error.found, expected: error.expected)
    }
  }

  private static func weightStore(
    _ group: HDF5Group, isWhole: Bool, location: String
  ) throws -> any KerasWeightStore {
    if let store = try NamedWeightStore(group, location: location) { return store }
    if !isWhole, let store = try VariableStore(group) { return store }
    throw InputError(
      location, found: "no attribute layer_names", expected: "a Keras HDF5 model or weights file (.h5)")
  }

  /// The network of these layers.
  /// - Parameter weights: the weights of a layer, given the shape of its first input.
  static func network(
    _ layers: [KerasLayer], location: String, weights: (KerasLayer, Shape?) throws -> KerasWeights
  ) throws -> Network {
    var nodes: [Network.Node] = []
    var shapes: [Shape] = []
    var indices: [String: Int] = [:]
    for layer in layers {
      let inputs = try layer.inputs.map { name in
        guard let index = indices[name] else {
          throw InputError(
            "\(location): \(layer.name)", found: "an input \(name) that is no layer", expected: "a layer's name")
        }
        return index
      }
      guard !inputs.isEmpty || layer.className == "InputLayer" else {
        throw InputError("\(location): \(layer.name)", found: "no input", expected: "the output of a layer")
      }
      let input = inputs.first.map { shapes[$0] }
      let stored = try weights(layer, input)
      let built: Layer
      do {
        built = try layer.layer(
          rank: input?.dimensions.count ?? 0, channels: input?.channels ?? 0, weights: stored, location: location)
        shapes.append(try built.outputShape(inputs.map { shapes[$0] }))
      } catch let error as NetworkError {
        throw NetworkError("\(layer.name)/\(error.location)", found: error.found, expected: error.expected)
      }
      indices[layer.name] = nodes.count
      nodes.append(Network.Node(name: layer.name, layer: built, inputs: inputs))
    }
    return try Network(nodes: nodes)
  }
}
