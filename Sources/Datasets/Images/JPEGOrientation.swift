/// How a stored picture has to be turned to stand upright: EXIF tag 0x0112, values 1...8.
struct JPEGOrientation: Equatable {
  /// 1 for a picture that is upright as it is, and wherever the file does not say.
  let value: Int

  /// Looks through the markers before the first scan. Nothing in there is trusted: a length or an offset that leads out
  /// of the file ends the search.
  init(of jpeg: [UInt8]) {
    value = Self.exifSegments(of: jpeg).lazy.compactMap(Self.orientation(inTIFF:)).first ?? 1
  }

  /// Rows of the result run along the stored picture's columns.
  var swapsSides: Bool { value >= 5 }

  /// The stored pixel that shows at (x, y) of the upright picture; `width` and `height` are the stored picture's.
  func source(x: Int, y: Int, width: Int, height: Int) -> (x: Int, y: Int) {
    let (right, bottom) = (width - 1, height - 1)
    return switch value {
    case 2: (right - x, y)
    case 3: (right - x, bottom - y)
    case 4: (x, bottom - y)
    case 5: (y, x)
    case 6: (y, bottom - x)
    case 7: (right - y, bottom - x)
    case 8: (right - y, x)
    default: (x, y)
    }
  }

  /// The TIFF structures of all APP1 segments that begin with `Exif`.
  private static func exifSegments(of jpeg: [UInt8]) -> [ArraySlice<UInt8>] {
    var segments: [ArraySlice<UInt8>] = []
    var position = 2
    while position + 4 <= jpeg.count, jpeg[position] == 0xFF {
      let marker = jpeg[position + 1]
      if marker == 0xFF {
        position += 1  // a fill byte
        continue
      }
      let startsScan = marker == 0xDA || marker == 0xD9
      let length = Int(jpeg[position + 2]) << 8 | Int(jpeg[position + 3])
      let end = position + 2 + length
      guard !startsScan, length >= 2, end <= jpeg.count else { break }
      let content = jpeg[(position + 4)..<end]
      if marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) {
        segments.append(content.dropFirst(6))
      }
      position = end
    }
    return segments
  }

  /// The tag's value in the first directory, if it is there and makes sense.
  private static func orientation(inTIFF tiff: ArraySlice<UInt8>) -> Int? {
    let isLittleEndian = tiff.starts(with: [0x49, 0x49])
    guard isLittleEndian || tiff.starts(with: [0x4D, 0x4D]) else { return nil }
    func number(at offset: Int, bytes: Int) -> Int? {
      guard offset <= tiff.count - bytes else { return nil }
      let field = tiff.dropFirst(offset).prefix(bytes)
      return (isLittleEndian ? Array(field.reversed()) : Array(field)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
      let entries = number(at: directory, bytes: 2)
    else { return nil }
    for entry in 0..<entries {
      let start = directory + 2 + 12 * entry
      guard let tag = number(at: start, bytes: 2) else { return nil }
      guard tag == 0x0112 else { continue }
      guard number(at: start + 2, bytes: 2) == 3, let value = number(at: start + 8, bytes: 2) else { return nil }
      return (1...8).contains(value) ? value : nil
    }
    return nil
  }
}

extension Bitmap {
  /// The upright picture.
  func turned(by orientation: JPEGOrientation) -> Bitmap {
    guard orientation.value != 1 else { return self }
    let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
    var turned: [UInt8] = []
    turned.reserveCapacity(pixels.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let source = orientation.source(x: x, y: y, width: width, height: height)
        let start = 4 * (source.y * width + source.x)
        turned.append(contentsOf: pixels[start..<start + 4])
      }
    }
    return Bitmap(width: newWidth, height: newHeight, pixels: turned)
  }
}
