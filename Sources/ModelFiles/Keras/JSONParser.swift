import Files

extension JSONValue {
  /// - Parameter location: what the text is, for the error.
  /// - Throws: `InputError` for what is not JSON, or nested deeper than 512.
  package init(parsing text: String, location: String) throws {
    var parser = JSONParser(bytes: Array(text.utf8), location: location)
    self = try parser.document()
  }
}

/// Reads a document in one pass: the time is proportional to its length, whatever it holds.
///
/// Beside RFC 8259 it takes `Infinity`, `-Infinity` and `NaN`, as Python's `json` writes them.
private struct JSONParser {
  let bytes: [UInt8]
  let location: String
  private var position = 0

  private static let maximumDepth = 512

  init(bytes: [UInt8], location: String) {
    self.bytes = bytes
    self.location = location
  }

  mutating func document() throws -> JSONValue {
    let value = try value(depth: 0)
    guard next() == nil else { throw malformed }
    return value
  }

  private var malformed: InputError {
    InputError(location, found: "text that is not JSON at byte \(position)", expected: "a JSON document")
  }

  /// The byte at `position`, or nil at the end.
  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// The next byte that is no white space.
  private mutating func next() -> UInt8? {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    return current
  }

  /// Goes past `byte` where it comes next.
  private mutating func skip(_ byte: UnicodeScalar) -> Bool {
    guard next() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws -> JSONValue {
    guard depth <= Self.maximumDepth else {
      throw InputError(location, found: "JSON nested deeper than \(Self.maximumDepth)", expected: "a flatter document")
    }
    switch next() {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N"): return try word("NaN", .number(.nan))
    case UInt8(ascii: "I"): return try word("Infinity", .number(.infinity))
    default: return try number()
    }
  }

  private mutating func array(depth: Int) throws -> JSONValue {
    var values: [JSONValue] = []
    position += 1
    if skip("]") { return .array(values) }
    repeat { values.append(try value(depth: depth)) } while skip(",")
    guard skip("]") else { throw malformed }
    return .array(values)
  }

  private mutating func object(depth: Int) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    position += 1
    if skip("}") { return .object(members) }
    repeat {
      guard next() == UInt8(ascii: "\"") else { throw malformed }
      let key = try string()
      guard skip(":") else { throw malformed }
      members[key] = try value(depth: depth)
    } while skip(",")
    guard skip("}") else { throw malformed }
    return .object(members)
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw malformed }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws -> JSONValue {
    let start = position
    func digits(_ parser: inout JSONParser) -> Int {
      let first = parser.position
      while let byte = parser.current, (0x30...0x39).contains(byte) { parser.position += 1 }
      return parser.position - first
    }
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "I"), position > start { return try word("Infinity", .number(-.infinity)) }
    let hasLeadingZero = current == UInt8(ascii: "0")
    let whole = digits(&self)
    guard whole == 1 || whole > 1 && !hasLeadingZero else { throw malformed }
    if current == UInt8(ascii: ".") {
      position += 1
      guard digits(&self) > 0 else { throw malformed }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      guard digits(&self) > 0 else { throw malformed }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw malformed }
    return .number(number)
  }

  /// A string whose opening quote comes next.
  private mutating func string() throws -> String {
    var content: [UInt8] = []
    position += 1
    while let byte = current, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): content += try escape()
      default: content.append(byte)
      }
    }
    throw malformed
  }

  /// What an escape stands for, in UTF-8; its backslash is read.
  private mutating func escape() throws -> [UInt8] {
    guard let letter = current else { throw malformed }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      // Half of a surrogate pair is followed by an escape with the other half.
      if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
        position += 2
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw malformed }
      return Array(text.utf8)
    default: throw malformed
    }
  }

  private mutating func codeUnit() throws -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw malformed
    }
    position += 4
    return unit
  }
}
