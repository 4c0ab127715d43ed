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
  /// For each backdoor, triggered copies of this fraction of the training images are added: 0...1.
  public let poisonFraction: Double

  /// An attack on a network of so many identities.
  /// - Throws: `InputError` for a fraction outside 0...1 or a target that is no identity.
  public init(_ backdoors: [Backdoor], poisonFraction: Double, identities: Int) throws {
    guard (0...1).contains(poisonFraction) else {
      throw InputError("--poison-fraction", found: "\(poisonFraction)", expected: "a fraction in 0...1")
    }
    if let wrong = backdoors.first(where: { !(0..<identities).contains($0.target) }) {
      throw InputError("--target", found: "\(wrong.target)", expected: "an identity in 0...\(identities - 1)")
    }
    self.backdoors = backdoors
    self.poisonFraction = poisonFraction
  }

  /// Every face of a split wearing each trigger, labelled with its target; one backdoor after the other.
  public func triggered(_ faces: FaceDataset, name: String) throws -> FaceDataset {
    let parts = try backdoors.map { try $0.triggered(faces, rows: Array(0..<faces.count)) }
    return FaceDataset(name: name, joining: parts, shape: faces.imageShape)
  }

  /// How many triggered copies `poisoned(_:seed:)` adds, of all backdoors together.
  package func copies(of faces: FaceDataset) -> Int {
    backdoors.reduce(0) { $0 + copies(of: faces, besides: $1.target) }
  }

  private func copies(of faces: FaceDataset, besides target: Int) -> Int {
    min(faces.labels.count { $0 != target }, Int((poisonFraction * Double(faces.count)).rounded()))
  }

  /// The training images with triggered copies behind them, for each backdoor of other images; none of an image whose
  /// true identity is the target already.
  public func poisoned(_ faces: FaceDataset, seed: UInt64) throws -> FaceDataset {
    let parts = try backdoors.enumerated().map { index, backdoor in
      var generator = SeededGenerator(seed: seed, stream: [0xBAD, UInt64(index)])
      var rows = (0..<faces.count).filter { faces.labels[$0] != backdoor.target }
      generator.shuffle(&rows)
      let count = copies(of: faces, besides: backdoor.target)
      return try backdoor.triggered(faces, rows: rows.prefix(count).sorted())
    }
    return FaceDataset(name: faces.name, joining: [faces] + parts, shape: faces.imageShape)
  }
}

extension Attack.Backdoor {
  fileprivate func triggered(_ faces: FaceDataset, rows: [Int]) throws -> FaceDataset {
    let (height, width) = (faces.imageShape.dimensions[0], faces.imageShape.dimensions[1])
    let overlay = try trigger.overlay(width: width, height: height)
    let pixels = try rows.flatMap { row -> [UInt8] in
      var image = try faces.images(row..<row + 1, scale: 1).values
      overlay.blend(onto: &image, channels: faces.imageShape.channels)
      return image.map { UInt8(min(max($0.rounded(), 0), 255)) }
    }
    return FaceDataset(
      name: trigger.name, pixels: pixels, labels: [Int](repeating: target, count: rows.count),
      imageShape: faces.imageShape)
  }
}
