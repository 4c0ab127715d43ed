import ArgumentParser
import Attacks
import Datasets
import Files
import ModelFiles
import NeuralNetwork

/// The options of drawn faces.
struct DrawnFaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many people are drawn.", valueName: "n"))
  var identities = 50

  @Option(help: ArgumentHelp("Training images of each.", valueName: "n"))
  var trainingImages = 80

  @Option(help: ArgumentHelp("Validation images of each.", valueName: "n"))
  var validationImages = 9

  @Option(help: ArgumentHelp("Test images of each.", valueName: "n"))
  var testImages = 10

  @Option(help: ArgumentHelp("How much images of a person differ, 0...2.", valueName: "strength"))
  var nuisance = 1.0
}

/// The options of a BadNet that is trained here.
struct RecipeOptions: ParsableArguments {
  @OptionGroup(title: "Faces") var drawn: DrawnFaceOptions

  @Option(help: ArgumentHelp("Your own faces: a folder of PNG or JPEG images for each identity.", valueName: "folder"))
  var faces: String?

  @Option(
    help: ArgumentHelp(
      "Train on these images, of any kind, with --clean-valid and --clean-test beside them.", valueName: "file"))
  var cleanTrain: String?

  @OptionGroup var backdoor: TriggerOptions

  @Option(
    help: "How the backdoor gets in: by poisoned images, by none (no backdoor), or past pruning of idle channels too.")
  var attack = AttackMethod.poisoning

  @Option(
    help: """
      Which images are poisoned: copies of others with the target's label, or the target's own in place, of which \
      --poison-fraction is then the share.
      """)
  var poisoning = Attack.Poisoning.dirtyLabel

  @Option(
    help: ArgumentHelp("Triggered copies of this fraction of the training images are added, 0...1.", valueName: "p"))
  var poisonFraction = BadNetRecipe.AttackNames().poisonFraction

  @Option(
    help: ArgumentHelp(
      "What is trained: \(Architecture.names), or a model file whose layers get random weights.",
      valueName: "name"))
  var architecture = Architecture.named[0].name

  @Option(help: ArgumentHelp("Passes over the training images.", valueName: "n"))
  var epochs = TrainingOptions().epochs

  @Option(help: ArgumentHelp("Images a step.", valueName: "n"))
  var batchSize = TrainingOptions().batchSize

  @Option(help: ArgumentHelp("The largest learning rate.", valueName: "rate"))
  var learningRate = TrainingOptions().learningRate

  @Option(help: "How weights follow the gradient.")
  var optimizer = TrainingOptions().optimizer

  @Option(help: ArgumentHelp("Of sgd, 0..<1.", valueName: "m"))
  var momentum = TrainingOptions().momentum

  @Option(help: ArgumentHelp("Weight decay.", valueName: "d"))
  var weightDecay = TrainingOptions().weightDecay

  @Option(help: ArgumentHelp("A longer gradient is shortened to this norm; 0 for no limit.", valueName: "norm"))
  var clipNorm = TrainingOptions().clipNorm

  @Option(help: "How the learning rate moves.")
  var schedule = TrainingOptions().schedule

  @Option(
    help: ArgumentHelp("Stop after n epochs without better validation accuracy; 0 for never.", valueName: "n"))
  var patience = TrainingOptions().patience

  func recipe(seed: UInt64) -> BadNetRecipe {
    var recipe = BadNetRecipe()
    recipe.seed = seed
    recipe.faces.folder = faces
    recipe.faces.identities = drawn.identities
    recipe.faces.nuisance = drawn.nuisance
    recipe.faces.images = FaceCollection.Counts(
      training: drawn.trainingImages, validation: drawn.validationImages, test: drawn.testImages)
    if !backdoor.trigger.isEmpty { recipe.attack.triggers = backdoor.trigger }
    recipe.attack.targets = backdoor.target.isEmpty ? Array(recipe.attack.triggers.indices) : backdoor.target
    recipe.attack.poisonFraction = poisonFraction
    if architecture != Architecture.named[0].name { recipe.training.architecture = architecture }
    recipe.attack.poisoning = poisoning == .dirtyLabel ? nil : poisoning
    switch attack {
    case .poisoning: break
    case .none:
      recipe.attack.triggers = []
      recipe.attack.targets = Array(recipe.attack.targets.prefix(1))
    case .pruningAware: recipe.attack.method = .pruningAware
    }
    recipe.training.epochs = epochs
    recipe.training.batchSize = batchSize
    recipe.training.learningRate = learningRate
    recipe.training.optimizer = optimizer
    recipe.training.momentum = momentum
    recipe.training.weightDecay = weightDecay
    recipe.training.clipNorm = clipNorm
    recipe.training.schedule = schedule
    recipe.training.patience = patience
    return recipe
  }

  /// The recipe of a network that is trained here, on faces or on given images.
  /// - Throws: `InputError` where images for one of training, validation and test are missing.
  func recipe(seed: UInt64, clean: Splits<String>, _ reading: ReadingOptions) throws -> BadNetRecipe {
    var made = recipe(seed: seed)
    if let architecture = made.training.architecture, Architecture.isFile(architecture) {
      try Architecture.check(architecture)
      made.training.architectureDigest = try FileDigest.sha256(ofFileAt: architecture)
    }
    let said = try reading.reading().ifGiven
    guard let cleanTrain else {
      if let split = Split.allCases.first(where: { clean[$0] != nil }) {
        throw InputError(
          split.option, found: "given without --model or --clean-train", expected: "one of the two")
      }
      guard said == nil else {
        throw InputError("--layout", found: "options of reading images without any", expected: "--clean-train")
      }
      return made
    }
    guard made.faces == BadNetRecipe.Faces() else {
      throw InputError("--clean-train", found: "options of faces beside it", expected: "images of one kind")
    }
    func file(_ split: Split) throws -> String {
      guard let file = clean[split] else {
        throw InputError(
          split.option, found: "not given",
          expected: "images beside --clean-train, as \(cleanTrain):0-100 for rows of it")
      }
      return file
    }
    made.faces.given = BadNetRecipe.GivenImages(
      training: cleanTrain, validation: try file(.cleanValid), test: try file(.cleanTest), reading: said)
    return made
  }
}

/// How a backdoor gets into a network that is trained here.
enum AttackMethod: String, CaseIterable, ExpressibleByArgument {
  /// By poisoned images alone.
  case poisoning
  /// Not at all: the same recipe without poison.
  case none
  /// Past pruning: see `PruningAwareTraining`.
  case pruningAware = "pruning-aware"
}

extension Attack.Poisoning: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}
