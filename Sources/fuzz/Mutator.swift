import NeuralNetwork

/// Damages intact inputs.
struct Mutator: Sendable {
  let seeds: [[UInt8]]
  let tokens: [[UInt8]]

  /// Numbers at which sizes overflow, wrap around or vanish.
  private static let numbers: [UInt64] = [
    0, 1, 2, 7, 8, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 1 << 20, 1 << 28, 0x7FFF_FFFF,
    0x8000_0000, 0xFFFF_FFFF, 1 << 32, 1 << 40, .max >> 1, 1 << 63, .max - 7, .max,
  ]

  private static let numerals = [
    "0", "-1", "1", "2", "255", "65536", "1048575", "1048576", "2147483647", "2147483648", "4294967296",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616", "1e308", "1e309",
    "-0.0", "1e-320", "0.1", "1.5", "nan", "inf", "-inf", "1e5000", "0x10", "00", "",
  ].map { Array($0.utf8) }

  /// A seed after one to a few changes.
  func mutated(using random: inout SeededGenerator) -> [UInt8] {
    var bytes = random.element(of: seeds)
    repeat { change(&bytes, using: &random) } while random.integer(below: 3) > 0
    return bytes
  }

  private func change(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
    guard !bytes.isEmpty else {
      bytes = random.element(of: tokens)
      return
    }
    let place = random.integer(below: bytes.count)
    switch random.integer(below: 13) {
    case 0: bytes[place] ^= 1 << UInt8(random.integer(below: 8))
    case 1: bytes[place] = random.element(of: [0, 0xFF, 0x7F, 0x80, 0x20, 0x0A])
    case 2: bytes[place] = UInt8(random.integer(below: 256))
    case 3, 4: setNumber(&bytes, at: place, using: &random)
    case 5: bytes.removeSubrange(range(from: place, in: bytes, using: &random))
    case 6: bytes.insert(contentsOf: bytes[range(from: place, in: bytes, using: &random)], at: place)
    case 7:
      // A few bytes many times: depth and length.
      let unit = Array(bytes[place..<min(bytes.count, place + 1 + random.integer(below: 4))])
      let count = random.element(of: [2, 16, 300, 3000])
      bytes.insert(contentsOf: (0..<count).flatMap { _ in unit }, at: place)
    case 8: bytes.removeSubrange(place...)
    case 9:
      let other = random.element(of: seeds)
      guard !other.isEmpty else { return }
      let part = other[range(from: random.integer(below: other.count), in: other, using: &random)]
      bytes.replaceSubrange(place..<min(bytes.count, place + part.count), with: part)
    case 10: replaceNumeral(&bytes, near: place, using: &random)
    case 11:
      let token = random.element(of: tokens)
      bytes.replaceSubrange(place..<min(bytes.count, place + token.count), with: token)
    default: bytes.insert(contentsOf: random.element(of: tokens), at: place)
    }
  }

  /// A field of 1 to 8 bytes, in either order: another number, or its own a little larger or smaller.
  private func setNumber(_ bytes: inout [UInt8], at place: Int, using random: inout SeededGenerator) {
    let width = min(1 << random.integer(below: 4), bytes.count - place)
    let isLittle = random.integer(below: 2) == 0
    let places = isLittle ? Array(place..<place + width) : (place..<place + width).reversed()
    var number = places.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
    switch random.integer(below: 3) {
    case 0: number = number &+ UInt64(random.integer(below: 16)) &- 8
    case 1: number = number << UInt64(random.integer(below: 9))
    default: number = random.element(of: Mutator.numbers)
    }
    for (index, place) in places.enumerated() { bytes[place] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
  }

  /// The next number written in digits.
  private func replaceNumeral(_ bytes: inout [UInt8], near place: Int, using random: inout SeededGenerator) {
    func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    bytes.replaceSubrange(start..<end, with: random.element(of: Mutator.numerals))
  }

  private func range(from place: Int, in bytes: [UInt8], using random: inout SeededGenerator) -> Range<Int> {
    let length = 1 + random.integer(below: random.element(of: [4, 32, 1024]))
    return place..<min(bytes.count, place + length)
  }
}

extension SeededGenerator {
  mutating func element<Element>(of elements: [Element]) -> Element { elements[integer(below: elements.count)] }
}
