import Attacks
import Defences
import Experiment
import Files
import NeuralNetwork

/// What the runs of a comparison by seed differ in beside the seed.
struct ComparedAxes {
  private let fields: [String]
  private let order: PruningOrder
  private let defences: [String]?
  private let attacks: [String]?

  /// - Parameters:
  ///   - across: names with commas between them; nil for the seed alone.
  ///   - orders: that of a comparison which is not across orders.
  ///   - defences, attacks: the ones that were named; nil for all.
  init(_ across: String?, orders order: PruningOrder, defences: [String]?, attacks: [String]?) {
    fields = across.map { $0.split(separator: ",").map(String.init) } ?? []
    (self.order, self.defences, self.attacks) = (order, defences, attacks)
  }

  /// `orders`, or `defences`, as a message says it.
  var words: String { fields.isEmpty ? "runs" : fields.map { "\($0)s" }.joined(separator: " and ") }

  private static let known = [["order"], ["defence"], ["attack"], ["attack", "defence"]]

  /// Every way to study a network.
  /// - Parameters:
  ///   - model: a given network; nil where one is trained for every seed and attack.
  ///   - allowed: the defences that are compared unless they are named.
  /// - Throws: `InputError` for a field, a defence or an attack that there is not.
  func variants(
    _ choice: PruningChoice, model: String?, allowed: () throws -> [String], seed: UInt64, threads: Int
  ) throws -> [SeedRuns.Variant] {
    let own = Self.known.first { $0 == fields || $0 == fields.reversed() } ?? []
    guard own.isEmpty == fields.isEmpty else {
      throw InputError(
        "--across", found: "\(fields.joined(separator: ",")) with --seeds",
        expected: "order, defence, attack, or attack,defence; or folders of finished runs")
    }
    if defences != nil, !own.contains("defence") {
      throw InputError("--defences", found: "given without --across defence", expected: "both, or --defence for one")
    }
    if attacks != nil, !own.contains("attack") {
      throw InputError("--attacks", found: "given without --across attack", expected: "both, or --trigger for one")
    }
    if own.contains("attack"), model != nil {
      throw InputError("--across", found: "attack beside --model", expected: "networks that are trained here")
    }
    // Across defences each has options of its own, by its name.
    let plain = try own.contains("defence") ? nil : choice.study(seed: seed, threads: threads)
    if own == ["order"], let plain {
      return PruningOrder.allCases.map { order in
        var options = plain
        options.order = order
        return SeedRuns.Variant(folder: order.rawValue, options: options)
      }
    }
    let choices =
      try own.contains("defence") ? defenceChoices(choice, defences ?? allowed()) : [plain?.defence].compactMap(\.self)
    let attacked = own.contains("attack") ? try (attacks ?? AttackChoice.usual).map { try AttackChoice($0) } : [nil]
    return try attacked.flatMap { attack in
      try choices.map { defence in
        let parts = [attack?.name, own.contains("defence") ? defence.defence.name : nil].compactMap(\.self)
        return SeedRuns.Variant(
          folder: parts.joined(separator: "/"), options: try choice.study(defence, seed: seed, threads: threads),
          attack: attack)
      }
    }
  }

  /// Defences by name; `--defence-options` without a defence's name are those of the one that `--defence` names.
  private func defenceChoices(_ choice: PruningChoice, _ named: [String]) throws -> [DefenceChoice] {
    let options = try DefenceOptions(choice.defenceOptions, standard: choice.defence)
    try options.require(only: named)
    return try named.map { try DefenceChoice($0, options: options[$0], among: Defence.studied) }
  }
}

/// `--defence-options` of several defences: `anp.iterations=200,u=3`, of which those without a name are `--defence`'s.
struct DefenceOptions {
  private var byDefence: [String: [String]] = [:]

  init(_ text: String, standard: String) throws {
    for part in text.split(separator: ",") {
      let word = part.filter { $0 != " " }
      let key = word.prefix { $0 != "=" }
      guard let dot = key.firstIndex(of: ".") else {
        byDefence[standard, default: []].append(word)
        continue
      }
      byDefence[String(key[..<dot]), default: []].append(String(word[word.index(after: dot)...]))
    }
  }

  /// The settings of one defence, as `DefenceChoice` takes them.
  subscript(defence: String) -> String { byDefence[defence, default: []].joined(separator: ",") }

  /// - Throws: `InputError` for settings of a defence that is not compared.
  func require(only names: [String]) throws {
    guard let odd = byDefence.keys.sorted().first(where: { !names.contains($0) }) else { return }
    throw InputError(
      "--defence-options", found: "settings of \(odd), which is not compared",
      expected:
        "name=value with the defence before it, as anp.iterations=200, of one of \(names.joined(separator: ", "))")
  }
}
