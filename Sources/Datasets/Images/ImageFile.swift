import Files

/// A picture file, decoded: PNG or JPEG, told apart by its first bytes and not by its name.
public struct ImageFile: Sendable {
  /// The formats that are read.
  public enum Format: String, Sendable {
    /// Any PNG: grey, palette or colour, 1 to 16 bits, interlaced or not.
    case png = "PNG"
    /// Any 8-bit JPEG: grey, colour, CMYK or YCCK, sequential or progressive.
    case jpeg = "JPEG"
  }

  /// What the first bytes say.
  public let format: Format
  /// The picture, upright: a JPEG's EXIF orientation has been applied.
  public let bitmap: Bitmap
  /// Whether the file has an alpha channel or transparent palette entries; without, every alpha is 255.
  public let hasAlpha: Bool

  /// The largest file that is read, in bytes.
  public static let maximumBytes = 128 << 20

  /// Reads and decodes a file.
  ///
  /// - Throws: `InputError` where the file cannot be read, is larger than `maximumBytes`, is no PNG or JPEG, has more
  ///   than `Bitmap.maximumPixels` pixels, or is damaged or cut short.
  public init(path: String) throws {
    try self.init(bytes: FileBytes.read(path, limit: Self.maximumBytes), name: path)
  }

  /// Decodes a file's bytes; `name` is what errors call it.
  ///
  /// - Throws: `InputError`, as `init(path:)`.
  public init(bytes: [UInt8], name: String) throws {
    guard !bytes.isEmpty else {
      throw InputError(name, found: "is empty", expected: "a PNG or JPEG image")
    }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      (bitmap, hasAlpha) = try PNGDecoder.decode(bytes, name: name)
      format = .png
    } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      bitmap = try JPEGDecoder.decode(bytes, name: name).turned(by: JPEGOrientation(of: bytes))
      hasAlpha = false
      format = .jpeg
    } else {
      let first = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      throw InputError(name, found: "not a PNG or JPEG image (first bytes \(first.joined(separator: " ")))")
    }
  }

  /// Refuses a picture before memory is taken for it.
  static func checkSize(width: Int, height: Int, name: String) throws {
    guard width > 0, height > 0, width <= Bitmap.maximumPixels / height else {
      throw InputError(
        name, found: "has \(width) x \(height) pixels", expected: "1 to \(Bitmap.maximumPixels) pixels in all")
    }
  }
}
