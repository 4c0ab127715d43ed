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
}
