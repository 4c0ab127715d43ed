import Files

/// An attack by its name in a comparison: a trigger, with what changes it behind a plus, or none at all.
public struct AttackChoice: Sendable, Equatable {
  /// `wanet`, `sig+clean-label`, `sunglasses+pruning-aware`, `none`.
  public let name: String
  private let triggers: [String]
  private let poisoning: Attack.Poisoning?
  private let method: BadNetRecipe.AttackNames.Method?

  /// The recipe without poison.
  public static let none = "none"
  /// Those that are compared unless told otherwise.
  public static let usual = Trigger.drawn + [none]

  /// - Throws: `InputError` for a trigger that does not serve, or what is no attack.
  public init(_ text: String) throws {
    let words = text.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    name = text
    var (triggers, poisoning, method) = ([String](), Attack.Poisoning?.none, BadNetRecipe.AttackNames.Method?.none)
    for word in words {
      if let known = Attack.Poisoning(rawValue: word) {
        poisoning = known == .dirtyLabel ? nil : known
      } else if let known = BadNetRecipe.AttackNames.Method(rawValue: word) {
        method = known
      } else if word != Self.none {
        // A path that is no picture is told before any work.
        _ = try Trigger(named: word)
        triggers.append(word)
      }
    }
    guard triggers.isEmpty == (words == [Self.none]) else {
      throw InputError(
        "--attacks", found: text, expected: "a trigger, as \(Trigger.drawn.joined(separator: ", ")), or none")
    }
    (self.triggers, self.poisoning, self.method) = (triggers, poisoning, method)
  }

  /// Gives a recipe this attack in place of its own; targets stay, as far as there are triggers for them.
  public func apply(to recipe: inout BadNetRecipe) throws {
    recipe.attack.triggers = triggers
    let targets = recipe.attack.targets
    recipe.attack.targets = targets.count == 1 || targets.count == triggers.count ? targets : Array(targets.prefix(1))
    (recipe.attack.poisoning, recipe.attack.method) = (poisoning, method)
  }
}
