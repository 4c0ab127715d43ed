import Attacks

extension BadNetRecipe {
  /// The options that make the recipe again, where they are not the default ones.
  var options: [String] {
    let plain = BadNetRecipe()
    var options: [String] = []
    func add(_ name: String, _ value: some Equatable, _ standard: some Equatable) {
      if "\(value)" != "\(standard)" { options.append("--\(name) \(value)") }
    }
    if let given = faces.given {
      options += [
        ReproductionCommand.option("--clean-train", given.training),
        ReproductionCommand.option("--clean-valid", given.validation),
        ReproductionCommand.option("--clean-test", given.test),
      ]
      options += ReproductionCommand.options(of: given.reading)
    }
    if let folder = faces.folder { options.append(ReproductionCommand.option("--faces", folder)) }
    add("identities", faces.identities, plain.faces.identities)
    add("training-images", faces.images.training, plain.faces.images.training)
    add("validation-images", faces.images.validation, plain.faces.images.validation)
    add("test-images", faces.images.test, plain.faces.images.test)
    add("nuisance", faces.nuisance, plain.faces.nuisance)
    if attack.triggers != plain.attack.triggers || attack.targets != plain.attack.targets {
      options += attack.triggers.map { ReproductionCommand.option("--trigger", $0) }
      options += attack.targets.map { "--target \($0)" }
    }
    if let poisoning = attack.poisoning { options.append("--poisoning \(poisoning.rawValue)") }
    if attack.triggers.isEmpty {
      options.append("--attack none")
    } else if let method = attack.method {
      options.append("--attack \(method.rawValue)")
    }
    add("poison-fraction", attack.poisonFraction, plain.attack.poisonFraction)
    add("architecture", training.architecture ?? "", "")
    add("epochs", training.epochs, plain.training.epochs)
    add("batch-size", training.batchSize, plain.training.batchSize)
    add("learning-rate", training.learningRate, plain.training.learningRate)
    add("optimizer", training.optimizer.rawValue, plain.training.optimizer.rawValue)
    add("momentum", training.momentum, plain.training.momentum)
    add("weight-decay", training.weightDecay, plain.training.weightDecay)
    add("clip-norm", training.clipNorm, plain.training.clipNorm)
    add("schedule", training.schedule.rawValue, plain.training.schedule.rawValue)
    add("patience", training.patience, plain.training.patience)
    return options
  }
}
