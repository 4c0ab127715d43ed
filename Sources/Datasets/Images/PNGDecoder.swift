import CPNG
import Files

/// PNG by libpng's simplified interface, which reports errors without longjmp.
enum PNGDecoder {
  static func decode(_ bytes: [UInt8], name: String) throws -> (bitmap: Bitmap, hasAlpha: Bool) {
    try bytes.withUnsafeBytes { input in
      var image = png_image()
      image.version = UInt32(PNG_IMAGE_VERSION)
      defer { png_image_free(&image) }
      guard png_image_begin_read_from_memory(&image, input.baseAddress, input.count) != 0 else {
        throw failure(image, name: name)
      }
      let (width, height) = (Int(image.width), Int(image.height))
      try ImageFile.checkSize(width: width, height: height, name: name)
      let hasAlpha = image.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
      image.format = UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
      // Without this, libpng takes 16-bit samples for linear light where the file does not say.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let count = 4 * width * height
      let pixels = try [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
        guard png_image_finish_read(&image, nil, output.baseAddress, Int32(4 * width), nil) != 0 else {
          throw failure(image, name: name)
        }
        initialized = count
      }
      return (Bitmap(width: width, height: height, pixels: pixels), hasAlpha)
    }
  }

  private static func failure(_ image: png_image, name: String) -> InputError {
    let message = withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return InputError(name, found: "PNG does not decode: \(message)", expected: "a whole, undamaged PNG file")
  }
}
