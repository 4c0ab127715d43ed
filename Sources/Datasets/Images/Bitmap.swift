/// A picture in memory: 8-bit RGBA, straight (not premultiplied) alpha.
public struct Bitmap: Equatable, Sendable {
  /// Width in pixels, at least 1.
  public let width: Int
  /// Height in pixels, at least 1.
  public let height: Int
  /// (H, W, 4): rows from the top, channels red, green, blue, alpha, each 0...255.
  public let pixels: [UInt8]

  /// The largest picture that is ever decoded: 64 megapixels, 256 MB as pixels.
  public static let maximumPixels = 64 << 20

  /// A picture of the given pixels, (H, W, 4).
  ///
  /// - Precondition: both sides are positive and `pixels` holds 4 * width * height bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0, "a bitmap has at least one pixel")
    precondition(pixels.count == 4 * width * height, "a bitmap has four bytes a pixel")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Red, green, blue and alpha of one pixel; (0, 0) is the top left one.
  public subscript(x: Int, y: Int) -> SIMD4<UInt8> {
    let start = 4 * (y * width + x)
    return SIMD4(pixels[start], pixels[start + 1], pixels[start + 2], pixels[start + 3])
  }
}
