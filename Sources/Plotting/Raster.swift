/// Pixels in 8-bit sRGB.
public struct Raster: Equatable, Sendable {
  /// Pixels from left to right.
  public let width: Int
  /// Pixels from top to bottom.
  public let height: Int
  /// (height, width, 3), row-major, red first, 0...255.
  public let pixels: [UInt8]

  /// A picture from its pixels, (height, width, 3).
  /// - Throws: `PlottingError.pixelCount` where there are not exactly width x height x 3 bytes, or none.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(PlottingError) {
    let (area, tooWide) = width.multipliedReportingOverflow(by: height)
    let (count, tooMany) = area.multipliedReportingOverflow(by: 3)
    guard width > 0, height > 0, !tooWide, !tooMany, pixels.count == count else {
      throw .pixelCount(width: width, height: height, found: pixels.count)
    }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  init(checkedWidth width: Int, height: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}

/// How a raster is read between its pixels when it is drawn larger or smaller.
public enum RasterFilter: Equatable, Sendable {
  /// The nearest pixel: sharp squares.
  case nearest
  /// Weighted mean of the four nearest pixels.
  case bilinear
}
