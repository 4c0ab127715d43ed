import CHDF5

/// A number type that datasets are read as and written from: `Float`, `Double`, `Int64`, `Int` and `UInt8`.
///
/// No other type may conform: memory is handed to HDF5 on the strength of `hdf5Storage`.
public protocol HDF5Number: BitwiseCopyable, Sendable {
  /// How the type is stored.
  static var hdf5Storage: HDF5Storage { get }
}

/// How numbers are stored in files that are written: little-endian, of these widths.
public enum HDF5Storage: Sendable {
  /// IEEE 754 single precision.
  case float32
  /// IEEE 754 double precision.
  case float64
  /// Two's complement in 64 bits.
  case int64
  /// One byte, 0...255.
  case uint8

  var elementKind: HDF5ElementKind {
    switch self {
    case .float32: .float(bits: 32)
    case .float64: .float(bits: 64)
    case .int64: .signedInteger(bits: 64)
    case .uint8: .unsignedInteger(bits: 8)
    }
  }

  var memoryType: hid_t {
    switch self {
    case .float32: chdf5_native_float()
    case .float64: chdf5_native_double()
    case .int64: chdf5_native_int64()
    case .uint8: chdf5_native_uint8()
    }
  }

  var fileType: hid_t {
    switch self {
    case .float32: chdf5_file_float()
    case .float64: chdf5_file_double()
    case .int64: chdf5_file_int64()
    case .uint8: chdf5_file_uint8()
    }
  }
}

extension Float: HDF5Number {
  /// Single precision.
  public static var hdf5Storage: HDF5Storage { .float32 }
}

extension Double: HDF5Number {
  /// Double precision.
  public static var hdf5Storage: HDF5Storage { .float64 }
}

extension Int64: HDF5Number {
  /// 64 bits.
  public static var hdf5Storage: HDF5Storage { .int64 }
}

#if _pointerBitWidth(_64)
  extension Int: HDF5Number {
    /// 64 bits.
    public static var hdf5Storage: HDF5Storage { .int64 }
  }
#endif

extension UInt8: HDF5Number {
  /// One byte.
  public static var hdf5Storage: HDF5Storage { .uint8 }
}
