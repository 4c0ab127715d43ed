import Plotting

/// Reads back what the encoder writes: 8-bit RGB, rows without filter. Inflates by RFC 1951, checks no checksums but Adler's.
enum PNGDecoder {
  static func raster(_ png: [UInt8]) -> Raster? {
    func number(_ at: Int) -> Int { png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    var (at, data) = (8, [UInt8]())
    while at + 8 <= png.count {
      let length = number(at)
      if Array(png[at + 4..<at + 8]) == Array("IDAT".utf8) { data += png[at + 8..<at + 8 + length] }
      at += 12 + length
    }
    let (width, height) = (number(16), number(20))
    var inflate = Inflate(bytes: data)
    guard let rows = inflate.run(), rows.count == height * (1 + 3 * width) else { return nil }
    let stride = 1 + 3 * width
    var pixels: [UInt8] = []
    for row in 0..<height { pixels += rows[(row * stride + 1)..<((row + 1) * stride)] }
    return try? Raster(width: width, height: height, pixels: pixels)
  }
}

/// A plain decoder of zlib streams.
private struct Inflate {
  let bytes: [UInt8]
  var bit = 16
  var output: [UInt8] = []

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func run() -> [UInt8]? {
    var isLast = false
    while !isLast {
      isLast = take(1) == 1
      switch take(2) {
      case 0: stored()
      case 1:
        let literals = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
        block(Codes(literals), Codes([Int](repeating: 5, count: 30)))
      case 2: dynamic()
      default: return nil
      }
    }
    var (low, high) = (1, 0)
    for byte in output {
      low = (low + Int(byte)) % 65521
      high = (high + low) % 65521
    }
    let stored = bytes.suffix(4).reduce(0) { $0 << 8 | Int($1) }
    return stored == high << 16 | low ? output : nil
  }

  /// Codes by their bits: length and value to symbol.
  struct Codes {
    var symbols: [Int: Int] = [:]

    init(_ lengths: [Int]) {
      var code = 0
      for length in 1...15 {
        for (symbol, its) in lengths.enumerated() where its == length {
          symbols[length << 16 | code] = symbol
          code += 1
        }
        code <<= 1
      }
    }
  }

  mutating func take(_ count: Int) -> Int {
    var value = 0
    for place in 0..<count where bit >> 3 < bytes.count {
      value |= Int(bytes[bit >> 3] >> UInt8(bit & 7) & 1) << place
      bit += 1
    }
    return value
  }

  mutating func symbol(_ codes: Codes) -> Int {
    var code = 0
    for length in 1...15 {
      code = code << 1 | take(1)
      if let symbol = codes.symbols[length << 16 | code] { return symbol }
    }
    return 256
  }

  mutating func stored() {
    bit = (bit + 7) / 8 * 8
    let length = take(16)
    _ = take(16)
    for _ in 0..<length { output.append(UInt8(take(8))) }
  }

  mutating func dynamic() {
    let (literals, distances, count) = (take(5) + 257, take(5) + 1, take(4) + 4)
    var lengths = [Int](repeating: 0, count: 19)
    for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(count) {
      lengths[place] = take(3)
    }
    let codes = Codes(lengths)
    lengths = []
    while lengths.count < literals + distances {
      switch symbol(codes) {
      case 16: lengths += [Int](repeating: lengths.last ?? 0, count: 3 + take(2))
      case 17: lengths += [Int](repeating: 0, count: 3 + take(3))
      case 18: lengths += [Int](repeating: 0, count: 11 + take(7))
      case let length: lengths.append(length)
      }
    }
    block(Codes(Array(lengths[..<literals])), Codes(Array(lengths[literals...])))
  }

  mutating func block(_ literals: Codes, _ distances: Codes) {
    while true {
      let symbol = symbol(literals)
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        return
      } else {
        let length = extended(symbol - 257, per: 4, base: 3, limit: symbol == 285)
        let distance = extended(self.symbol(distances), per: 2, base: 1, limit: false)
        guard distance <= output.count else { return }
        for _ in 0..<length { output.append(output[output.count - distance]) }
      }
    }
  }

  /// Lengths and distances: `per` symbols for each number of extra bits. The last length, 258, has none.
  mutating func extended(_ symbol: Int, per: Int, base: Int, limit: Bool) -> Int {
    if limit { return 258 }
    if symbol < 2 * per { return base + symbol }
    let extra = symbol / per - 1
    return base + (per + symbol % per) << extra + take(extra)
  }
}
