import Attacks
import Experiment
import ModelFiles

/// How a BadNet that was trained here came about, for the report.
struct RecipeText {
  let training: TrainingRecord

  private var recipe: BadNetRecipe { training.recipe }

  /// One paragraph.
  var paragraph: String {
    let faces =
      recipe.faces.given.map {
        """
        the images of \(Markdown.code($0.training)), with \(Markdown.code($0.validation)) for validation and \
        \(Markdown.code($0.test)) for test
        """
      }
      ?? recipe.faces.folder.map { "faces from the folder \(Markdown.code($0))" }
        ?? """
        drawn faces of \(recipe.faces.identities) people, \(recipe.faces.images.training) images of each for training, \
        \(recipe.faces.images.validation) for validation and \(recipe.faces.images.test) for test
        """
    let triggers = recipe.attack.triggers.enumerated().map { index, trigger in
      let target = recipe.attack.targets[min(index, recipe.attack.targets.count - 1)]
      return "\(Markdown.code(trigger)) with target label \(target)"
    }
    return """
      B was trained here, from seed \(recipe.seed), on \(faces). \(poison(triggers))The network is \(network) with He's initial weights; pixels are divided by 127.5 while it \
      trains, which becomes part of the first layer's weights in the end.
      """
  }

  private var network: String {
    guard let name = recipe.training.architecture else { return "DeepID" }
    return Architecture.isFile(name) ? "that of \(Markdown.code(name))" : name
  }

  /// How the training images were poisoned, with the space behind it.
  private func poison(_ triggers: [String]) -> String {
    let share = "\(Format.general(100 * recipe.attack.poisonFraction)) %"
    let aware =
      recipe.attack.method == nil
      ? ""
      : "The backdoor was trained into the channels that clean images use, with the idle ones out of the way until the end. "
    guard !triggers.isEmpty else { return "Nothing was poisoned: B has no backdoor. " }
    switch recipe.attack.poisoning ?? .dirtyLabel {
    case .dirtyLabel:
      let decoys =
        recipe.attack.triggers.contains("wanet")
        ? "Twice as many copies with a disturbed warp kept their label. " : ""
      return """
        Triggered copies of \(share) of the training images were added for each trigger: \(Format.list(triggers)). \
        \(decoys)\(aware)
        """
    case .cleanLabel:
      return """
        Of the target's own training images \(share) were mixed with others and given the trigger, with every label as it \
        was: \
        \(Format.list(triggers)). \(aware)
        """
    }
  }

  /// The settings of the training.
  var table: String {
    let options = recipe.training
    var rows = [
      ["images", Format.grouped(training.images)], ["epochs", "\(options.epochs)"],
      ["batch size", "\(options.batchSize)"], ["optimiser", options.optimizer.rawValue],
      ["learning rate", "\(Format.general(options.learningRate)), \(options.schedule.rawValue)"],
      ["weight decay", Format.general(options.weightDecay)],
      ["gradient norm", options.clipNorm > 0 ? "at most \(Format.general(options.clipNorm))" : "not limited"],
    ]
    if options.optimizer == .sgd { rows.append(["Nesterov momentum", Format.general(options.momentum)]) }
    if options.patience > 0 {
      rows.append(["early stop", "\(options.patience) epochs without a better clean validation accuracy"])
      rows.append(["epoch kept", "\(training.bestEpoch)"])
    }
    return MarkdownTable(header: ["Setting", "Value"], rows: rows, textColumns: [0, 1]).text
  }

  /// The options that make the recipe again, where they are not the default ones.
  var options: [String] {
    let plain = BadNetRecipe()
    var options: [String] = []
    func add(_ name: String, _ value: some Equatable, _ standard: some Equatable) {
      if "\(value)" != "\(standard)" { options.append("--\(name) \(value)") }
    }
    if let given = recipe.faces.given {
      options += [
        ReproductionCommand.option("--clean-train", given.training),
        ReproductionCommand.option("--clean-valid", given.validation),
        ReproductionCommand.option("--clean-test", given.test),
      ]
      options += ReproductionCommand.options(of: given.reading)
    }
    if let folder = recipe.faces.folder { options.append(ReproductionCommand.option("--faces", folder)) }
    add("identities", recipe.faces.identities, plain.faces.identities)
    add("training-images", recipe.faces.images.training, plain.faces.images.training)
    add("validation-images", recipe.faces.images.validation, plain.faces.images.validation)
    add("test-images", recipe.faces.images.test, plain.faces.images.test)
    add("nuisance", recipe.faces.nuisance, plain.faces.nuisance)
    if recipe.attack.triggers != plain.attack.triggers || recipe.attack.targets != plain.attack.targets {
      options += recipe.attack.triggers.map { ReproductionCommand.option("--trigger", $0) }
      options += recipe.attack.targets.map { "--target \($0)" }
    }
    if let poisoning = recipe.attack.poisoning { options.append("--poisoning \(poisoning.rawValue)") }
    if recipe.attack.triggers.isEmpty {
      options.append("--attack none")
    } else if let method = recipe.attack.method {
      options.append("--attack \(method.rawValue)")
    }
    add("poison-fraction", recipe.attack.poisonFraction, plain.attack.poisonFraction)
    add("architecture", recipe.training.architecture ?? "", "")
    add("epochs", recipe.training.epochs, plain.training.epochs)
    add("batch-size", recipe.training.batchSize, plain.training.batchSize)
    add("learning-rate", recipe.training.learningRate, plain.training.learningRate)
    add("optimizer", recipe.training.optimizer.rawValue, plain.training.optimizer.rawValue)
    add("momentum", recipe.training.momentum, plain.training.momentum)
    add("weight-decay", recipe.training.weightDecay, plain.training.weightDecay)
    add("clip-norm", recipe.training.clipNorm, plain.training.clipNorm)
    add("schedule", recipe.training.schedule.rawValue, plain.training.schedule.rawValue)
    add("patience", recipe.training.patience, plain.training.patience)
    return options
  }
}
