import Files
import Foundation
import HDF5
import ModelFiles
import NeuralNetwork

/// `model_config`, changed as a tree or as text and put into a file with weights that suit the intact one.
struct ConfigurationTarget: Target {
  let name = "model-config"
  let fileExtension = "json"
  let tokens =
    [
      "null", "true", "[]", "{}", "[[]]", "\"class_name\"", "\"config\"", "\"name\"", "\"inbound_nodes\"", "\"layers\"",
      "\"output_layers\"", "\"Functional\"", "\"Sequential\"", "\\ud800", "\\u0000", "{\"a\":", "[",
    ] + words.map { "\"\($0)\"" }

  private static let words = [
    "InputLayer", "Conv2D", "Dense", "BatchNormalization", "MaxPooling2D", "AveragePooling2D",
    "GlobalAveragePooling2D", "Flatten", "Activation", "ReLU", "Softmax", "Add", "Concatenate", "Dropout", "Rescaling",
    "relu", "same", "valid", "channels_first", "linear", "conv_1", "pool_1", "output", "input",
  ]

  private static let sources =
    ["Tests/Corpus/model-latest.h5"]
    + ["keras2_sequential", "keras2_functional", "keras3_sequential", "keras3_functional"].map {
      "Tests/ModelFilesTests/Fixtures/\($0).h5"
    }

  /// The configurations as their files hold them.
  func seeds() throws -> [[UInt8]] {
    try Self.sources.map { source in
      try Array(HDF5File(reading: "\(Repository.folder)/\(source)").root.attribute("model_config").string().utf8)
    } + Repository.corpus("config")
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 4) > 0 else { return mutator.mutated(using: &random) }
    let seed = random.element(of: mutator.seeds)
    guard var tree = try? JSONValue(parsing: String(decoding: seed, as: UTF8.self), location: "") else { return seed }
    repeat {
      tree = JSONMutation(words: Self.words).mutated(tree, using: &random)
    } while random.integer(below: 3) > 0
    return Array(tree.text.utf8)
  }

  func read(_ path: String, thorough: Bool) throws {
    let text = String(decoding: try FileBytes.read(path, limit: 1 << 26), as: UTF8.self)
    guard !text.utf8.contains(0) else { return _ = try JSONValue(parsing: text, location: path) }
    // The weights whose layers the text names most.
    let weights = try Self.weights.get()
    let best = weights.max { $0.names.count { strstr(text, $0) != nil } < $1.names.count { strstr(text, $0) != nil } }
    let file = "\(path).h5"
    defer { unlink(file) }
    try best?.write(text, to: file)
    try NetworkUse.read(file)
  }

  /// The arrays of a model, read once.
  private struct Weights: Sendable {
    let names: [String]
    let network: Network

    func write(_ configuration: String, to path: String) throws {
      let file = try HDF5File(creating: path)
      try file.root.writeAttribute("model_config", configuration)
      let group = try file.root.createGroup("model_weights")
      try group.writeAttribute("layer_names", names)
      for node in network.nodes {
        let inner = try group.createGroup(node.name)
        try inner.writeAttribute("weight_names", node.layer.weights.map { "\(node.name)/\($0.name):0" })
        for weight in node.layer.weights {
          try inner.write(weight.values, shape: weight.shape, to: "\(node.name)/\(weight.name):0")
        }
      }
      try file.close()
    }
  }

  private static let weights = Result {
    try sources.map { source in
      let network = try KerasModelFile.read("\(Repository.folder)/\(source)")
      return Weights(names: network.nodes.map(\.name), network: network)
    }
  }
}
