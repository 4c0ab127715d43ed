import Foundation
import HDF5
import ModelFiles
import TestSupport
import Testing

/// Keras files made by hand.
enum KerasFiles {
  /// An array of a layer: its name there, shape and values.
  typealias Weights = (layer: String, name: String, shape: [Int], values: [Float])

  /// kernel (inputs, units) of ones and a bias of 0, 1 … for a dense layer.
  static func dense(_ layer: String, _ inputs: Int, _ units: Int) -> [Weights] {
    [
      (layer, "kernel", [inputs, units], [Float](repeating: 1, count: inputs * units)),
      (layer, "bias", [units], (0..<units).map(Float.init)),
    ]
  }

  /// A whole model, or weights alone where there is no configuration.
  static func write(
    _ path: String, configuration: String?, _ weights: [Weights], backend: String? = nil
  ) throws {
    try writeHDF5(path) { root in
      if let configuration { try root.writeAttribute("model_config", configuration) }
      let group = configuration == nil ? root : try root.createGroup("model_weights")
      let layers = weights.map(\.layer).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      try group.writeAttribute("layer_names", layers)
      if let backend { try group.writeAttribute("backend", backend) }
      for layer in layers {
        let own = weights.filter { $0.layer == layer }
        let inner = try group.createGroup(layer)
        try inner.writeAttribute("weight_names", own.map { "\(layer)/\($0.name):0" })
        for array in own { try inner.write(array.values, shape: array.shape, to: "\(layer)/\(array.name):0") }
      }
    }
  }

  /// One entry of `layers`.
  /// - Parameter inputs: layers that it reads; nil leaves `inbound_nodes` out, as in a Sequential model.
  static func layer(
    _ className: String, _ name: String, _ settings: String = "", inputs: [String]? = nil, node: Int = 0
  ) -> String {
    let config = #"{"name": "\#(name)"\#(settings.isEmpty ? "" : ", ")\#(settings)}"#
    let tensors = inputs?.map { #"["\#($0)", \#(node), 0, {}]"# }.joined(separator: ", ")
    let inbound = tensors.map { #", "inbound_nodes": [\#($0.isEmpty ? "" : "[\($0)]")]"# } ?? ""
    return #"{"class_name": "\#(className)", "name": "\#(name)", "config": \#(config)\#(inbound)}"#
  }

  static let input = layer("InputLayer", "in", #""batch_input_shape": [null, 4, 4, 1]"#, inputs: [])

  static func functional(_ layers: [String], outputs: String = #"[["out", 0, 0]]"#) -> String {
    #"{"class_name": "Functional", "config": {"layers": [\#(layers.joined(separator: ", "))], "#
      + #""input_layers": [["in", 0, 0]], "output_layers": \#(outputs)}}"#
  }

  /// What reading a model of these layers throws: its whole text behind the file's name.
  static func error(_ configuration: String, _ weights: [Weights] = dense("out", 16, 2)) throws -> String {
    try withTemporaryFolder { folder in
      try write("\(folder)/m.h5", configuration: configuration, weights)
      return errorText(in: folder) { try KerasModelFile.read("\(folder)/m.h5") }
    }
  }
}
