import Datasets

/// The faces of a recipe, drawn or read, and those wearing the triggers.
public struct RecipeFaces: Sendable {
  /// Clean faces for training, validation and test.
  public let collection: FaceCollection
  /// The backdoors.
  public let attack: Attack
  /// What a study of the network looks at: clean and triggered, validation and test.
  public let splits: Splits<FaceDataset>

  /// Makes the faces; nothing is trained.
  /// - Throws: `InputError` or `PlottingError` where the recipe cannot be followed.
  public init(_ recipe: BadNetRecipe, threads: Int) throws {
    collection = try recipe.makeFaces(threads: threads)
    attack = try recipe.makeAttack(identities: collection.identities)
    let hasBackdoor = !attack.backdoors.isEmpty
    splits = Splits(
      cleanValid: collection.validation, cleanTest: collection.test,
      backdooredValid: hasBackdoor ? try attack.triggered(collection.validation, name: "triggered validation") : nil,
      backdooredTest: hasBackdoor ? try attack.triggered(collection.test, name: "triggered test") : nil)
  }
}
