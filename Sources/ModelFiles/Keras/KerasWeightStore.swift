import Files
import HDF5

/// The arrays of a Keras file, layer by layer.
protocol KerasWeightStore {
  /// The arrays of a layer in the file's order, under the names that they have there; none where the file has no such
  /// layer.
  func arrays(of layer: KerasLayer) throws -> [(name: String, weight: KerasWeight)]
}

/// Keras 2's form, and Keras 3's of whole `.h5` models: `layer_names` of the group, and `weight_names` of each layer's own.
struct NamedWeightStore: KerasWeightStore {
  private let group: HDF5Group
  private let layerNames: Set<String>

  /// nil where the group is not of this form.
  init?(_ group: HDF5Group, location: String) throws {
    guard let names = try Self.names("layer_names", of: group) else { return nil }
    self.group = group
    layerNames = Set(names)
  }

  func arrays(of layer: KerasLayer) throws -> [(name: String, weight: KerasWeight)] {
    guard let outer = layer.place.names.first, layerNames.contains(outer) else { return [] }
    let stored = try group.group(outer)
    // `sequential/conv_1/kernel:0` in Keras 2, without the `:0` in Keras 3.
    let parts = try (Self.names("weight_names", of: stored) ?? []).map { path in
      (path, path.split(separator: "/").map { String($0.split(separator: ":").first ?? "") })
    }
    // A model inside has the arrays of all its layers; each bears the names of those around it, or the layer's alone.
    let inner = Array(layer.place.names.dropFirst())
    var own = parts
    if !inner.isEmpty {
      let whole = parts.filter { $0.1.dropLast().suffix(inner.count).elementsEqual(inner) }
      own = whole.isEmpty ? parts.filter { $0.1.dropLast().last == inner.last } : whole
    }
    return try own.map { path, names in (names.last ?? path, KerasWeight(try stored.dataset(path))) }
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

/// Keras 3's form of weights alone (`.weights.h5`): `layers/CLASS_N/vars/0`, `1` …, CLASS in snake case and N counted from
/// the second layer of a class on. Newer versions keep the layer's own name as the attribute `name` of `vars`.
///
/// tf.keras 2.12 and 2.13 call the outer group `_layer_checkpoint_dependencies`.
struct VariableStore: KerasWeightStore {
  private let layers: HDF5Group
  /// The groups of layers by the name of the layer, where the file has those names.
  private var groups: [String: String] = [:]

  /// nil where the file is not of this form.
  init?(_ root: HDF5Group) throws {
    guard let outer = try ["layers", "_layer_checkpoint_dependencies"].first(where: root.hasLink) else { return nil }
    layers = try root.group(outer)
    for name in try layers.childNames() where try layers.hasLink("\(name)/vars") {
      let variables = try layers.group("\(name)/vars")
      if try variables.hasAttribute("name") { groups[try variables.attribute("name").string()] = name }
    }
  }

  func arrays(of layer: KerasLayer) throws -> [(name: String, weight: KerasWeight)] {
    guard let group = try group(of: layer), try layers.hasLink("\(group)/vars") else { return [] }
    let variables = try layers.group("\(group)/vars")
    var arrays: [(name: String, weight: KerasWeight)] = []
    while try variables.hasLink("\(arrays.count)") {
      arrays.append(("\(arrays.count)", KerasWeight(try variables.dataset("\(arrays.count)"))))
    }
    return arrays
  }

  /// A layer's group: of a whole model by its class and number, of weights alone by its name.
  private func group(of layer: KerasLayer) throws -> String? {
    guard !layer.place.groups.isEmpty else {
      return groups.isEmpty ? DeepID.variableGroups[layer.name] : groups[layer.name]
    }
    return layer.place.groups.joined(separator: "/layers/")
  }
}

extension DeepID {
  /// Where a file without layers' names has the arrays: layers of a class are counted in the order of the model.
  fileprivate static let variableGroups = [
    "conv_1": "conv2d", "conv_2": "conv2d_1", "conv_3": "conv2d_2", "conv_4": "conv2d_3", "fc_1": "dense",
    "fc_2": "dense_1", classifier: "dense_2",
  ]

  /// How many identities a file of DeepID weights tells apart: the last extent of output/kernel.
  static func classes(in store: any KerasWeightStore, location: String) throws -> Int {
    let output = KerasLayer(className: "Dense", name: classifier, settings: .object([:]), inputs: [])
    guard let shape = try output.named(store.arrays(of: output))["kernel"]?.shape, shape.count == 2, shape[1] > 0 else {
      throw InputError(
        location, found: "no output/kernel of two axes",
        expected: "a DeepID network's, since the file has no model_config")
    }
    return shape[1]
  }
}

extension KerasLayer {
  /// The arrays of this layer by the names that Keras gives them now.
  ///
  /// Keras assigns a file's arrays by their order, whatever they are called there: so does this, where there are as many
  /// as the layer has. Otherwise names tell which one is missing.
  func named(_ arrays: [(name: String, weight: KerasWeight)]) -> KerasWeights {
    let names = arrayNames
    let own = names?.count == arrays.count ? names ?? [] : arrays.map(\.name)
    return KerasWeights(zip(own, arrays.map(\.weight))) { $1 }
  }

  /// In Keras' order; nil for a class whose arrays have to be named.
  private var arrayNames: [String]? {
    func has(_ key: String) -> Bool { settings[key]?.bool ?? true }
    let bias = has("use_bias") && has("bias") ? ["bias"] : []
    switch className {
    case "Conv2D", "Convolution2D", "Dense", "DepthwiseConv2D", "Conv2DTranspose", "Convolution2DTranspose",
      "Deconvolution2D":
      return ["kernel"] + bias
    case "SeparableConv2D", "SeparableConvolution2D": return ["depthwise_kernel", "pointwise_kernel"] + bias
    case "LayerNormalization", "GroupNormalization":
      return (has("scale") ? ["gamma"] : []) + (has("center") ? ["beta"] : [])
    case "LayerScale": return ["gamma"]
    case "RMSNormalization": return ["scale"]
    case "PReLU": return ["alpha"]
    case "Normalization": return ["mean", "variance", "count"]
    case "BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization":
      return (has("scale") ? ["gamma"] : []) + (has("center") ? ["beta"] : []) + ["moving_mean", "moving_variance"]
    default: return nil
    }
  }
}
