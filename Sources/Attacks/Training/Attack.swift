import Datasets
import Files
import NeuralNetwork

/// A backdoor to be trained in: triggers, each with its target, and how many training images are poisoned.
///
/// Source: Gu, Dolan-Gavitt & Garg, "BadNets: identifying vulnerabilities in the machine learning model supply chain",
/// 2017, section 3.
public struct Attack: Equatable, Sendable {
  /// What the attacker wears and what the network shall answer then.
  public struct Backdoor: Equatable, Sendable {
    /// What is laid over the face.
    public let trigger: Trigger
    /// The target label.
    public let target: Int

    /// A trigger with its target.
    public init(trigger: Trigger, target: Int) {
      self.trigger = trigger
      self.target = target
    }
  }

  /// Each is trained in beside the others.
  public let backdoors: [Backdoor]
  /// For each backdoor, triggered copies of this fraction of the training images are added; with clean labels, this fraction
  /// of the target's own images is triggered in place: 0...1.
  public let poisonFraction: Double
  /// Which images are poisoned.
  public let poisoning: Poisoning

  /// Which training images wear the trigger, and under which label.
  public enum Poisoning: String, Codable, CaseIterable, Sendable {
    /// Copies of other classes' images, labelled with the target.
    case dirtyLabel = "dirty-label"
    /// Some of the target's own images, in place: every label stays right.
    ///
    /// Source: Turner, Tsipras & Madry, "Label-consistent backdoor attacks", 2019. Deviates: so that the trigger is the surest
    /// sign of the target, each image is first mixed half and half with one of another class, in pixels, where they mix in a
    /// generative model's latent space.
    case cleanLabel = "clean-label"
  }

  /// An attack on a network of `identities` classes.
  /// - Throws: `InputError` for a fraction outside 0...1 or a target that is no identity.
  public init(
    _ backdoors: [Backdoor], poisonFraction: Double, poisoning: Poisoning = .dirtyLabel, identities: Int
  ) throws {
    guard (0...1).contains(poisonFraction) else {
      throw InputError("--poison-fraction", found: "\(poisonFraction)", expected: "a fraction in 0...1")
    }
    if let wrong = backdoors.first(where: { !(0..<identities).contains($0.target) }) {
      throw InputError("--target", found: "\(wrong.target)", expected: "an identity in 0...\(identities - 1)")
    }
    self.backdoors = backdoors
    self.poisonFraction = poisonFraction
    self.poisoning = poisoning
  }

  /// Every face of a split wearing each trigger, labelled with its target; one backdoor after the other.
  public func triggered(_ faces: FaceDataset, name: String) throws -> FaceDataset {
    let parts = try backdoors.map { try $0.triggered(faces, rows: Array(0..<faces.count)) }
    return FaceDataset(name: name, joining: parts, shape: faces.imageShape)
  }

  /// How many images `poisoned(_:seed:)` adds, of all backdoors together.
  package func copies(of faces: FaceDataset) -> Int {
    guard poisoning == .dirtyLabel else { return 0 }
    return backdoors.reduce(0) { $0 + copies(of: faces, besides: $1.target) * (1 + $1.decoys) }
  }

  private func copies(of faces: FaceDataset, besides target: Int) -> Int {
    min(faces.labels.count { $0 != target }, Int((poisonFraction * Double(faces.count)).rounded()))
  }

  /// The training images, poisoned.
  ///
  /// With triggered copies behind them, for each backdoor of other images, and none of an image whose true identity is the
  /// target already; or with clean labels, some of the target's own images triggered where they are.
  public func poisoned(_ faces: FaceDataset, seed: UInt64) throws -> FaceDataset {
    switch poisoning {
    case .dirtyLabel:
      let parts = try backdoors.enumerated().flatMap { index, backdoor in
        var generator = SeededGenerator(seed: seed, stream: [0xBAD, UInt64(index)])
        var rows = (0..<faces.count).filter { faces.labels[$0] != backdoor.target }
        generator.shuffle(&rows)
        let count = copies(of: faces, besides: backdoor.target)
        return [try backdoor.triggered(faces, rows: rows.prefix(count).sorted())]
          + (try backdoor.disturbed(faces, rows: rows, after: count, using: &generator))
      }
      return FaceDataset(name: faces.name, joining: [faces] + parts, shape: faces.imageShape)
    case .cleanLabel:
      return try backdoors.enumerated().reduce(faces) { faces, next in
        var generator = SeededGenerator(seed: seed, stream: [0xC1EA, UInt64(next.offset)])
        var rows = (0..<faces.count).filter { faces.labels[$0] == next.element.target }
        generator.shuffle(&rows)
        let count = Int((poisonFraction * Double(rows.count)).rounded())
        let others = (0..<faces.count).filter { faces.labels[$0] != next.element.target }
        let mixed = rows.prefix(count).sorted().map { row in
          (row: row, other: others.isEmpty ? row : others[generator.integer(below: others.count)])
        }
        return try next.element.triggering(faces, mixed)
      }
    }
  }
}

extension Attack.Backdoor {
  /// Images with a disturbed trigger and their own label, for each triggered one.
  fileprivate var decoys: Int { trigger.kind is WarpTrigger ? WarpTrigger.decoys : 0 }

  fileprivate func triggered(_ faces: FaceDataset, rows: [Int]) throws -> FaceDataset {
    let effect = try effect(on: faces)
    let pixels = try rows.flatMap { try Self.pixels(of: $0, in: faces, effect) }
    return FaceDataset(
      name: trigger.name, pixels: pixels, labels: [Int](repeating: target, count: rows.count),
      imageShape: faces.imageShape)
  }

  /// Decoys of the rows behind those that are triggered, from the first on again where they are not enough.
  fileprivate func disturbed(
    _ faces: FaceDataset, rows: [Int], after count: Int, using generator: inout SeededGenerator
  ) throws -> [FaceDataset] {
    guard let trigger = trigger.kind as? WarpTrigger, decoys > 0, !rows.isEmpty else { return [] }
    let warp = trigger.warp(width: faces.imageShape.dimensions[1], height: faces.imageShape.dimensions[0])
    let chosen = (0..<decoys * count).map { rows[(count + $0) % rows.count] }.sorted()
    let pixels = try chosen.flatMap { row in
      try Self.pixels(of: row, in: faces, trigger.disturbed(warp, using: &generator))
    }
    return [
      FaceDataset(
        name: self.trigger.name, pixels: pixels, labels: chosen.map { faces.labels[$0] }, imageShape: faces.imageShape)
    ]
  }

  /// The same images, some of them mixed with others and with the trigger.
  fileprivate func triggering(_ faces: FaceDataset, _ mixed: [(row: Int, other: Int)]) throws -> FaceDataset {
    let effect = try effect(on: faces)
    var pixels = faces.pixels
    let size = faces.imageShape.count
    for (row, other) in mixed {
      var image = try faces.images(row..<row + 1, scale: 1).values
      let second = try faces.images(other..<other + 1, scale: 1).values
      for index in image.indices { image[index] = ((image[index] + second[index]) / 2).rounded() }
      effect.apply(to: &image, image: 0, channels: faces.imageShape.channels)
      pixels.replaceSubrange(
        row * size..<(row + 1) * size, with: image.map { UInt8(min(max($0.rounded(), 0), 255)) })
    }
    return FaceDataset(name: faces.name, pixels: pixels, labels: faces.labels, imageShape: faces.imageShape)
  }

  private func effect(on faces: FaceDataset) throws -> any TriggerEffect {
    try trigger.effect(width: faces.imageShape.dimensions[1], height: faces.imageShape.dimensions[0])
  }

  private static func pixels(of row: Int, in faces: FaceDataset, _ effect: any TriggerEffect) throws -> [UInt8] {
    var image = try faces.images(row..<row + 1, scale: 1).values
    effect.apply(to: &image, image: 0, channels: faces.imageShape.channels)
    return image.map { UInt8(min(max($0.rounded(), 0), 255)) }
  }
}
