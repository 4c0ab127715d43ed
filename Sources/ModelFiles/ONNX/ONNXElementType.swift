/// The types of numbers in ONNX tensors that are read. Source: ONNX, TensorProto.DataType.
enum ONNXElementType: Int32 {
  case float = 1
  case uint8, int8, uint16, int16, int32, int64
  case bool = 9
  case float16, double, uint32, uint64
  case bfloat16 = 16

  /// Bytes of one number.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .double, .uint64: 8
    }
  }

  /// Whether its numbers are held as 32-bit floats; others are whole.
  var isReal: Bool { [.float, .float16, .double, .bfloat16].contains(self) }

  /// The name that ONNX gives to type number `code`.
  static func name(_ code: Int32) -> String {
    let names = [
      "UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL", "FLOAT16", "DOUBLE",
      "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16",
    ]
    return names.indices.contains(Int(code)) ? names[Int(code)] : "\(code)"
  }

  /// The nearest number of this type.
  func rounded(_ value: Double) -> Float {
    switch self {
    case .float16: Float(Float16(value))
    case .bfloat16: Float(bitPattern: Self.bfloat16Bits(Float(value)) << 16)
    default: Float(value)
    }
  }

  /// The upper half of the nearest number that has one, ties to the even one.
  static func bfloat16Bits(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return value.isNaN ? bits >> 16 | 64 : (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16
  }
}
