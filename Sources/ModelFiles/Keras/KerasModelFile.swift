import Files
import HDF5
import NeuralNetwork

/// Keras' HDF5 model files: whole models by their `model_config`, and files of weights alone.
public enum KerasModelFile {
  /// Reads a network.
  ///
  /// A file without `model_config` holds weights only: it is taken for DeepID (`DeepID`), every shape checked, with as
  /// many identities as its last layer has.
  /// A file that was damaged on purpose may crash libhdf5 itself: see `HDF5File`.
  /// - Throws: `InputError`, `NetworkError` or `HDF5Error`; each names the file and the layer.
  public static func read(_ path: String) throws -> Network {
    let root = try HDF5File(reading: path).root
    let isWhole = try root.hasAttribute("model_config")
    let group = isWhole ? try root.group("model_weights") : root
    let store = try KerasWeightStore(group, location: path)
    let layers =
      isWhole
      ? try KerasConfiguration(parsing: try root.attribute("model_config").string(), location: path).layers
      : DeepID.layers(classes: try store.classes())
    do {
      return try network(layers, location: path) { layer, _ in try store.weights(of: layer.name) }
    } catch let error as NetworkError {
      throw InputError("\(path): \(error.location)", found: error.found, expected: error.expected)
    }
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

/// The weights of a Keras file: `layer_names` of the group, and `weight_names` of each layer's own.
struct KerasWeightStore {
  private let group: HDF5Group
  private let layerNames: Set<String>
  private let location: String

  init(_ group: HDF5Group, location: String) throws {
    self.group = group
    self.location = location
    guard let names = try KerasWeightStore.names("layer_names", of: group) else {
      throw InputError(
        location, found: "no attribute layer_names", expected: "a Keras HDF5 model or weights file (.h5)")
    }
    layerNames = Set(names)
  }

  /// The weights of the layer called `name`, none where the file has no such layer.
  func weights(of name: String) throws -> KerasWeights {
    guard layerNames.contains(name) else { return [:] }
    let layer = try group.group(name)
    var weights: KerasWeights = [:]
    for path in try KerasWeightStore.names("weight_names", of: layer) ?? [] {
      // `sequential/conv_1/kernel:0` in Keras 2, without the `:0` in Keras 3.
      let short = path.split(separator: "/").last.map(String.init) ?? path
      weights[String(short.split(separator: ":").first ?? "")] = KerasWeight(try layer.dataset(path))
    }
    return weights
  }

  /// How many identities a file of DeepID weights tells apart: the last extent of output/kernel.
  func classes() throws -> Int {
    guard let shape = try weights(of: DeepID.classifier)["kernel"]?.shape, shape.count == 2, shape[1] > 0 else {
      throw InputError(
        location, found: "no output/kernel of two axes",
        expected: "a DeepID network's, since the file has no model_config")
    }
    return shape[1]
  }

  /// A list of names; Keras splits one of over 64 KB into `name0`, `name1` ….
  private static func names(_ attribute: String, of group: HDF5Group) throws -> [String]? {
    if try group.hasAttribute(attribute) { return try group.attribute(attribute).strings() }
    var names: [String] = []
    var part = 0
    while try group.hasAttribute("\(attribute)\(part)") {
      names += try group.attribute("\(attribute)\(part)").strings()
      part += 1
    }
    return part == 0 ? nil : names
  }
}
