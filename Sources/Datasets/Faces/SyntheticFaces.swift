import Files
import NeuralNetwork
import Plotting

/// A dataset of drawn faces, made from a seed: nothing to download, and no real person's face.
///
/// Every picture is a function of (seed, identity, index) alone, so that any number of threads, in any order, get the
/// same bytes with the same Cairo.
public struct SyntheticFaces: Equatable, Sendable {
  /// Which faces: other seeds have other people.
  public let seed: UInt64
  /// How many people there are.
  public let identities: Int
  /// How much the pictures of a person differ, 0...2: 0 not at all, 1 as much as lets a good network know 98 to 99 in
  /// 100 (pose, expression, light, blur, noise, and at times another background or something in front), 2 twice that.
  public let nuisance: Double
  /// Width of the images in pixels.
  public let width: Int
  /// Height of the images in pixels.
  public let height: Int

  /// Faces of 47 x 55 pixels unless told otherwise, as the published network takes them.
  ///
  /// - Throws: `InputError` where the number of people, the nuisance (0...2) or the size (8...4096 each way) is out of
  ///   range.
  public init(
    seed: UInt64, identities: Int = 50, nuisance: Double = 1, width: Int = 47, height: Int = 55
  ) throws {
    guard identities > 0 else {
      throw InputError("identities", found: "\(identities)", expected: "at least 1")
    }
    guard (0...2).contains(nuisance) else {
      throw InputError("nuisance", found: "\(nuisance)", expected: "0...2")
    }
    guard (8...4096).contains(width), (8...4096).contains(height) else {
      throw InputError("face size", found: "\(width) x \(height) pixels", expected: "8...4096 each way")
    }
    self.seed = seed
    self.identities = identities
    self.nuisance = nuisance
    self.width = width
    self.height = height
  }

  /// One of the people.
  ///
  /// - Precondition: 0 <= identity < `identities`.
  public func person(_ identity: Int) -> FaceIdentity {
    precondition((0..<identities).contains(identity), "there is no such person")
    var random = SeededGenerator(seed: seed, stream: [Stream.person, UInt64(identity)])
    return FaceIdentity(using: &random)
  }

  /// A picture of one of the people: (H, W, 3), 0...255.
  ///
  /// - Parameter index: which picture, from 0; there is no last one.
  /// - Throws: `PlottingError` where Cairo fails.
  /// - Precondition: 0 <= identity < `identities` and index >= 0.
  public func image(identity: Int, index: Int) throws -> [UInt8] {
    let person = person(identity)
    var random = SeededGenerator(seed: seed, stream: [Stream.picture, UInt64(identity), UInt64(index)])
    let variation = FaceVariation(of: person, strength: nuisance, using: &random)
    let picture = Picture(width: Double(width), height: Double(height)) { canvas in
      canvas.scale(x: Double(width) / FaceDrawing.page.width, y: Double(height) / FaceDrawing.page.height)
      FaceDrawing(person: person, variation: variation, canvas: canvas).draw()
    }
    // Cairo weighs each shape by the area of a pixel that it covers: drawing finer and averaging looks the same.
    let drawing = try picture.raster()
    return FaceCamera(width: width, height: height).picture(of: drawing.pixels, variation, using: &random)
  }

  /// The first number of a random stream: what it is for.
  private enum Stream {
    static let person: UInt64 = 0x7065_7273_6F6E
    static let picture: UInt64 = 0x7069_6374_7572_65
  }
}
