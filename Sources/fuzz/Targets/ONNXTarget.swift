import Files
import Foundation
import ModelFiles
import NeuralNetwork

/// ONNX models: bytes of intact files damaged, or fields changed in messages whose lengths still fit.
struct ONNXTarget: Target {
  let name = "onnx"
  let fileExtension = "onnx"
  let tokens = [
    "Conv", "Gemm", "MatMul", "Reshape", "Transpose", "Slice", "Gather", "Concat", "Expand", "Tile", "Pad", "Resize",
    "ConstantOfShape", "Range", "Split", "Squeeze", "Unsqueeze", "Where", "Shape", "Flatten", "Cast", "If", "axis",
    "axes",
    "perm", "pads", "strides", "group", "kernel_shape", "auto_pad", "SAME_UPPER", "../../etc/passwd", "location",
    "\u{8}\u{1}", "\u{A}\u{0}",
  ]

  private static let folder = "Tests/ModelFilesTests/Fixtures/onnx"

  func seeds() throws -> [[UInt8]] {
    try FileManager.default.contentsOfDirectory(atPath: "\(Repository.folder)/\(Self.folder)").sorted()
      .filter { $0.hasSuffix(".onnx") }.map { try Repository.bytes("\(Self.folder)/\($0)") }
      + (try Repository.corpus("onnx"))
  }

  func input(_ mutator: Mutator, using random: inout SeededGenerator) throws -> [UInt8] {
    guard random.integer(below: 4) > 0 else { return mutator.mutated(using: &random) }
    var fields = WireField.fields(of: random.element(of: mutator.seeds)) ?? []
    repeat { WireField.change(&fields, tokens: mutator.tokens, using: &random) } while random.integer(below: 3) > 0
    return fields.flatMap(\.bytes)
  }

  func read(_ path: String, thorough: Bool) throws { try NetworkUse.read(path) }
}

/// A field of a protocol buffer, as a tree.
private struct WireField {
  enum Value {
    case number(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    case message([WireField])
  }

  var tag: UInt64
  var value: Value

  /// nil for bytes that are no message.
  static func fields(of bytes: [UInt8], depth: Int = 0) -> [WireField]? {
    var fields: [WireField] = []
    var place = 0
    func varint() -> UInt64? {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while place < bytes.count, shift < 64 {
        value |= UInt64(bytes[place] & 0x7F) << shift
        place += 1
        if bytes[place - 1] < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    while place < bytes.count {
      guard let key = varint(), (1...100).contains(key >> 3) else { return nil }
      switch key & 7 {
      case 0:
        guard let number = varint() else { return nil }
        fields.append(WireField(tag: key >> 3, value: .number(number)))
      case 1, 5:
        let count = key & 7 == 1 ? 8 : 4
        guard place + count <= bytes.count else { return nil }
        fields.append(WireField(tag: key >> 3, value: .fixed(Array(bytes[place..<place + count]))))
        place += count
      case 2:
        guard let length = varint(), length <= UInt64(bytes.count - place) else { return nil }
        let part = Array(bytes[place..<place + Int(length)])
        let inner = depth < 12 && !part.isEmpty ? Self.fields(of: part, depth: depth + 1) : nil
        fields.append(WireField(tag: key >> 3, value: inner.map(Value.message) ?? .bytes(part)))
        place += Int(length)
      default: return nil
      }
    }
    return fields
  }

  var bytes: [UInt8] {
    func varint(_ value: UInt64) -> [UInt8] {
      var (value, result): (UInt64, [UInt8]) = (value, [])
      while value >= 0x80 {
        result.append(UInt8(value & 0x7F) | 0x80)
        value >>= 7
      }
      return result + [UInt8(value)]
    }
    func delimited(_ part: [UInt8]) -> [UInt8] { varint(tag << 3 | 2) + varint(UInt64(part.count)) + part }
    return switch value {
    case .number(let number): varint(tag << 3) + varint(number)
    case .fixed(let part): varint(tag << 3 | (part.count == 8 ? 1 : 5)) + part
    case .bytes(let part): delimited(part)
    case .message(let fields): delimited(fields.flatMap(\.bytes))
    }
  }

  private static let numbers: [UInt64] = [
    0, 1, 2, 3, 4, 5, 7, 8, 16, 17, 127, 65_535, 65_536, 1_000_003, 1 << 20, 1 << 31, 1 << 32, 1 << 40, 1 << 62,
    1 << 63,
    .max, .max - 1, .max - 2, .max - 100,
  ]

  /// One change somewhere in the tree.
  static func change(_ fields: inout [WireField], tokens: [[UInt8]], using random: inout SeededGenerator) {
    guard !fields.isEmpty else { return }
    let place = random.integer(below: fields.count)
    if case .message(var inner) = fields[place].value, random.integer(below: 8) > 0 {
      change(&inner, tokens: tokens, using: &random)
      fields[place].value = .message(inner)
      return
    }
    switch random.integer(below: 8) {
    case 0: fields.remove(at: place)
    case 1: fields.insert(fields[place], at: random.integer(below: fields.count + 1))
    case 2: fields.swapAt(place, random.integer(below: fields.count))
    case 3: fields[place].tag = UInt64(1 + random.integer(below: 20))
    default:
      switch fields[place].value {
      case .number(let number):
        fields[place].value = .number(
          random.integer(below: 2) == 0 ? random.element(of: numbers) : number &+ UInt64(random.integer(below: 5)) &- 2)
      case .fixed(let part):
        fields[place].value = .fixed(part.map { _ in random.element(of: [0, 0xFF, 0x7F, 0x80, 0x3F]) })
      case .bytes(var part):
        if random.integer(below: 2) == 0 || part.isEmpty {
          part = random.element(of: tokens)
        } else if random.integer(below: 2) == 0 {
          part.removeLast(min(part.count, 1 + random.integer(below: 4)))
        } else {
          part[random.integer(below: part.count)] = UInt8(random.integer(below: 256))
        }
        fields[place].value = .bytes(part)
      case .message: fields[place].value = .message([])
      }
    }
  }
}
