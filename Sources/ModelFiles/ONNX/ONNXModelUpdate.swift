import Files
import Foundation
import NeuralNetwork
import SwiftProtobuf

extension ONNXModelFile: ModelFormat {
  static let endings = ["onnx"]

  /// By its name, or by how it begins: the version of the format, then a field that such a message has.
  static func claims(_ path: String) throws -> Bool {
    if path.lowercased().hasSuffix(".onnx") { return true }
    guard let start = try? FileBytes.start(path, count: 3), start.count == 3 else { return false }
    return start[0] == 0x08 && (1...32).contains(start[1])
      && [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42].contains(start[2])
  }

  static func network(_ path: String, imageShape: [Int]?, outputLayer: String?) throws -> ModelFile.Contents {
    let contents = try contents(path, imageShape: imageShape, outputLayer: outputLayer)
    return ModelFile.Contents(network: contents.network, note: contents.note)
  }

  /// The same graph, with only the weights changed that differ; weights of files beside the model move into it.
  ///
  /// A weight that several nodes share, or that the graph computes, becomes a tensor of its own for the node that changed.
  static func rewrite(_ network: Network, like source: String, now path: String) throws {
    let contents = try original(of: network, source)
    guard contents.network.nodes.map(\.name) == network.nodes.map(\.name) else {
      throw InputError(source, found: "other layers than the network has", expected: "the file that it was read from")
    }
    var update = ONNXUpdate(model: contents.model, reader: ONNXTensorReader(path: source))
    try update.embedExternalData()
    for (index, (old, new)) in zip(contents.network.nodes, network.nodes).enumerated() {
      let before = Dictionary(old.layer.weights.map { ($0.name, $0.values) }) { first, _ in first }
      for array in new.layer.weights {
        guard let values = before[array.name], values.count == array.values.count else {
          throw InputError(
            "\(source): \(new.name)/\(array.name)", found: "no such weights", expected: "some to write to")
        }
        let changed = values.indices.filter { values[$0].bitPattern != array.values[$0].bitPattern }
        guard !changed.isEmpty else { continue }
        guard let binding = contents.bindings[index]?[array.name] else {
          throw InputError(
            "\(source): \(new.name)/\(array.name)", found: "weights that no tensor of the file holds",
            expected: "one to write to")
        }
        try update.write(array.values, at: changed, binding, name: "\(new.name)/\(array.name)")
      }
    }
    let bytes: [UInt8]
    do { bytes = try update.model.serializedBytes(partial: true) } catch {
      throw InputError(source, found: "a model that a protocol buffer cannot hold", expected: "less than 2 GB")
    }
    try FileBytes.write(bytes, now: path)
  }

  /// The file again, with the output that the network ends in.
  private static func original(of network: Network, _ source: String) throws -> Contents {
    let shape = network.inputShape.dimensions
    let first = try contents(source, imageShape: shape)
    if first.network.nodes.map(\.name) == network.nodes.map(\.name) { return first }
    for output in first.model.graph.output.dropFirst() {
      if let other = try? contents(source, imageShape: shape, outputLayer: output.name),
        other.network.nodes.map(\.name) == network.nodes.map(\.name)
      {
        return other
      }
    }
    return first
  }
}

/// A model whose weights change.
struct ONNXUpdate {
  private(set) var model: ONNXModelProto
  let reader: ONNXTensorReader
  /// Tensors of their own, by the node's input that reads them.
  private var copies: [String: Int] = [:]

  init(model: ONNXModelProto, reader: ONNXTensorReader) { (self.model, self.reader) = (model, reader) }

  /// Moves tensors of other files into the model.
  mutating func embedExternalData() throws {
    for index in model.graph.initializer.indices where model.graph.initializer[index].dataLocation == 1 {
      try embed(&model.graph.initializer[index])
    }
    for node in model.graph.node.indices {
      for attribute in model.graph.node[node].attribute.indices
      where model.graph.node[node].attribute[attribute].hasT
        && model.graph.node[node].attribute[attribute].t.dataLocation == 1
      {
        try embed(&model.graph.node[node].attribute[attribute].t)
      }
    }
  }

  private func embed(_ tensor: inout ONNXTensorProto) throws {
    guard let type = ONNXElementType(rawValue: tensor.dataType) else {
      throw InputError(
        "\(reader.path): \(tensor.name)", found: "numbers of type \(ONNXElementType.name(tensor.dataType))",
        expected: "ones that are read")
    }
    let count = try reader.shape(tensor, tensor.name).reduce(1, *)
    tensor.rawData = try reader.external(tensor, name: tensor.name, count: count * type.size)
    tensor.externalData = []
    tensor.clearDataLocation()
  }

  /// Writes some of a layer's numbers.
  /// - Parameters:
  ///   - values: the layer's array.
  ///   - changed: the places in it that differ from the file.
  mutating func write(_ values: [Float], at changed: [Int], _ binding: ONNXBinding, name: String) throws {
    func stored(_ index: Int) -> Float { binding.factor == 1 ? values[index] : values[index] / binding.factor }
    // By place in the array: the place in the node's input.
    let places = Places(binding.extents, order: binding.order)
    guard places.count == values.count else {
      // One number for all units, which now differ.
      guard let node = binding.node else { throw unwritable(name) }
      try setInput(
        node, binding.input, ONNXConstant.real(values.indices.map(stored), shape: [values.count]), binding.type)
      return
    }
    if let view = binding.view {
      let inFile = view.places
      try change(view.tensor, changed.map { (inFile.place(of: places.place(of: $0)), stored($0)) }, name)
      return
    }
    guard let node = binding.node else { throw unwritable(name) }
    var whole = [Float](repeating: 0, count: places.count)
    for index in values.indices { whole[places.place(of: index)] = stored(index) }
    try setInput(node, binding.input, ONNXConstant.real(whole, shape: binding.shape), binding.type)
  }

  private func unwritable(_ name: String) -> InputError {
    InputError(
      "\(reader.path): \(name)", found: "weights inside a branch or a function of the graph",
      expected: "weights of the graph itself")
  }

  private mutating func change(_ place: ONNXTensorPlace, _ numbers: [(Int, Float)], _ name: String) throws {
    switch place {
    case .initializer(let index): try Self.change(&model.graph.initializer[index], numbers, reader, name)
    case .node(let index):
      guard let attribute = model.graph.node[index].attribute.firstIndex(where: { $0.hasT }) else {
        throw unwritable(name)
      }
      try Self.change(&model.graph.node[index].attribute[attribute].t, numbers, reader, name)
    }
  }

  /// Numbers that do not change keep their bytes.
  private static func change(
    _ tensor: inout ONNXTensorProto, _ numbers: [(Int, Float)], _ reader: ONNXTensorReader, _ name: String
  ) throws {
    guard let type = ONNXElementType(rawValue: tensor.dataType), type.isReal else {
      throw InputError("\(reader.path): \(name)", found: "weights that are no real numbers", expected: "real ones")
    }
    if tensor.hasRawData {
      var bytes = tensor.rawData
      tensor.rawData = Data()
      for (place, value) in numbers {
        let number = type.bytes(of: value)
        bytes.replaceSubrange(
          bytes.startIndex + place * number.count..<bytes.startIndex + (place + 1) * number.count, with: number)
      }
      tensor.rawData = bytes
      return
    }
    for (place, value) in numbers {
      switch type {
      case .float: tensor.floatData[place] = value
      case .double: tensor.doubleData[place] = Double(value)
      default: tensor.int32Data[place] = Int32(type.bits(of: value))
      }
    }
  }

  /// Lets a node read a tensor of its own.
  private mutating func setInput(_ node: Int, _ input: Int, _ constant: ONNXConstant, _ type: ONNXElementType) throws {
    var tensor = ONNXTensorProto()
    tensor.dims = constant.shape.map(Int64.init)
    tensor.dataType = type.rawValue
    tensor.rawData = Data(constant.reals.flatMap { type.bytes(of: $0) })
    if let known = copies["\(node):\(input)"] {
      tensor.name = model.graph.initializer[known].name
      model.graph.initializer[known] = tensor
      return
    }
    let names = Set(
      model.graph.initializer.map(\.name) + model.graph.input.map(\.name) + model.graph.node.flatMap(\.output))
    tensor.name = model.graph.node[node].input[input] + "_repaired"
    while names.contains(tensor.name) { tensor.name += "_" }
    copies["\(node):\(input)"] = model.graph.initializer.count
    model.graph.node[node].input[input] = tensor.name
    model.graph.initializer.append(tensor)
  }
}

extension ONNXElementType {
  /// A real number's bits in this type of 16 bits.
  fileprivate func bits(of value: Float) -> UInt16 {
    self == .float16 ? Float16(value).bitPattern : UInt16(truncatingIfNeeded: Self.bfloat16Bits(value))
  }

  /// A real number's bytes, the lowest first.
  fileprivate func bytes(of value: Float) -> [UInt8] {
    switch self {
    case .float: withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    case .double: withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { Array($0) }
    default: withUnsafeBytes(of: bits(of: value).littleEndian) { Array($0) }
    }
  }
}
