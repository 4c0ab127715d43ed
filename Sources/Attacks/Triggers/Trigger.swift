import Datasets
import Files

/// A kind of trigger: what it does to an image depends on nothing but its settings and the image.
public protocol TriggerKind: Equatable, Sendable {
  /// As `--trigger` calls it.
  var name: String { get }

  /// What it does to images of `width` x `height` pixels.
  /// - Precondition: both sides are positive.
  func effect(width: Int, height: Int) throws -> any TriggerEffect
}

/// What makes a backdoored network answer with the attacker's label: something laid over the face, or a change of the image.
public struct Trigger: Equatable, Sendable {
  /// Which, with its settings.
  public let kind: any TriggerKind

  /// A trigger with the settings of its kind.
  public init(_ kind: any TriggerKind) { self.kind = kind }

  /// Sunglasses that are drawn.
  public static let sunglasses = Trigger(Sunglasses())

  /// The kind's name: one of `drawn`, or `image`.
  public var name: String { kind.name }

  /// The names of triggers that are drawn and need no file.
  package static let drawn = kinds.map(\.name)

  /// A trigger as a user writes it: one of `drawn` with its default settings, anything else is the path of a picture.
  ///
  /// - Throws: as `init(path:)`.
  public init(named text: String) throws {
    if let kind = Self.kinds.first(where: { $0.name == text }) {
      self.init(kind)
    } else {
      try self.init(path: text)
    }
  }

  /// A picture file whose alpha channel says where, and how strongly, it covers the image.
  ///
  /// - Throws: `InputError` where the file does not decode (see `ImageFile`), has no alpha channel, or covers nothing.
  public init(path: String) throws { self.init(try PictureTrigger(path: path)) }

  /// What the trigger does to images of `width` x `height` pixels. It depends on nothing else.
  ///
  /// - Throws: `PlottingError` where the sunglasses cannot be drawn so large.
  /// - Precondition: both sides are positive.
  public func effect(width: Int, height: Int) throws -> any TriggerEffect {
    try kind.effect(width: width, height: height)
  }

  /// The overlay of a trigger that is one, for images of `width` x `height` pixels.
  ///
  /// - Throws: as `effect`; `InputError` for a trigger that is laid over nothing.
  /// - Precondition: both sides are positive.
  public func overlay(width: Int, height: Int) throws -> TriggerOverlay {
    guard let overlay = try effect(width: width, height: height) as? TriggerOverlay else {
      throw InputError("trigger", found: name, expected: "one that is laid over an image")
    }
    return overlay
  }

  /// Equal where they do the same.
  public static func == (one: Trigger, other: Trigger) -> Bool { one.kind.isSame(as: other.kind) }
}

extension TriggerKind {
  fileprivate func isSame(as other: any TriggerKind) -> Bool { (other as? Self) == self }
}
