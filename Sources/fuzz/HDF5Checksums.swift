import NeuralNetwork

/// The checksums of superblocks and object headers in HDF5's newer format (File Format Specification, sections II.B and
/// IV.A.1.b), set to what the damage around them makes of them: so it reaches the parser behind the check.
enum HDF5Checksums {
  static func repaired(_ file: [UInt8]) -> [UInt8] {
    var file = file
    if file.count >= 48, file.starts(with: [0x89, 0x48, 0x44, 0x46]), (2...3).contains(file[8]) {
      set(&file, over: 0..<44)
    }
    let signature = Array("OHDR".utf8)
    var place = 0
    while place + 16 < file.count {
      if file[place] == signature[0], file[place..<place + 4].elementsEqual(signature),
        let end = headerEnd(file, at: place)
      {
        set(&file, over: place..<end)
        place = end
      }
      place += 1
    }
    return file
  }

  /// Where the checksum of an object header's first chunk is.
  private static func headerEnd(_ file: [UInt8], at start: Int) -> Int? {
    let flags = file[start + 5]
    let sizeStart = start + 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let width = 1 << Int(flags & 3)
    guard sizeStart + width + 4 <= file.count else { return nil }
    let size = file[sizeStart..<sizeStart + width].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard size <= UInt64(file.count - sizeStart - width - 4) else { return nil }
    return sizeStart + width + Int(size)
  }

  private static func set(_ file: inout [UInt8], over range: Range<Int>) {
    let sum = lookup3(file[range])
    for index in 0..<4 { file[range.upperBound + index] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * index)) }
  }

  /// Bob Jenkins' lookup3 (public domain, 2006), as HDF5 uses it.
  private static func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    func rotate(_ value: UInt32, _ bits: UInt32) -> UInt32 { value << bits | value >> (32 - bits) }
    var a = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: bytes.count)
    var (b, c) = (a, a)
    var rest = bytes
    func word(_ index: Int) -> UInt32 {
      rest.dropFirst(4 * index).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    while rest.count > 12 {
      (a, b, c) = (a &+ word(0), b &+ word(1), c &+ word(2))
      a = (a &- c) ^ rotate(c, 4)
      c = c &+ b
      b = (b &- a) ^ rotate(a, 6)
      a = a &+ c
      c = (c &- b) ^ rotate(b, 8)
      b = b &+ a
      a = (a &- c) ^ rotate(c, 16)
      c = c &+ b
      b = (b &- a) ^ rotate(a, 19)
      a = a &+ c
      c = (c &- b) ^ rotate(b, 4)
      b = b &+ a
      rest = rest.dropFirst(12)
    }
    guard !rest.isEmpty else { return c }
    (a, b, c) = (a &+ word(0), b &+ word(1), c &+ word(2))
    c = (c ^ b) &- rotate(b, 14)
    a = (a ^ c) &- rotate(c, 11)
    b = (b ^ a) &- rotate(a, 25)
    c = (c ^ b) &- rotate(b, 16)
    a = (a ^ c) &- rotate(c, 4)
    b = (b ^ a) &- rotate(a, 14)
    return (c ^ b) &- rotate(b, 24)
  }
}

extension Mutator {
  /// A damaged HDF5 file, half of the time with checksums that fit.
  func mutatedHDF5(using random: inout SeededGenerator) -> [UInt8] {
    let bytes = mutated(using: &random)
    return random.integer(below: 2) == 0 ? HDF5Checksums.repaired(bytes) : bytes
  }
}
