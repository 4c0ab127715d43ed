import Archives
import Files
import NeuralNetwork

/// NumPy's `.npz` archives, and pairs of `.npy` files.
///
/// Source: NumPy's "npy format", versions 1 to 3 (numpy.lib.format).
struct NumPyImages: ImageFormat {
  func recognises(_ start: FileStart) -> Bool {
    start.bytes.starts(with: NumPyArray.magic) || start.bytes.starts(with: [0x50, 0x4B])
  }

  func open(_ source: ImageSource, _ reading: ImageReading, shape: Shape?) throws -> StoredImages {
    guard let start = FileStart(source.images), !start.bytes.starts(with: NumPyArray.magic) else {
      guard let labels = source.labels else {
        let example = ImageSource.partners(of: source.images).last ?? "LABELS"
        throw InputError(
          source.images, found: "no labels beside it", expected: "them in \(example), or --…=IMAGES,LABELS")
      }
      return StoredImages(images: try Self.file(source.images), labels: .array(try Self.file(labels)))
    }
    let archive = try ZipArchive(path: source.images)
    let names = archive.entries.map(\.name).filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
    let keys = try reading.keys(of: source.images, names: { names }, has: names.contains)
    func array(_ name: String) throws -> StoredArray {
      let bytes = try archive.bytes(of: "\(name).npy", limit: start.inflationLimit)
      return try NumPyArray.read(.memory(bytes), name: name, location: "\(source.images): \(name).npy")
    }
    return StoredImages(images: try array(keys.images), labels: .array(try array(keys.labels)))
  }

  private static func file(_ path: String) throws -> StoredArray {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return try NumPyArray.read(.file(OpenFile(path)), name: name, location: path)
  }
}

/// One array of NumPy's.
enum NumPyArray {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  private static let longestHeader = 1 << 16

  /// - Throws: `InputError` for what is no such array, or one of other things than numbers.
  static func read(_ bytes: ByteSource, name: String, location: String) throws -> StoredArray {
    func refuse(_ found: String, _ expected: String) -> InputError {
      InputError(location, found: found, expected: expected)
    }
    let start = try bytes.withBytes(0..<min(12, bytes.count)) { Array($0) }
    guard start.count >= 10, start.starts(with: magic) else {
      throw refuse("no NumPy array", "an array as numpy.save writes it")
    }
    let isLong = start[6] > 1
    guard (1...3).contains(start[6]), !isLong || start.count == 12 else {
      throw refuse("version \(start[6]) of NumPy's format", "1, 2 or 3")
    }
    let lengthBytes = start[8..<(isLong ? 12 : 10)]
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    let begin = lengthBytes.endIndex
    guard length <= longestHeader, begin + length <= bytes.count else {
      throw refuse("a header of \(length) bytes", "at most \(min(longestHeader, bytes.count - begin))")
    }
    let header = try bytes.withBytes(begin..<begin + length) { String(decoding: $0, as: UTF8.self) }
    guard let order = header.firstMatch(of: /'fortran_order' *: *(True|False)/)?.1,
      let extents = header.firstMatch(of: /'shape' *: *\(([0-9L, ]*)\)/)?.1,
      let described = header.firstMatch(of: /'descr' *: *('[^']*'|\[|\()/)?.1
    else {
      throw refuse("a header that is no dictionary of descr, fortran_order and shape", "one that numpy.save writes")
    }
    let type = try type(described, refuse)
    let shape = try extents.split(separator: ",").map { $0.filter { $0 != " " && $0 != "L" } }.filter { !$0.isEmpty }
      .map {
        guard let extent = Int($0) else { throw refuse("the shape (\(extents))", "sizes that a file can have") }
        return extent
      }
    let array = try StoredArray(name, shape, type, in: bytes, from: begin + length, location: location)
    // One axis, or none that holds a number, has one order.
    guard order == "True", shape.count > 1, !shape.contains(0) else { return array }
    return StoredArray(
      name: name, shape: shape, numbers: FortranNumbers(bytes, type, shape: shape, from: begin + length))
  }

  private static func type(_ text: Substring, _ refuse: (String, String) -> InputError) throws -> NumberType {
    let expected = "numbers or truth values of at most 8 bytes"
    let word = text.dropFirst().dropLast()
    if word.hasSuffix("O") { throw refuse("Python objects, which are programs", expected) }
    guard let match = word.wholeMatch(of: /([<>|=]?)([?bBiufc])([0-9]*)/) else {
      throw refuse("elements of the type \(text.hasPrefix("'") ? String(word) : "of a structure")", expected)
    }
    let bytes = match.3.isEmpty ? 1 : Int(match.3) ?? 0
    let kind: NumberType.Kind? =
      switch match.2 {
      case "b", "?": bytes == 1 ? (match.2 == "b" && match.3.isEmpty ? .signed : .boolean) : nil
      case "B", "u": .unsigned
      case "i": .signed
      case "f": bytes > 1 ? .float : nil
      default: nil
      }
    guard let kind, [1, 2, 4, 8].contains(bytes) else { throw refuse("elements of the type \(word)", expected) }
    return NumberType(kind: kind, bytes: bytes, isBigEndian: match.1 == ">")
  }
}
