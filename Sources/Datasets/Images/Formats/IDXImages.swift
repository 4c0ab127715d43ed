import Archives
import Files
import NeuralNetwork

/// IDX files, as MNIST and Fashion-MNIST have them: one of images and one of labels, plain or gzip.
///
/// Source: Y. LeCun, C. Cortes & C. Burges, "The MNIST database of handwritten digits", section "file formats".
struct IDXImages: ImageFormat {
  func recognises(_ start: FileStart) -> Bool { start.isIDX }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    guard let labels = source.labels else {
      throw InputError(
        source.images, found: "no labels beside it",
        expected: "them in \(ImageSource.partners(of: source.images).last ?? "another file"), or IMAGES,LABELS")
    }
    return StoredImages(images: try Self.array(source.images), labels: .array(try Self.array(labels)))
  }

  static func array(_ path: String) throws -> StoredArray {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let bytes: ByteSource
    if let start = FileStart(path), start.isGzip {
      bytes = .memory(try GzipFile.bytes(path: path, limit: start.inflationLimit))
    } else {
      bytes = .file(try OpenFile(path))
    }
    let header = try IDXHeader(bytes, location: path)
    return try StoredArray(name, header.shape, header.type, in: bytes, from: 4 + 4 * header.shape.count, location: path)
  }
}

/// The type and the sizes with which an IDX file begins; its numbers are big-endian.
struct IDXHeader {
  let type: NumberType
  let shape: [Int]

  private static func type(_ code: UInt8) -> NumberType? {
    switch code {
    case 0x08: .byte
    case 0x09: NumberType(kind: .signed, bytes: 1)
    case 0x0B: NumberType(kind: .signed, bytes: 2, isBigEndian: true)
    case 0x0C: NumberType(kind: .signed, bytes: 4, isBigEndian: true)
    case 0x0D: NumberType(kind: .float, bytes: 4, isBigEndian: true)
    case 0x0E: NumberType(kind: .float, bytes: 8, isBigEndian: true)
    default: nil
    }
  }

  /// Whether a file that begins so is taken for IDX.
  static func isMagic(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8 && bytes[0] == 0 && bytes[1] == 0 && type(bytes[2]) != nil && (1...4).contains(bytes[3])
  }

  /// - Throws: `InputError` where it begins otherwise.
  init(_ bytes: ByteSource, location: String) throws {
    let start = try bytes.withBytes(0..<min(20, bytes.count)) { Array($0) }
    guard Self.isMagic(start), let type = Self.type(start[2]), start.count >= 4 + 4 * Int(start[3]) else {
      let first = start.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      throw InputError(
        location, found: "no IDX file (first bytes \(first.joined(separator: " ")))",
        expected: "00 00, a type in 08...0E, and 1 to 4 sizes")
    }
    self.type = type
    shape = (0..<Int(start[3])).map { axis in
      start[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
