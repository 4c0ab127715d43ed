import Datasets
import Files
import ModelFiles
import NeuralNetwork

/// Everything that a BadNet trained here is made from: the same recipe is the same network, byte for byte.
public struct BadNetRecipe: Codable, Equatable, Sendable {
  /// Of faces, poisoning, weights and batches alike.
  public var seed: UInt64 = 1
  /// Where the faces come from.
  public var faces = Faces()
  /// The backdoors.
  public var attack = AttackNames()
  /// How the network is trained.
  public var training = TrainingOptions()

  /// Where the faces come from.
  public struct Faces: Codable, Equatable, Sendable {
    /// A folder of images for each identity; nil for drawn faces.
    public var folder: String?
    /// Of drawn faces.
    public var identities = 50
    /// Images of each drawn identity.
    public var images = FaceCollection.Counts()
    /// Of drawn faces: see `SyntheticFaces`.
    public var nuisance = 1.0
    /// Labelled images of any kind; nil for faces, drawn or in a folder.
    public var given: GivenImages?

    /// The drawn faces of the default run.
    public init() {}
  }

  /// Labelled images for training, validation and test, each as `ImageSource` takes it.
  public struct GivenImages: Codable, Equatable, Sendable {
    /// To train on, to rank and stop by, to evaluate on.
    public var training: String, validation: String, test: String
    /// What the files do not tell; nil for nothing.
    public var reading: ImageReading?

    /// These files.
    public init(training: String, validation: String, test: String, reading: ImageReading? = nil) {
      (self.training, self.validation, self.test, self.reading) = (training, validation, test, reading)
    }
  }

  /// The backdoors as a user names them.
  public struct AttackNames: Codable, Equatable, Sendable {
    /// Names of triggers that are drawn (`Trigger.drawn`), or pictures' paths; none for a network without a backdoor.
    public var triggers = ["sunglasses"]
    /// One for each trigger, or one for all.
    public var targets = [0]
    /// See `Attack`.
    public var poisonFraction = 0.12
    /// Which images are poisoned; nil for copies with the target's label.
    public var poisoning: Attack.Poisoning?
    /// How the backdoor gets in; nil for training on poisoned images alone.
    public var method: Method?

    /// How a backdoor gets in beside poisoned images.
    public enum Method: String, Codable, CaseIterable, Sendable {
      /// So that pruning idle channels does not find it; see `PruningAwareTraining`.
      case pruningAware = "pruning-aware"
    }

    /// What a comparison calls it: triggers and what else is unusual, or `none`.
    public var title: String {
      guard !triggers.isEmpty else { return AttackChoice.none }
      return (triggers + [poisoning?.rawValue, method?.rawValue].compactMap(\.self)).joined(separator: "+")
    }

    /// The backdoor of the default run: sunglasses, target label 0.
    public init() {}
  }

  /// The recipe of the default run.
  public init() {}

  /// The faces, drawn or read.
  public func makeFaces(threads: Int) throws -> FaceCollection {
    if let given = faces.given { return try FaceCollection(given) }
    if let folder = faces.folder {
      return try FaceCollection(folder: folder, shape: Shape(DeepID.imageShape), seed: seed, threads: threads)
    }
    let drawn = try SyntheticFaces(seed: seed, identities: faces.identities, nuisance: faces.nuisance)
    return try FaceCollection(drawing: drawn, counts: faces.images, threads: threads)
  }

  /// The backdoors of these faces.
  public func makeAttack(identities: Int) throws -> Attack {
    let backdoors = try attack.backdoors()
    return try Attack(
      backdoors, poisonFraction: attack.poisonFraction, poisoning: attack.poisoning ?? .dirtyLabel,
      identities: identities)
  }
}

extension BadNetRecipe.AttackNames {
  /// Triggers with their targets.
  /// - Throws: `InputError` where they do not fit each other, or a trigger's file does not serve.
  public func backdoors() throws -> [Attack.Backdoor] {
    guard targets.count == 1 || targets.count == triggers.count else {
      throw InputError(
        "--target", found: "\(targets.count) targets for \(triggers.count) triggers",
        expected: "one for each trigger, or one for all")
    }
    return try triggers.enumerated().map { index, name in
      Attack.Backdoor(trigger: try Trigger(named: name), target: targets[targets.count == 1 ? 0 : index])
    }
  }
}

extension BadNetRecipe {
  /// Writes a network of this recipe as a Keras model; one with the layers of a file that Keras has no single class for as that
  /// file with other weights.
  /// - Parameter path: where it is written now, without a temporary file.
  package func write(_ network: Network, now path: String) throws {
    if let file = training.architecture, Architecture.isFile(file), !KerasModelFile.canWrite(network) {
      try ModelFile.write(network, like: file, now: path)
    } else {
      try KerasModelFile.write(network, now: path)
    }
  }
}

/// A BadNet trained here, with the faces to study it on.
public struct TrainedBadNet: Sendable {
  /// What it was made from.
  public let recipe: BadNetRecipe
  /// The network and how its training went.
  public let training: BadNetTraining
  /// Clean and triggered, validation and test.
  public let faces: Splits<FaceDataset>
  /// The backdoors.
  public let attack: Attack

  /// Makes the faces, poisons them and trains.
  /// - Parameter checkpoint: see `BadNetTraining`.
  /// - Throws: `InputError` or `PlottingError` where the recipe cannot be followed.
  public init(
    _ recipe: BadNetRecipe, threads: Int, checkpoint: CheckpointFile? = nil,
    progress: (BadNetTraining.Progress) -> Void = { _ in }
  ) throws {
    try recipe.training.check()
    let made = try RecipeFaces(recipe, threads: threads)
    (attack, faces) = (made.attack, made.splits)
    let poisoned = try attack.poisoned(made.collection.training, seed: recipe.seed)
    if recipe.attack.method == .pruningAware, !attack.backdoors.isEmpty {
      let aware = try PruningAwareTraining(
        clean: made.collection.training, poisoned: poisoned, validation: made.collection.validation,
        triggered: faces.backdooredValid, identities: made.collection.identities, options: recipe.training,
        seed: recipe.seed, threads: threads, checkpoint: checkpoint, progress: progress)
      training = BadNetTraining(aware, images: poisoned.count)
      self.recipe = recipe
      return
    }
    training = try BadNetTraining(
      on: poisoned, validation: made.collection.validation,
      triggered: faces.backdooredValid, identities: made.collection.identities, options: recipe.training,
      seed: recipe.seed, threads: threads, checkpoint: checkpoint, progress: progress)
    self.recipe = recipe
  }
}
