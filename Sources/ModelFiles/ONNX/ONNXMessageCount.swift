import Files

/// Counts the messages in a file before they are read: two bytes of one may take hundreds in memory.
struct ONNXMessageCount {
  /// The most messages and texts that are read.
  static let limit = 2_000_000

  private var count = 0

  /// - Throws: `InputError` where there are too many of them; what is no message at all is left to the reader.
  static func require(_ bytes: [UInt8], _ path: String) throws {
    var counter = ONNXMessageCount()
    bytes.withUnsafeBufferPointer { counter.visit($0[...], kind: .model, depth: 0) }
    guard counter.count <= limit else {
      throw InputError(path, found: "more than \(limit) messages", expected: "fewer")
    }
  }

  /// The messages that hold others many times.
  private enum Kind {
    case model, graph, node, attribute, tensor, function, value, type, other

    /// What a field holds.
    func inner(_ field: UInt64) -> Kind {
      switch (self, field) {
      case (.model, 7): .graph
      case (.model, 25): .function
      case (.graph, 1), (.function, 7): .node
      case (.graph, 5): .tensor
      case (.graph, 11), (.graph, 12): .value
      case (.node, 5), (.function, 11): .attribute
      case (.attribute, 5): .tensor
      case (.attribute, 6): .graph
      case (.value, 2): .type
      case (.type, 1), (.type, 2): .type
      default: .other
      }
    }
  }

  private mutating func visit(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, kind: Kind, depth: Int) {
    guard depth < 32 else { return }
    var place = bytes.startIndex
    func varint() -> UInt64? {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while place < bytes.endIndex, shift < 64 {
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }
    while place < bytes.endIndex, count <= Self.limit {
      guard let tag = varint() else { return }
      count += 1
      switch tag & 7 {
      case 0:
        guard varint() != nil else { return }
      case 1: place += 8
      case 5: place += 4
      case 2:
        guard let length = varint(), length <= UInt64(max(0, bytes.endIndex - place)) else { return }
        let end = place + Int(length)
        let inner = kind.inner(tag >> 3)
        // Of lists of small whole numbers a byte may become eight.
        if kind == .tensor || kind == .attribute && tag >> 3 == 8 { count += tag >> 3 == 9 ? 0 : Int(length) / 32 }
        if inner != .other { visit(bytes[place..<end], kind: inner, depth: depth + 1) }
        place = end
      default: return
      }
    }
  }
}
