import CHDF5

/// What the elements of a dataset or attribute are, whatever their byte order.
public enum HDF5ElementKind: Equatable, Sendable, CustomStringConvertible {
  /// Floating point in this many bits.
  case float(bits: Int)
  /// Signed integers in this many bits.
  case signedInteger(bits: Int)
  /// Unsigned integers in this many bits.
  case unsignedInteger(bits: Int)
  /// Two bytes that HDF5 has no meaning for: h5py stores bfloat16 so.
  case bytePairs
  /// Strings, of fixed or variable length.
  case string
  /// Anything else, which is not read; described in a few words.
  case other(String)

  /// For example `64-bit float`.
  public var description: String {
    switch self {
    case .float(let bits): "\(bits)-bit float"
    case .signedInteger(let bits): "\(bits)-bit signed integer"
    case .unsignedInteger(let bits): "\(bits)-bit unsigned integer"
    case .bytePairs: "opaque"
    case .string: "string"
    case .other(let words): words
    }
  }
}

/// A datatype of the file, checked.
struct ElementType {
  let handle: Handle
  let kind: HDF5ElementKind
  /// Whether elements are strings of variable length.
  let isVariable: Bool
  /// Bytes of one element in the file; for strings of variable length those of the reference to it.
  let storedBytes: Int

  /// - Throws: `HDF5Error` where elements are neither numbers nor strings, or a number's layout is impossible.
  init(_ handle: Handle, _ location: String) throws {
    self.handle = handle
    let id = handle.id
    isVariable = try check(H5Tis_variable_str(id), location, "a readable type") > 0
    let byteCount = H5Tget_size(id)
    storedBytes = isVariable ? 16 : byteCount
    guard byteCount > 0 else {
      throw HDF5Error(location: location, found: "elements without a size", expected: "numbers or strings")
    }
    switch H5Tget_class(id) {
    case H5T_INTEGER:
      let isSigned = H5Tget_sign(id) == H5T_SGN_2
      kind = isSigned ? .signedInteger(bits: byteCount * 8) : .unsignedInteger(bits: byteCount * 8)
      guard [1, 2, 4, 8].contains(byteCount), Self.hasPlainOrder(id), Self.fits(id, bits: byteCount * 8) else {
        throw HDF5Error(
          location: location, found: "integers of an unusual layout in \(byteCount) bytes",
          expected: "integers of 1, 2, 4 or 8 bytes")
      }
    case H5T_FLOAT:
      kind = .float(bits: byteCount * 8)
      guard (2...16).contains(byteCount), Self.hasPlainOrder(id), Self.fits(id, bits: byteCount * 8),
        Self.hasFloatFields(id)
      else {
        throw HDF5Error(
          location: location, found: "floats of an unusual layout in \(byteCount) bytes",
          expected: "floats of 2, 4, 8 or 16 bytes")
      }
    case H5T_STRING: kind = .string
    case H5T_OPAQUE where byteCount == 2: kind = .bytePairs
    case H5T_ENUM:
      // Truth values, as h5py stores them; HDF5 converts an enumeration as the integers that it names.
      let base = try ElementType(Handle(H5Tget_super(id), location, "a readable type"), location)
      switch base.kind {
      case .signedInteger, .unsignedInteger: kind = base.kind
      default:
        throw HDF5Error(location: location, found: "an enumeration of \(base.kind)s", expected: "one of integers")
      }
    default:
      kind = .other(Self.words(H5Tget_class(id)))
      throw HDF5Error(location: location, found: "has \(kind) elements", expected: "numbers or strings")
    }
  }

  private static func hasPlainOrder(_ id: hid_t) -> Bool {
    [H5T_ORDER_LE, H5T_ORDER_BE].contains(H5Tget_order(id))
  }

  private static func fits(_ id: hid_t, bits: Int) -> Bool {
    let offset = Int(H5Tget_offset(id))
    let precision = H5Tget_precision(id)
    return offset >= 0 && (1...bits).contains(precision) && offset <= bits - precision
  }

  /// HDF5's conversion trusts these fields.
  private static func hasFloatFields(_ id: hid_t) -> Bool {
    var sign = 0
    var exponent = 0
    var exponentBits = 0
    var mantissa = 0
    var mantissaBits = 0
    guard H5Tget_fields(id, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits) >= 0 else { return false }
    let bits = H5Tget_precision(id)
    return (0..<bits).contains(sign) && (1...16).contains(exponentBits) && (1...bits).contains(mantissaBits)
      && (0...bits - exponentBits).contains(exponent) && (0...bits - mantissaBits).contains(mantissa)
  }

  private static func words(_ type: H5T_class_t) -> String {
    switch type {
    case H5T_BITFIELD: "bit field"
    case H5T_OPAQUE: "opaque"
    case H5T_COMPOUND: "compound"
    case H5T_REFERENCE: "reference"
    case H5T_ENUM: "enumeration"
    case H5T_VLEN: "variable-length sequence"
    case H5T_ARRAY: "array"
    case H5T_TIME: "time"
    default: "unknown"
    }
  }
}
