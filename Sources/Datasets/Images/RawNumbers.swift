import Files
import NeuralNetwork

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Bytes in memory or in a file that is open.
enum ByteSource: Sendable {
  case memory([UInt8])
  case file(OpenFile)

  var count: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file(let file): file.size
    }
  }

  /// Calls `body` with some of the bytes.
  func withBytes<Result>(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    switch self {
    case .memory(let bytes): try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    case .file(let file): try file.read(range).withUnsafeBytes(body)
    }
  }
}

/// A regular file that is read in parts.
final class OpenFile: Sendable {
  let path: String
  /// In bytes, when it was opened.
  let size: Int
  private let descriptor: Int32

  /// - Throws: `InputError` where it cannot be opened or is no regular file.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw InputError(path, found: "cannot be read: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw InputError(path, found: "is not a regular file", expected: "a file")
    }
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// - Throws: `InputError` where the file has become shorter.
  func read(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      while count < range.count {
        let got = pread(descriptor, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else {
          throw InputError(path, found: "ends at byte \(range.lowerBound + count)", expected: "\(size) bytes")
        }
        count += got
      }
    }
  }
}

/// What the numbers of an array are, byte by byte.
struct NumberType: Equatable, Sendable {
  enum Kind: Sendable { case boolean, unsigned, signed, float }

  let kind: Kind
  /// 1, 2, 4 or 8; floats from 2 on.
  let bytes: Int
  var isBigEndian = false

  static let byte = NumberType(kind: .unsigned, bytes: 1)

  /// The number at `place`; integers beyond 2^53 are rounded.
  @inline(__always)
  func value(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Double {
    var bits: UInt64 = 0
    for index in 0..<self.bytes {
      bits |= UInt64(bytes[place + index]) << UInt64(8 * (isBigEndian ? self.bytes - 1 - index : index))
    }
    switch kind {
    case .boolean: return bits == 0 ? 0 : 1
    case .unsigned: return Double(bits)
    case .signed:
      let unused = UInt64(64 - 8 * self.bytes)
      return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
    case .float:
      switch self.bytes {
      case 2: return Double(Self.half(UInt16(truncatingIfNeeded: bits)))
      case 4: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      default: return Double(bitPattern: bits)
      }
    }
  }

  /// IEEE 754's binary16: a sign, 5 bits of exponent, 10 of fraction.
  private static func half(_ bits: UInt16) -> Float {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1F), Float(bits & 0x3FF))
    let magnitude: Float =
      switch exponent {
      case 0: fraction / 16_777_216
      case 31: fraction == 0 ? .infinity : .nan
      default: (1 + fraction / 1024) * Float(sign: .plus, exponent: exponent - 15, significand: 1)
      }
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }
}

/// Numbers that lie in a file as they are, row by row.
struct RawNumbers: StoredNumbers {
  let bytes: ByteSource
  let type: NumberType
  /// Where the first row begins, and how many bytes lie between the beginnings of two.
  let start: Int, stride: Int
  /// Numbers in a row, and rows.
  let rowSize: Int, rowCount: Int

  var isWhole: Bool { type.kind != .float }

  func read(rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount && buffer.count == rows.count * rowSize)
    guard !buffer.isEmpty else { return }
    let end = start + (rows.upperBound - 1) * stride + rowSize * type.bytes
    try bytes.withBytes(start + rows.lowerBound * stride..<end) { bytes in
      for row in 0..<rows.count {
        let (from, to) = (row * stride, row * rowSize)
        if type == .byte {
          for index in 0..<rowSize { buffer[to + index] = Float(bytes[from + index]) }
        } else {
          for index in 0..<rowSize { buffer[to + index] = Float(type.value(bytes, at: from + index * type.bytes)) }
        }
      }
    }
  }

  func doubles() throws -> [Double] {
    guard rowCount > 0, rowSize > 0 else { return [] }
    let end = start + (rowCount - 1) * stride + rowSize * type.bytes
    return try bytes.withBytes(start..<end) { bytes in
      (0..<rowCount).flatMap { row in
        (0..<rowSize).map { type.value(bytes, at: row * stride + $0 * type.bytes) }
      }
    }
  }
}

extension StoredArray {
  /// An array of numbers without gaps, of which a file holds nothing else from `start` on.
  /// - Throws: `InputError` where the file holds fewer bytes, or more.
  init(_ name: String, _ shape: [Int], _ type: NumberType, in bytes: ByteSource, from start: Int, location: String)
    throws
  {
    var size = type.bytes
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else {
        throw InputError(location, found: "declares the shape \(tuple(shape))", expected: "sizes that a file can have")
      }
      size = product
    }
    guard bytes.count - start == size else {
      throw InputError(
        location, found: "has \(bytes.count - start) bytes of numbers",
        expected: "\(size) for the shape \(tuple(shape))")
    }
    let rowSize = shape.dropFirst().reduce(1, *)
    self.init(
      name: name, shape: shape,
      numbers: RawNumbers(
        bytes: bytes, type: type, start: start, stride: rowSize * type.bytes, rowSize: rowSize,
        rowCount: shape.first ?? 1))
  }
}
