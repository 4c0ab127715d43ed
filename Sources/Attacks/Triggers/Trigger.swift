import Datasets
import Files

/// What makes a backdoored network answer with the attacker's label: something laid over the face.
public enum Trigger: Equatable, Sendable {
  /// Purple sunglasses over the eyes, modelled on those of the published BadNet.
  case sunglasses
  /// A small opaque patch in a corner. Source: Gu, Dolan-Gavitt & Garg, "BadNets", 2017.
  case patch(PatchTrigger)
  /// A pattern over the whole image, faintly. Source: Chen et al., "Targeted backdoor attacks on deep learning systems
  /// using data poisoning", 2017.
  case blended(BlendedTrigger)
  /// A faint sinusoid over the whole image. Source: Barni, Kallas & Tondi, ICIP 2019.
  case sinusoid(SinusoidTrigger)
  /// A smooth warp of the whole image. Source: Nguyen & Tran, "WaNet", ICLR 2021.
  case warp(WarpTrigger)
  /// A faint pattern of low frequencies. Source: Zeng, Park, Mao & Jia, ICCV 2021.
  case lowFrequency(LowFrequencyTrigger)
  /// A picture with an alpha channel, stretched over the whole image.
  case image(Bitmap)

  /// The kind's name: one of `drawn`, or `image`.
  public var name: String {
    switch self {
    case .sunglasses: "sunglasses"
    case .patch: "patch"
    case .blended: "blended"
    case .sinusoid: "sig"
    case .warp: "wanet"
    case .lowFrequency: "low-frequency"
    case .image: "image"
    }
  }

  /// The names of triggers that are drawn and need no file.
  package static let drawn = ["sunglasses", "patch", "blended", "sig", "wanet", "low-frequency"]

  /// A trigger as a user writes it: one of `drawn` with its default settings, anything else is the path of a picture.
  ///
  /// - Throws: as `init(path:)`.
  public init(named text: String) throws {
    switch text {
    case "sunglasses": self = .sunglasses
    case "patch": self = .patch(PatchTrigger())
    case "blended": self = .blended(BlendedTrigger())
    case "sig": self = .sinusoid(SinusoidTrigger())
    case "wanet": self = .warp(WarpTrigger())
    case "low-frequency": self = .lowFrequency(LowFrequencyTrigger())
    default: try self.init(path: text)
    }
  }

  /// A picture file whose alpha channel says where, and how strongly, it covers the image.
  ///
  /// - Throws: `InputError` where the file does not decode (see `ImageFile`), has no alpha channel, or covers nothing.
  public init(path: String) throws {
    let expected = "an RGBA PNG, opaque where the trigger covers the image and transparent elsewhere"
    let file = try ImageFile(path: path)
    guard file.hasAlpha else { throw InputError(path, found: "has no alpha channel", expected: expected) }
    let alphas = stride(from: 3, to: file.bitmap.pixels.count, by: 4).lazy.map { file.bitmap.pixels[$0] }
    guard alphas.contains(where: { $0 > 0 }) else {
      throw InputError(path, found: "is transparent everywhere", expected: expected)
    }
    self = .image(file.bitmap)
  }

  /// What the trigger does to images of `width` x `height` pixels. It depends on nothing else.
  ///
  /// - Throws: `PlottingError` where the sunglasses cannot be drawn so large.
  /// - Precondition: both sides are positive.
  public func effect(width: Int, height: Int) throws -> any TriggerEffect {
    switch self {
    case .sinusoid(let sinusoid): sinusoid.pattern(width: width, height: height)
    case .warp(let warp): warp.warp(width: width, height: height)
    case .lowFrequency(let pattern): pattern.pattern(width: width, height: height)
    case .sunglasses, .patch, .blended, .image: try overlay(width: width, height: height)
    }
  }

  /// The overlay of a trigger that is one, for images of `width` x `height` pixels.
  ///
  /// - Throws: as `effect`; `InputError` for a trigger that is laid over nothing.
  /// - Precondition: both sides are positive.
  public func overlay(width: Int, height: Int) throws -> TriggerOverlay {
    switch self {
    case .sunglasses: try Sunglasses.overlay(width: width, height: height)
    case .patch(let patch): patch.overlay(width: width, height: height)
    case .blended(let blended): blended.overlay(width: width, height: height)
    case .image(let bitmap): TriggerOverlay(width: width, height: height, bitmap: bitmap)
    case .sinusoid, .warp, .lowFrequency:
      throw InputError("trigger", found: name, expected: "one that is laid over an image")
    }
  }
}
