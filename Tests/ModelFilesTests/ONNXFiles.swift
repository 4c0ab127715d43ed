import Foundation
import ModelFiles
import TestSupport

/// ONNX models made byte by byte, right and wrong ones.
enum ONNXFiles {
  // MARK: Protocol buffers

  static func varint(_ value: UInt64) -> [UInt8] {
    var (value, bytes): (UInt64, [UInt8]) = (value, [])
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  static func integer(_ field: UInt64, _ value: Int) -> [UInt8] {
    varint(field << 3) + varint(UInt64(bitPattern: Int64(value)))
  }

  static func bytes(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
  }

  static func text(_ field: UInt64, _ text: String) -> [UInt8] { bytes(field, Array(text.utf8)) }

  // MARK: ONNX

  enum Attribute {
    case int(Int)
    case ints([Int])
    case float(Float)
    case text(String)
    case tensor([UInt8])
  }

  static func raw(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }

  /// A tensor of floats, or of 64-bit integers.
  static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8] {
    shape.flatMap { integer(1, $0) } + integer(2, 1) + text(8, name) + bytes(9, raw(values))
  }

  static func tensor(_ name: String, integers: [Int]) -> [UInt8] {
    integer(1, integers.count) + integer(2, 7) + text(8, name) + integers.flatMap { integer(7, $0) }
  }

  /// A tensor in a file beside the model.
  static func external(_ name: String, _ shape: [Int], _ entries: [String: String]) -> [UInt8] {
    shape.flatMap { integer(1, $0) } + integer(2, 1) + text(8, name)
      + entries.sorted { $0.key < $1.key }.flatMap { bytes(13, text(1, $0.key) + text(2, $0.value)) } + integer(14, 1)
  }

  static func node(
    _ type: String, _ inputs: [String], _ outputs: [String] = ["y"], name: String? = nil,
    _ attributes: KeyValuePairs<String, Attribute> = [:]
  ) -> [UInt8] {
    inputs.flatMap { text(1, $0) } + outputs.flatMap { text(2, $0) } + text(3, name ?? type.lowercased())
      + text(4, type)
      + attributes.flatMap { key, value -> [UInt8] in
        let content: [UInt8] =
          switch value {
          case .int(let number): integer(3, number)
          case .ints(let numbers): numbers.flatMap { integer(8, $0) }
          case .float(let number): varint(2 << 3 | 5) + raw([number])
          case .text(let word): text(4, word)
          case .tensor(let tensor): bytes(5, tensor)
          }
        return bytes(5, text(1, key) + content)
      }
  }

  static func value(_ name: String, _ shape: [Int?]) -> [UInt8] {
    let sizes = shape.flatMap { bytes(1, $0.map { integer(1, $0) } ?? text(2, "N")) }
    return text(1, name) + bytes(2, bytes(1, integer(1, 1) + bytes(2, sizes)))
  }

  /// A model whose input is x and whose output is y.
  static func model(
    _ nodes: [[UInt8]], _ tensors: [[UInt8]] = [], input: [Int?] = [nil, 3, 4, 4], opset: Int = 17,
    inputs: [[UInt8]]? = nil, outputs: [String] = ["y"]
  ) -> [UInt8] {
    let graph =
      nodes.flatMap { bytes(1, $0) } + text(2, "graph") + tensors.flatMap { bytes(5, $0) }
      + (inputs ?? [value("x", input)]).flatMap { bytes(11, $0) } + outputs.flatMap { bytes(12, value($0, [nil, 2])) }
    return integer(1, 8) + text(2, "test") + bytes(7, graph) + bytes(8, integer(2, opset))
  }

  /// Nodes that make two classes of a value (N, 3, H, W).
  static func classifier(of name: String) -> [[UInt8]] {
    [
      node("GlobalAveragePool", [name], ["g"], name: "pool"), node("Flatten", ["g"], ["f"], name: "flat"),
      node("Gemm", ["f", "w", "b"], ["y"], name: "out"),
    ]
  }

  static let weights = [tensor("w", [3, 2], [1, 2, 3, 4, 5, 6]), tensor("b", [2], [0, 1])]

  /// What reading the model says; the file is called m.onnx.
  static func error(_ model: [UInt8]) throws -> String {
    try withTemporaryFolder { folder in
      let path = "\(folder)/m.onnx"
      try Data(model).write(to: URL(fileURLWithPath: path))
      do {
        _ = try ModelFile.read(path)
        return "no error"
      } catch {
        return "\(error)".replacing(folder + "/", with: "")
      }
    }
  }
}
