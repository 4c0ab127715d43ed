/// A zlib stream (RFC 1950) of literals and of matches at one fixed distance, in deflate's fixed codes (RFC 1951, 3.2.6).
struct RunDeflate {
  /// How far back a match looks, 1...4 bytes: those have distance codes 0...3 without extra bits.
  private let distance: Int
  private var bytes: [UInt8] = [0x78, 0x01]
  private var bits: UInt64 = 0
  private var bitCount: UInt64 = 0
  private var adler = (low: 1, high: 0)

  init(distance: Int) {
    self.distance = distance
    put(1, 1)  // the last block
    put(1, 2)  // fixed codes
  }

  mutating func literal(_ byte: UInt8) {
    count(byte)
    emit(byte)
  }

  /// Bytes with repetitions at the fixed distance inside of `data`.
  mutating func runs(in data: [UInt8]) {
    for byte in data { count(byte) }
    var at = 0
    while at < data.count {
      var length = 0
      if at >= distance {
        while at + length < data.count, length < 258, data[at + length] == data[at + length - distance] { length += 1 }
      }
      if length < 3 {
        emit(data[at])
        at += 1
      } else {
        match(length)
        at += length
      }
    }
  }

  /// `total` bytes of 0, as `runs` would write them.
  mutating func zeros(_ total: Int) {
    adler.high = (adler.high + total * adler.low) % 65521
    let literals = min(total, distance)
    for _ in 0..<literals { emit(0) }
    var left = total - literals
    while left >= 3 {
      match(min(left, 258))
      left -= min(left, 258)
    }
    for _ in 0..<left { emit(0) }
  }

  mutating func finish() -> [UInt8] {
    put(0, 7)  // end of block
    if bitCount > 0 { put(0, 8 - bitCount % 8) }
    flush()
    return bytes + bigEndian(UInt32(adler.high << 16 | adler.low))
  }

  private mutating func count(_ byte: UInt8) {
    adler.low = (adler.low + Int(byte)) % 65521
    adler.high = (adler.high + adler.low) % 65521
  }

  private mutating func emit(_ byte: UInt8) {
    let value = UInt64(byte)
    if byte < 144 { putReversed(0x30 + value, 8) } else { putReversed(0x190 + value - 144, 9) }
  }

  /// A match of 3...258 bytes.
  private mutating func match(_ length: Int) {
    if length == 258 {
      putReversed(0xC5, 8)  // symbol 285
    } else {
      // Symbols 257...264 are lengths 3...10; then every four symbols take one more extra bit.
      let offset = UInt64(length - 3)
      let extraBits = offset < 8 ? 0 : UInt64(61 - offset.leadingZeroBitCount)
      let symbol = 257 + 4 * extraBits + (offset >> extraBits)
      if symbol < 280 { putReversed(symbol - 256, 7) } else { putReversed(0xC0 + symbol - 280, 8) }
      put(offset & ((1 << extraBits) - 1), extraBits)
    }
    putReversed(UInt64(distance - 1), 5)
  }

  /// Huffman codes go in most significant bit first, all else least significant first.
  private mutating func putReversed(_ code: UInt64, _ count: UInt64) {
    var reversed: UInt64 = 0
    for bit in 0..<count { reversed |= ((code >> bit) & 1) << (count - 1 - bit) }
    put(reversed, count)
  }

  private mutating func put(_ value: UInt64, _ count: UInt64) {
    bits |= value << bitCount
    bitCount += count
    if bitCount >= 32 { flush() }
  }

  private mutating func flush() {
    while bitCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: bits))
      bits >>= 8
      bitCount -= 8
    }
  }
}
