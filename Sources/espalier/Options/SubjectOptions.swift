import Attacks
import Datasets
import Files

extension Subject {
  /// The network that the options name, or one to be trained where they name none.
  /// - Throws: `InputError` for a mixture of the two.
  init(_ model: ModelOptions, _ recipe: RecipeOptions, seed: UInt64) throws {
    let made = recipe.recipe(seed: seed)
    if model.network.model != nil {
      var plain = BadNetRecipe()
      plain.seed = seed
      guard made == plain else {
        throw InputError(
          "--model", found: "options of training beside it", expected: "a given network, or one to be trained")
      }
      self = .given(try model.sources(), excludesTarget: model.faces.excludeTarget)
      return
    }
    guard Split.allCases.allSatisfy({ model.faces.paths[$0] == nil }), model.network.inputScale == 1 else {
      throw InputError("--model", found: "not given, but faces or a scale for it", expected: "a Keras HDF5 file")
    }
    self = .trained(made)
  }
}
