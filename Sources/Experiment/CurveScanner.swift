import Datasets
import Foundation

/// Reads the curve of a record, three quarters of its text, without a decoder: 10,000 records would take minutes otherwise.
///
/// It knows the form in which records are written, and answers nil for any other, which a decoder then reads or refuses.
struct CurveScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place: Int

  /// - Returns: the curve, and the record's text with an empty one in its place; nil for another form.
  static func take(from data: Data) -> (curve: [CurvePoint], rest: Data)? {
    guard let key = data.range(of: Data("\n  \"curve\" : [".utf8)) else { return nil }
    let found = data.withUnsafeBytes { raw -> (curve: [CurvePoint], end: Int)? in
      var scanner = CurveScanner(bytes: raw.bindMemory(to: UInt8.self), place: key.upperBound - data.startIndex)
      return scanner.points().map { ($0, scanner.place) }
    }
    guard let found else { return nil }
    var rest = data[..<key.upperBound]
    rest.append(data[(data.startIndex + found.end)...])
    return (found.curve, rest)
  }

  /// Up to the closing bracket, which is not taken.
  private mutating func points() -> [CurvePoint]? {
    var points: [CurvePoint] = []
    while true {
      guard take("{"), let point = point() else { return nil }
      points.append(point)
      if take(",") { continue }
      return peek() == UInt8(ascii: "]") ? points : nil
    }
  }

  private mutating func point() -> CurvePoint? {
    var pruned: Int?
    var channel: Int??
    var rates = Splits<Rate>()
    var splits = 0
    repeat {
      guard let key = key() else { return nil }
      switch key {
      case "channelsPruned":
        guard pruned == nil, let number = number() else { return nil }
        pruned = number
      case "channel":
        guard channel == nil, let value = numberOrNull() else { return nil }
        channel = .some(value)
      default:
        guard let split = Split(rawValue: key), splits & (1 << split.place) == 0, let rate = rateOrNull() else {
          return nil
        }
        splits |= 1 << split.place
        rates[split] = rate
      }
    } while take(",")
    guard take("}"), let pruned, let channel, splits == 0b1111 else { return nil }
    return CurvePoint(channelsPruned: pruned, channel: channel, rates: rates)
  }

  private mutating func rateOrNull() -> Rate?? {
    if takeNull() { return .some(nil) }
    guard take("{") else { return nil }
    var (hits, total) = (Int?.none, Int?.none)
    repeat {
      guard let key = key(), let number = number() else { return nil }
      switch key {
      case "hits" where hits == nil: hits = number
      case "total" where total == nil: total = number
      default: return nil
      }
    } while take(",")
    guard take("}"), let hits, let total else { return nil }
    return Rate(hits: hits, total: total)
  }

  private mutating func numberOrNull() -> Int?? { takeNull() ? .some(nil) : number().map { .some($0) } }

  // MARK: Tokens

  private mutating func peek() -> UInt8? {
    while place < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[place]) { place += 1 }
    return place < bytes.count ? bytes[place] : nil
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: sign) else { return false }
    place += 1
    return true
  }

  private mutating func takeNull() -> Bool {
    guard peek() == UInt8(ascii: "n"), place + 4 <= bytes.count,
      bytes[place + 1] == UInt8(ascii: "u"), bytes[place + 2] == UInt8(ascii: "l"),
      bytes[place + 3] == UInt8(ascii: "l")
    else { return false }
    place += 4
    return true
  }

  /// A name of letters, and the colon behind it.
  private mutating func key() -> String? {
    guard take("\"") else { return nil }
    let start = place
    while place < bytes.count, (0x41...0x7A).contains(bytes[place]) { place += 1 }
    let name = String(decoding: bytes[start..<place], as: UTF8.self)
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    place += 1
    return take(":") ? name : nil
  }

  /// A whole number of at most 18 digits, without a leading zero.
  private mutating func number() -> Int? {
    guard let first = peek(), (0x30...0x39).contains(first) else { return nil }
    let start = place
    var value = 0
    while place < bytes.count, (0x30...0x39).contains(bytes[place]) {
      guard place - start < 18 else { return nil }
      value = 10 * value + Int(bytes[place] - 0x30)
      place += 1
    }
    guard first != 0x30 || place - start == 1 else { return nil }
    // A fraction or an exponent is a number for the decoder.
    if place < bytes.count, [0x2E, 0x45, 0x65].contains(bytes[place]) { return nil }
    return value
  }
}

extension Split {
  fileprivate var place: Int {
    switch self {
    case .cleanValid: 0
    case .cleanTest: 1
    case .backdooredValid: 2
    case .backdooredTest: 3
    }
  }
}
