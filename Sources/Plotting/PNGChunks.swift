import CDeflate

/// The chunks that a PNG file consists of (PNG specification, third edition, W3C 2025, section 5).
package enum PNGChunks {
  /// What every file begins with.
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Appends a chunk: length, type, data, checksum of type and data.
  static func append(_ type: String, _ data: [UInt8], to file: inout [UInt8]) {
    file += bigEndian(UInt32(data.count))
    let body = Array(type.utf8) + data
    file += body
    file += bigEndian(checksum(body))
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// CRC-32 (PNG specification, section 5.5 and annex D).
  private static func checksum(_ body: [UInt8]) -> UInt32 { libdeflate_crc32(0, body, body.count) }

  /// Whether a file is whole: signature, then chunks to the last byte, each with its checksum.
  ///
  /// Decoders pass over damage in chunks that they do not need; a file that a program wrote has none.
  package static func areSound(_ file: [UInt8]) -> Bool {
    guard file.starts(with: signature) else { return false }
    func number(at place: Int) -> Int { file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var place = 8
    while place < file.count {
      // Length, type, data, checksum of type and data.
      guard file.count - place >= 12, number(at: place) <= file.count - place - 12 else { return false }
      let end = place + 8 + number(at: place)
      let body = Array(file[place + 4..<end])
      guard Int(checksum(body)) == number(at: end) else { return false }
      if body.starts(with: Array("IEND".utf8)) { return end + 4 == file.count }
      place = end + 4
    }
    return false
  }

  /// The chunks of a sound file in order, each with its length and checksum; data chunks (IDAT) that follow one another are
  /// one entry without content, for their bytes depend on the compressor.
  ///
  /// Two files with equal pixels and equal chunks show the same picture in every program: no animation, no text, no other
  /// size or colour space.
  package static func besidesData(_ file: [UInt8]) -> [(type: String, bytes: [UInt8])] {
    var chunks: [(type: String, bytes: [UInt8])] = []
    var place = 8
    while file.count - place >= 12 {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= file.count - place - 12 else { break }
      let type = String(decoding: file[place + 4..<place + 8], as: UTF8.self)
      if type != "IDAT" {
        chunks.append((type, Array(file[place..<place + 12 + length])))
      } else if chunks.last?.type != type {
        chunks.append((type, []))
      }
      place += 12 + length
    }
    return chunks
  }

  /// The file with the checksums that belong to its chunks, as far as they can be told apart: so damage reaches what reads
  /// them.
  package static func repaired(_ file: [UInt8]) -> [UInt8] {
    var file = file
    var place = 8
    while file.count - place >= 12 {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= file.count - place - 12 else { break }
      let end = place + 8 + length
      let body = Array(file[place + 4..<end])
      let checksum = checksum(body)
      for index in 0..<4 { file[end + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * index)) }
      place = end + 4
    }
    return file
  }
}
