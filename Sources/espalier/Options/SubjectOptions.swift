import Attacks
import Datasets
import Files

extension Subject {
  /// The network that the options name, or one to be trained where they name none.
  /// - Throws: `InputError` for a mixture of the two.
  init(_ model: ModelOptions, _ recipe: RecipeOptions, seed: UInt64) throws {
    if model.network.model != nil {
      let made = recipe.recipe(seed: seed)
      var plain = BadNetRecipe()
      plain.seed = seed
      // Triggers make the backdoored splits of a given network.
      plain.attack.triggers = made.attack.triggers
      plain.attack.targets = made.attack.targets
      guard made == plain, recipe.cleanTrain == nil else {
        throw InputError(
          "--model", found: "options of training beside it", expected: "a given network, or one to be trained")
      }
      self = .given(try model.sources(recipe.backdoor), excludesTarget: model.faces.excludeTarget)
      return
    }
    let hasOthers = Split.allCases.contains {
      model.faces.paths[$0] != nil && (recipe.cleanTrain == nil || $0.isBackdoored)
    }
    guard !hasOthers, !model.network.isPrepared else {
      throw InputError("--model", found: "not given, but faces or a scale for it", expected: "a Keras or ONNX file")
    }
    self = .trained(try recipe.recipe(seed: seed, clean: model.faces.paths, model.reading))
  }
}
