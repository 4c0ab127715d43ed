import Datasets

/// A trigger ready to be laid over images of one size: straight alpha blending, as the published sunglasses were.
public struct TriggerOverlay: Equatable, Sendable {
  /// The images' width in pixels.
  public let width: Int
  /// The images' height in pixels.
  public let height: Int
  /// (H, W): red, green and blue times alpha, 0...255, and alpha, 0...1.
  private let layer: [SIMD4<Float>]

  /// The mean alpha over the image, 0...1: how much of it the trigger hides.
  public var coverage: Double {
    layer.reduce(0) { $0 + Double($1.w) } / Double(layer.count)
  }

  /// Lays the trigger over one image of `images`, in place:
  ///
  ///     pixel = round(pixel (1 - alpha) + color alpha)
  ///
  /// and leaves pixels with alpha 0 as they are. Rounding (to the nearest, halves away from 0) makes it the blend of
  /// the published backdoored files, whose pixels are whole numbers.
  ///
  /// - Parameters:
  ///   - images: (N, H, W, channels), 0...255.
  ///   - index: which of the N.
  ///   - channels: 3, 4 of which the last one stays as it is, or 1, which gets the overlay's grey (ITU-R BT.601).
  /// - Precondition: H and W are the overlay's, and `index` is one of the images.
  public func blend(onto images: inout [Float], image index: Int = 0, channels: Int = 3) {
    let size = channels * layer.count
    precondition(index >= 0 && (index + 1) * size <= images.count, "the overlay needs an image of its own size")
    for (place, over) in layer.enumerated() where over.w > 0 {
      let start = index * size + channels * place
      let under = 1 - over.w
      guard channels >= 3 else {
        let grey = 0.299 * over.x + 0.587 * over.y + 0.114 * over.z
        images[start] = (images[start] * under + grey).rounded()
        continue
      }
      images[start] = (images[start] * under + over.x).rounded()
      images[start + 1] = (images[start + 1] * under + over.y).rounded()
      images[start + 2] = (images[start + 2] * under + over.z).rounded()
    }
  }

  /// An overlay from (H, W), colours times alpha 0...255, alpha 0...1.
  init(width: Int, height: Int, premultiplied layer: [SIMD4<Float>]) {
    self.width = width
    self.height = height
    self.layer = layer
  }

  /// A bitmap stretched to the images' size, its alpha times `opacity` (0...1).
  init(width: Int, height: Int, bitmap: Bitmap, opacity: Float = 1) {
    let pixels = bitmap.resampledPixels(width: width, height: height)
    let layer = stride(from: 0, to: pixels.count, by: 4).map { start in
      let alpha = pixels[start + 3] / 255 * opacity
      return SIMD4(pixels[start] * alpha, pixels[start + 1] * alpha, pixels[start + 2] * alpha, alpha)
    }
    self.init(width: width, height: height, premultiplied: layer)
  }
}
