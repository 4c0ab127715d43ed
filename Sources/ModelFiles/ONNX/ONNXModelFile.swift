import Files
import Foundation
import NeuralNetwork
import SwiftProtobuf

/// ONNX files, as PyTorch, tf2onnx and Keras export networks, with weights inside or in files beside them.
public enum ONNXModelFile {
  /// What was read.
  struct Contents {
    let network: Network
    /// Which of several outputs was taken.
    let note: String?
    let model: ONNXModelProto
    /// By node and by the name of its array: where it is in the file.
    let bindings: [Int: [String: ONNXBinding]]
  }

  /// The versions of ONNX' operators that are read.
  static let opsets = 7...26
  /// The most bytes of a file: what a protocol buffer may have.
  static let limit = 1 << 31 - 1

  /// Reads a network.
  /// - Throws: `InputError` that names the file, the node, its operator and what is wrong; all that is wrong at once.
  public static func read(_ path: String) throws -> Network { try contents(path).network }

  static func contents(_ path: String, imageShape: [Int]? = nil, outputLayer: String? = nil) throws -> Contents {
    do {
      let model = try message(path)
      let translation = ONNXTranslation(
        reader: ONNXTensorReader(path: path), functions: model.functions)
      let (network, note) = try translation.network(model, imageShape: imageShape, outputLayer: outputLayer)
      return Contents(network: network, note: note, model: model, bindings: translation.bindings)
    } catch let error as NetworkError {
      throw InputError("\(path): \(error.location)", found: error.found, expected: error.expected)
    }
  }

  static func message(_ path: String) throws -> ONNXModelProto {
    let bytes = try FileBytes.read(path, limit: limit)
    let model: ONNXModelProto
    do {
      try ONNXMessageCount.require(bytes, path)
      var options = BinaryDecodingOptions()
      options.messageDepthLimit = 32
      model = try ONNXModelProto(serializedBytes: bytes, partial: true, options: options)
    } catch is BinaryDecodingError {
      throw InputError(
        path, found: "not an ONNX model, or a truncated one", expected: "a protocol buffer of a ModelProto")
    } catch is SwiftProtobufError {
      throw InputError(
        path, found: "not an ONNX model, or a truncated one", expected: "a protocol buffer of a ModelProto")
    }
    guard model.hasGraph else { throw InputError(path, found: "no graph", expected: "an ONNX model with one") }
    return model
  }
}

extension ONNXTranslation {
  func network(
    _ model: ONNXModelProto, imageShape: [Int]?, outputLayer: String?
  ) throws -> (Network, note: String?) {
    let proto = model.graph
    let path = reader.path
    // Files older than the list of versions have the first one.
    let version = opset(model.opsetImport) ?? 1
    guard ONNXModelFile.opsets.contains(version) else {
      throw InputError(
        path, found: "opset \(version)",
        expected: "\(ONNXModelFile.opsets.lowerBound)...\(ONNXModelFile.opsets.upperBound)")
    }
    guard proto.sparseInitializer.isEmpty else {
      throw InputError(path, found: "sparse initializers", expected: "dense ones")
    }
    var scope = Scope(opset: version)
    scope.uses = Self.uses(proto.node, outputs: proto.output.map(\.name))
    for (index, tensor) in proto.initializer.enumerated() {
      guard scope.tensors.updateValue((tensor, .initializer(index)), forKey: tensor.name) == nil else {
        throw InputError(
          "\(path): \(tensor.name)", found: "a second initializer of this name", expected: "unique names")
      }
    }
    let inputs = proto.input.filter { scope.tensors[$0.name] == nil }
    guard inputs.count == 1 else {
      throw InputError(
        path,
        found:
          "\(inputs.count) inputs\(inputs.isEmpty ? "" : ": ")\(inputs.prefix(8).map(\.name).joined(separator: ", "))",
        expected: "one, of images")
    }
    let (output, note) = try output(proto, outputLayer)
    let needed = Self.needed(proto.node, for: output)
    scope.values[inputs[0].name] = .images(
      try images(inputs[0], readBy: proto.node.filter { $0.input.contains(inputs[0].name) }, imageShape))
    try run(proto.node, needed: needed, &scope)
    try finish()
    guard case .images(let result)? = scope.values[output] else {
      throw InputError("\(path): \(output)", found: "an output that no node computes from the images", expected: "one")
    }
    let (network, other) = try network(result, named: output)
    let notes = [note, other].compactMap { $0 }
    return (network, notes.isEmpty ? nil : notes.joined(separator: "; "))
  }

  private func output(_ graph: ONNXGraphProto, _ wanted: String?) throws -> (String, note: String?) {
    let names = graph.output.map(\.name)
    guard let first = names.first else { throw InputError(reader.path, found: "no outputs", expected: "one or more") }
    if let wanted {
      // The node that makes an output may be named too.
      let made = graph.node.first { $0.name == wanted }?.output.first { names.contains($0) }
      guard let output = names.first(where: { $0 == wanted }) ?? made else {
        throw InputError(
          "\(reader.path): output layer \(wanted)", found: "no such output",
          expected: "one of \(names.joined(separator: ", "))")
      }
      return (output, nil)
    }
    let rest = names.dropFirst().joined(separator: ", ")
    return (
      first,
      names.count == 1 ? nil : "\(reader.path) has \(names.count) outputs; the first, \(first), counts, not \(rest)"
    )
  }

  /// The indices of the nodes that an output depends on.
  private static func needed(_ nodes: [ONNXNodeProto], for output: String) -> Set<Int> {
    var wanted: Set<String> = [output]
    var result: Set<Int> = []
    for (index, node) in nodes.enumerated().reversed() where node.output.contains(where: wanted.contains) {
      result.insert(index)
      wanted.formUnion(Self.uses([node], outputs: []).keys)
    }
    return result
  }

  /// (N, C, H, W), or (N, H, W, C) where the graph turns its images first or colours are the last axis alone.
  private func images(
    _ input: ONNXValueInfoProto, readBy readers: [ONNXNodeProto], _ imageShape: [Int]?
  ) throws -> ONNXImages {
    let place = "\(reader.path): \(input.name)"
    let dimensions = input.type.tensorType.shape.dim
    let sizes = dimensions.map { $0.hasDimValue && $0.dimValue > 0 ? Int($0.dimValue) : nil as Int? }
    let written =
      "(\(zip(dimensions, sizes).map { $1.map(String.init) ?? ($0.dimParam.isEmpty ? "?" : $0.dimParam) }.joined(separator: ", ")))"
    let expected = "(batch, channels, height, width) or (batch, height, width, channels)"
    guard dimensions.count == 4 || dimensions.count == 3, !dimensions.contains(where: { $0.dimValue < 0 }) else {
      throw InputError(place, found: "an input of shape \(written)", expected: expected)
    }
    if let fixed = sizes[0] {
      guard fixed <= 65_536 else { throw InputError(place, found: "a batch of \(fixed)", expected: "1...65536 images") }
      batch = fixed
    }
    func unknown() -> InputError {
      InputError(
        place, found: "an input of shape \(written)",
        expected: ModelFile.expectedSizes)
    }
    if dimensions.count == 3 {
      // Grey images without an axis of colours.
      let known = [sizes[1], sizes[2]]
      let extents = try known.enumerated().map { index, size in
        guard let size = size ?? imageShape?[index] else { throw unknown() }
        return size
      }
      let node = try graph.add(.input(try Shape(extents + [1])), [], name: graph.unused(input.name))
      let flat = try graph.add(Reshaping(extents).layer, [node], name: graph.unused("\(input.name)/map"))
      return ONNXImages(node: flat, axes: [ONNXImages.batch, 0, 1])
    }
    let colours: [Int?] = [1, 3, 4]
    let isTurnedFirst =
      !readers.isEmpty && readers.allSatisfy { $0.opType == "Transpose" && $0.attribute.first?.ints == [0, 3, 1, 2] }
    // What reads maps of ONNX' own order tells that they have it.
    let isFirst = readers.contains { Self.readersOfMaps.contains($0.opType) }
    let isLast =
      isTurnedFirst || !isFirst && sizes[1] != nil && colours.contains(sizes[3]) && !colours.contains(sizes[1])
    let order = isLast ? [1, 2, 3] : [2, 3, 1]
    let extents = try order.enumerated().map { position, axis in
      guard let size = sizes[axis] ?? imageShape?[position] else { throw unknown() }
      return size
    }
    let node = try graph.add(.input(try Shape(extents)), [], name: graph.unused(input.name))
    return isLast ? ONNXImages(node: node, axes: [ONNXImages.batch, 0, 1, 2]) : .map(node)
  }

  private static let readersOfMaps: Set<String> = [
    "AveragePool", "BatchNormalization", "Conv", "ConvTranspose", "DepthToSpace", "GlobalAveragePool", "GlobalLpPool",
    "GlobalMaxPool", "GroupNormalization", "InstanceNormalization", "LRN", "LpPool", "MaxPool", "SpaceToDepth",
  ]

  /// The whole network; an output of maps counts as one number after the other, which a note tells.
  private func network(_ output: ONNXImages, named name: String) throws -> (Network, note: String?) {
    var node = ONNXNodeProto()
    node.name = name
    node.opType = "Output"
    let place = ONNXNode(proto: node, place: nil, name: name, location: reader.path, opset: 0, inputs: [])
    guard output.axes.first == ONNXImages.batch, output.rank > 1 else {
      throw InputError(
        "\(reader.path): \(name)", found: "an output of shape \(describe(output))",
        expected: "(batch, classes)")
    }
    var result = try plain(numbers(output, place), for: place)
    let extents = graph.shapes[result.node].dimensions
    let isMap = extents.count { $0 > 1 } > 1
    if isMap { result = result.with(node: try emit(.flatten, [result.node], place, suffix: "/flat")) }
    var nodes = graph.nodes
    // The output is the last node, whatever came after it.
    if result.node != nodes.count - 1 {
      nodes.append(
        Network.Node(name: graph.unused("\(name)/output"), layer: .dropout(rate: 0), inputs: [result.node]))
    }
    let note =
      isMap
      ? "\(reader.path): the output \(name) of shape \(describe(output)) counts as \(extents.reduce(1, *)) classes"
      : nil
    return (try Network(nodes: nodes), note)
  }
}
