import ArgumentParser
import Defences
import Experiment
import Files
import ModelFiles

/// What is pruned, in which order, and when it stops.
struct PruningChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The layer whose channels are pruned, or all for every convolution. (default: the last one whose channels are maps, \
      pool_3 in DeepID; all for clp, bnp, anp and rnp)
      """,
      valueName: "name"))
  var layer: String?

  @Option(
    help: ArgumentHelp(
      "In which order channels are pruned: least active first, most active first, random, or smallest filter first.",
      valueName: "order"))
  var order = PruningOrder.ascending

  @Option(
    help: ArgumentHelp(
      "pruning, fine-pruning, clp, bnp, anp, rnp, taylor, weight-norm or random; oracle is none, and a mark to measure by.",
      valueName: "defence"))
  var defence = Defence.pruning.name

  @Option(
    help: ArgumentHelp("Settings of the defence, as u=3,rate=0.01. (default: its paper's)", valueName: "name=value,…"))
  var defenceOptions = ""

  @Option(
    help: ArgumentHelp("The X values, in percentage points. (default: 2,4,10)", valueName: "x,x,…"),
    transform: drops(from:))
  var drops = Drop.published

  @Option(
    help: ArgumentHelp(
      "Rank and stop on n clean validation images, drawn by the seed. (default: all)", valueName: "n"))
  var validationSample: Int?

  /// - Throws: `InputError` for a defence or a setting that there is not, and for an order beside one that has its own.
  func study(seed: UInt64, threads: Int) throws -> StudyOptions {
    try study(DefenceChoice(defence, options: defenceOptions, among: Defence.studied), seed: seed, threads: threads)
  }

  /// The same with another defence.
  func study(_ choice: DefenceChoice, seed: UInt64, threads: Int) throws -> StudyOptions {
    guard order == .ascending || choice.defence.usesOrder else {
      throw InputError(
        "--order", found: "\(order.rawValue) with --defence \(choice.defence.name)",
        expected: "it with pruning or fine-pruning alone, for other defences have rankings of their own")
    }
    var options = StudyOptions(
      layer: layer ?? DeepID.prunedLayer, order: order, drops: drops, seed: seed, validationSample: validationSample,
      threads: threads)
    options.choosesLayer = layer == nil
    options.defence = choice
    return options
  }
}

/// The options of every command that makes one run.
struct PruningOptions: ParsableArguments {
  @OptionGroup(title: "Pruning options") var choice: PruningChoice

  @Option(help: ArgumentHelp("Where the run's record, curve and networks go.", valueName: "folder"))
  var output = "runs/latest"

  @Option(help: ArgumentHelp("The seed of everything random.", valueName: "n"))
  var seed: UInt64 = 1

  @OptionGroup var keeping: KeepOption
}

extension PruningOrder: ExpressibleByArgument {}

/// X values that differ from each other, in ascending order.
@Sendable func drops(from text: String) throws -> [Drop] {
  let drops = text.split(separator: ",", omittingEmptySubsequences: false).map { Drop($0.filter { $0 != " " }) }
  guard !drops.contains(nil), Set(drops).count == drops.count else {
    throw ValidationError("expected different numbers in 0...100 with at most three decimals, as 2,4,10")
  }
  return drops.compactMap { $0 }.sorted()
}
