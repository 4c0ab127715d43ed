import Files
import NeuralNetwork
import Threads

/// Clean faces for training, validation and test; no image is in two of them.
public struct FaceCollection: Sendable {
  /// To train on.
  public let training: FaceDataset
  /// To rank channels and to stop by.
  public let validation: FaceDataset
  /// To evaluate on.
  public let test: FaceDataset
  /// How many identities there are: labels are 0..<identities in each part.
  public let identities: Int

  /// How many images of each identity a part has.
  public struct Counts: Codable, Equatable, Sendable {
    /// Of each identity.
    public var training: Int, validation: Int, test: Int

    /// The default run's counts unless told otherwise.
    public init(training: Int = 80, validation: Int = 9, test: Int = 10) {
      self.training = training
      self.validation = validation
      self.test = test
    }

    var total: Int { training + validation + test }
  }

  /// Drawn faces; each part has the identities one after the other.
  /// - Throws: `InputError` where a part would be empty or all of them too large.
  public init(drawing faces: SyntheticFaces, counts: Counts, threads: Int) throws {
    for (option, count) in [
      ("--training-images", counts.training), ("--validation-images", counts.validation),
      ("--test-images", counts.test),
    ] where !(1...100_000).contains(count) {
      throw InputError(option, found: "\(count)", expected: "1...100000 images of each identity")
    }
    let size = 3 * faces.width * faces.height
    guard faces.identities <= (1 << 33) / size / counts.total else {
      throw InputError(
        "--identities", found: "\(faces.identities) times \(counts.total) images", expected: "at most 8 GiB of them")
    }
    let images = try parallelMap(faces.identities, threads: threads) { identity in
      try (0..<counts.total).map { try faces.image(identity: identity, index: $0) }
    }
    let shape = try Shape([faces.height, faces.width, 3])
    func part(_ name: String, _ range: Range<Int>) -> FaceDataset {
      FaceDataset(
        name: name, pixels: images.flatMap { $0[range].flatMap { $0 } },
        labels: images.indices.flatMap { [Int](repeating: $0, count: range.count) }, imageShape: shape)
    }
    training = part("training", 0..<counts.training)
    validation = part("validation", counts.training..<counts.training + counts.validation)
    test = part("test", counts.training + counts.validation..<counts.total)
    identities = faces.identities
  }

  package init(training: FaceDataset, validation: FaceDataset, test: FaceDataset, identities: Int) {
    self.training = training
    self.validation = validation
    self.test = test
    self.identities = identities
  }
}
