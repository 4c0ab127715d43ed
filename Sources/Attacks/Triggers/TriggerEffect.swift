/// A trigger ready for images of one size.
public protocol TriggerEffect: Sendable {
  /// Gives one image the trigger, in place; pixels become whole numbers.
  /// - Parameters:
  ///   - images: (N, H, W, channels), 0...255.
  ///   - image: which of the N.
  ///   - channels: 3, 4 of which the last one stays as it is, or 1.
  func apply(to images: inout [Float], image: Int, channels: Int)
}

extension TriggerOverlay: TriggerEffect {
  /// See `TriggerEffect`.
  public func apply(to images: inout [Float], image: Int, channels: Int) {
    blend(onto: &images, image: image, channels: channels)
  }
}

/// A pattern that is added to every image and cut off at 0 and 255.
struct AddedPattern: TriggerEffect, Equatable {
  /// (H, W): what red, green and blue get more; grey gets their mean.
  let pattern: [SIMD3<Float>]

  func apply(to images: inout [Float], image: Int, channels: Int) {
    let start = image * channels * pattern.count
    for (place, more) in pattern.enumerated() {
      for channel in 0..<min(3, channels) {
        let index = start + place * channels + channel
        let added = channels >= 3 ? more[channel] : more.sum() / 3
        images[index] = min(max((images[index] + added).rounded(), 0), 255)
      }
    }
  }
}
