import CTurboJPEG
import Files

/// JPEG by the TurboJPEG interface, which reports errors without longjmp.
enum JPEGDecoder {
  /// The picture as stored, before its EXIF orientation.
  static func decode(_ bytes: [UInt8], name: String) throws -> Bitmap {
    guard let decoder = tjInitDecompress() else { throw failure("TurboJPEG does not start", name: name) }
    defer { tjDestroy(decoder) }
    return try bytes.withUnsafeBufferPointer { input in
      var (width, height, subsampling, colorspace) = (Int32(0), Int32(0), Int32(0), Int32(0))
      let size = UInt(input.count)
      guard
        tjDecompressHeader3(decoder, input.baseAddress, size, &width, &height, &subsampling, &colorspace) == 0
      else { throw failure(message(of: decoder), name: name) }
      // The library is content with a file of nothing but tables.
      guard width > 0, height > 0 else { throw failure("no picture in it", name: name) }
      try ImageFile.checkSize(width: Int(width), height: Int(height), name: name)
      let hasInks = colorspace == Int32(TJCS_CMYK.rawValue) || colorspace == Int32(TJCS_YCCK.rawValue)
      let format = Int32((hasInks ? TJPF_CMYK : TJPF_RGBA).rawValue)
      let count = 4 * Int(width) * Int(height)
      var pixels = try [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
        // Damage and missing data are only warnings to the library, which goes on with grey: here they are errors.
        let flags = TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
        guard tjDecompress2(decoder, input.baseAddress, size, output.baseAddress, width, 0, height, format, flags) == 0
        else { throw failure(message(of: decoder), name: name) }
        initialized = count
      }
      if hasInks { replaceInksByColors(&pixels) }
      return Bitmap(width: Int(width), height: Int(height), pixels: pixels)
    }
  }

  /// CMYK to RGBA in place. JPEG files store inks inverted (255 is no ink), as Adobe's programs began it.
  private static func replaceInksByColors(_ pixels: inout [UInt8]) {
    for start in stride(from: 0, to: pixels.count, by: 4) {
      let paper = UInt16(pixels[start + 3])
      for channel in start..<start + 3 {
        pixels[channel] = UInt8((UInt16(pixels[channel]) * paper + 127) / 255)
      }
      pixels[start + 3] = 255
    }
  }

  private static func message(of decoder: tjhandle) -> String {
    tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "no reason given"
  }

  private static func failure(_ message: String, name: String) -> InputError {
    InputError(name, found: "JPEG does not decode: \(message)", expected: "a whole, undamaged 8-bit JPEG file")
  }
}
