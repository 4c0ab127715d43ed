import Datasets
import Files

/// A picture with an alpha channel, stretched over the whole image.
public struct PictureTrigger: TriggerKind {
  /// The picture.
  public let bitmap: Bitmap

  /// See `TriggerKind`.
  public var name: String { "image" }

  /// A picture in memory.
  public init(_ bitmap: Bitmap) { self.bitmap = bitmap }

  /// See `Trigger.init(path:)`.
  init(path: String) throws {
    let expected = "an RGBA PNG, opaque where the trigger covers the image and transparent elsewhere"
    let file = try ImageFile(path: path)
    guard file.hasAlpha else { throw InputError(path, found: "has no alpha channel", expected: expected) }
    let alphas = stride(from: 3, to: file.bitmap.pixels.count, by: 4).lazy.map { file.bitmap.pixels[$0] }
    guard alphas.contains(where: { $0 > 0 }) else {
      throw InputError(path, found: "is transparent everywhere", expected: expected)
    }
    self.init(file.bitmap)
  }

  /// See `TriggerKind`.
  public func effect(width: Int, height: Int) -> any TriggerEffect {
    TriggerOverlay(width: width, height: height, bitmap: bitmap)
  }
}
