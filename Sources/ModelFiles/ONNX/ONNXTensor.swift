import Files
import Foundation

/// Reads the numbers of ONNX tensors, those in files beside the model too.
struct ONNXTensorReader {
  /// The model's file.
  let path: String

  /// The most numbers that a tensor may have: a gigabyte of floats.
  static let countLimit = 1 << 28

  /// A tensor's shape, with every extent checked.
  func shape(_ tensor: ONNXTensorProto, _ name: String) throws -> [Int] {
    var count = 1
    let shape = tensor.dims.map { Int($0) }
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, product <= Self.countLimit, shape.count <= 16 else {
        throw error(
          name, "shape (\(shape.prefix(16).map(String.init).joined(separator: ", ")))",
          "extents of 0 or more, and at most \(Self.countLimit) numbers")
      }
      count = product
    }
    return shape
  }

  /// A tensor's numbers.
  /// - Parameter name: as errors call it.
  func constant(_ tensor: ONNXTensorProto, name: String, place: ONNXTensorPlace?) throws -> ONNXConstant {
    guard let type = ONNXElementType(rawValue: tensor.dataType) else {
      throw error(
        name, "numbers of type \(ONNXElementType.name(tensor.dataType))",
        "FLOAT, FLOAT16, BFLOAT16, DOUBLE, integers or BOOL")
    }
    let shape = try shape(tensor, name)
    let count = shape.reduce(1, *)
    let numbers: ONNXConstant.Numbers
    if tensor.dataLocation == 1 || tensor.hasRawData {
      let bytes = tensor.dataLocation == 1 ? try external(tensor, name: name, count: count * type.size) : tensor.rawData
      guard bytes.count == count * type.size else {
        throw error(name, "\(bytes.count) bytes of raw data", "\(count * type.size)")
      }
      numbers = Self.numbers(bytes, type)
    } else {
      numbers = Self.numbers(tensor, type)
      let found = numbers.count
      guard found == count else { throw error(name, "\(found) numbers", "\(count)") }
    }
    let view = place.map { ONNXConstant.View(tensor: $0, extents: shape, order: Array(shape.indices)) }
    return ONNXConstant(type: type, shape: shape, numbers: numbers, view: view)
  }

  private static func numbers(_ bytes: Data, _ type: ONNXElementType) -> ONNXConstant.Numbers {
    bytes.withUnsafeBytes { bytes in
      func all<T, N>(_: T.Type, _ convert: (T) -> N) -> [N] {
        (0..<bytes.count / MemoryLayout<T>.size).map {
          convert(bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self))
        }
      }
      func whole<T: FixedWidthInteger>(_: T.Type) -> ONNXConstant.Numbers {
        .whole(all(T.self) { Int(clamping: T(littleEndian: $0)) })
      }
      return switch type {
      case .float: .real(all(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) })
      case .float16: .real(all(UInt16.self) { Float(Float16(bitPattern: UInt16(littleEndian: $0))) })
      case .bfloat16: .real(all(UInt16.self) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) })
      case .double: .real(all(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) })
      case .uint8, .bool: whole(UInt8.self)
      case .int8: whole(Int8.self)
      case .uint16: whole(UInt16.self)
      case .int16: whole(Int16.self)
      case .int32: whole(Int32.self)
      case .uint32: whole(UInt32.self)
      case .int64: whole(Int64.self)
      case .uint64: whole(UInt64.self)
      }
    }
  }

  /// Those of the fields that a type's numbers lie in where there is no raw data.
  private static func numbers(_ tensor: ONNXTensorProto, _ type: ONNXElementType) -> ONNXConstant.Numbers {
    switch type {
    case .float: .real(tensor.floatData)
    case .double: .real(tensor.doubleData.map { Float($0) })
    case .float16: .real(tensor.int32Data.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
    case .bfloat16: .real(tensor.int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) })
    case .int64: .whole(tensor.int64Data.map { Int($0) })
    case .uint32, .uint64: .whole(tensor.uint64Data.map { Int(clamping: $0) })
    case .uint8, .int8, .uint16, .int16, .int32, .bool: .whole(tensor.int32Data.map { Int($0) })
    }
  }

  // MARK: Files beside the model

  /// The bytes of a tensor that lie in a file beside the model; no path leaves the model's folder.
  func external(_ tensor: ONNXTensorProto, name: String, count: Int) throws -> Data {
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    func number(_ key: String) throws -> Int? {
      guard let text = entries[key] else { return nil }
      guard let number = Int(text), number >= 0 else {
        throw error(name, "\(key) \(text) of its external data", "a whole number")
      }
      return number
    }
    guard let location = entries["location"], !location.isEmpty else {
      throw error(name, "external data without a location", "a file's name")
    }
    let file = try self.file(location, name)
    let offset = try number("offset") ?? 0
    let length = try number("length") ?? count
    guard length == count else { throw error(name, "\(length) bytes of external data", "\(count)") }
    let bytes = try FileBytes.part(of: file, offset: offset, count: count)
    guard bytes.count == count else {
      throw error(name, "\(bytes.count) bytes from byte \(offset) of \(location)", "\(count)")
    }
    return Data(bytes)
  }

  /// Where a file beside the model is, symbolic links followed.
  func file(_ location: String, _ name: String) throws -> String {
    let refusal = error(name, "external data in \(location)", "a file in the model's folder")
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.contains("\0") else { throw refusal }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard let home = realpath(folder, nil) else { throw InputError(path, found: "cannot be read") }
    defer { free(home) }
    guard let place = realpath("\(folder)/\(location)", nil) else {
      throw error(name, "external data in \(location), which is not there", "a file in the model's folder")
    }
    defer { free(place) }
    let root = String(cString: home)
    let file = String(cString: place)
    guard file.hasPrefix(root == "/" ? "/" : root + "/") else { throw refusal }
    return file
  }

  private func error(_ name: String, _ found: String, _ expected: String) -> InputError {
    InputError("\(path): \(name)", found: found, expected: expected)
  }
}

extension ONNXConstant.Numbers {
  var count: Int {
    switch self {
    case .real(let values): values.count
    case .whole(let values): values.count
    }
  }
}
