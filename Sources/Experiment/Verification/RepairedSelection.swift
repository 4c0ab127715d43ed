import Datasets
import Defences
import NeuralNetwork

/// How the silenced channels of a repaired network were chosen, as clean validation faces tell.
public struct RepairedSelection: Codable, Equatable, Sendable {
  /// B and B' on clean validation faces.
  public let baseline: Rate, repaired: Rate
  /// The order whose first channels are the silenced ones; nil where it is none that is known.
  public let prefix: Prefix?
  /// For each X.
  public let drops: [DropFound]

  /// The first k channels of an order.
  public struct Prefix: Codable, Equatable, Sendable {
    /// Which order.
    public let order: PruningOrder
    /// k: the least and the most that give this network. They differ by channels that are silent in B already.
    public let least: Int, most: Int
  }

  /// What B' is to one X.
  public struct DropFound: Codable, Equatable, Sendable {
    /// X, in percentage points.
    public let drop: Drop
    /// Whether accuracy has fallen by at least X, in whole faces.
    public let isSatisfied: Bool
    /// The first k that satisfies X in the order found, or in ascending order where none was; nil where there is none.
    public let firstStop: Int?
    /// Whether B' is the network at that k.
    public let isFirst: Bool
  }

  /// The orders that silenced channels are compared with, the defence's own first.
  private static let orders: [PruningOrder] = [.ascending, .weightNorm, .descending]

  /// Looks for the order.
  /// - Parameters:
  ///   - examination: of B and B'.
  ///   - validation: clean.
  ///   - rates: of B and B' on these faces.
  ///   - options: the X values and threads; the order is what is looked for.
  /// - Throws: what a study throws.
  public init(
    of examination: RepairedExamination, _ badNet: BadNet, on validation: FaceDataset, rates: (B: Rate, repaired: Rate),
    options: StudyOptions, progress: (PruningStudy.Progress) -> Void = { _ in }
  ) throws {
    let studies = try PruningStudy.studies(
      of: badNet, on: Splits(cleanValid: validation),
      options: Self.orders.map { order in
        var options = options
        options.layer = examination.layer
        options.order = order
        return options
      }, progress: progress)
    let silent = Set(examination.alreadySilent)
    let found = studies.lazy.compactMap { study in
      Self.prefix(of: study.pruneOrder, Set(examination.silenced), silent: silent).map { (study, $0) }
    }.first
    let study = found?.0 ?? studies[0]
    prefix = found.map { Prefix(order: $0.0.options.order, least: $0.1.lowerBound, most: $0.1.upperBound) }
    (baseline, repaired) = rates
    let isPruning = examination.isPruningAlone
    drops = zip(options.drops, study.stops).map { drop, stop in
      DropFound(
        drop: drop,
        isSatisfied: drop.isReached(hits: rates.repaired.hits, baseline: rates.B.hits, total: rates.B.total),
        firstStop: stop, isFirst: isPruning && stop.map { found?.1.contains($0) ?? false } ?? false)
    }
  }

  /// Every k whose first k channels are `silenced` and some of `silent`, the ones that are silent anyway.
  static func prefix(of order: [Int], _ silenced: Set<Int>, silent: Set<Int>) -> ClosedRange<Int>? {
    var missing = silenced.count
    var least = 0
    for (place, channel) in order.enumerated() {
      if missing == 0 { break }
      if silenced.contains(channel) { missing -= 1 } else if !silent.contains(channel) { return nil }
      least = place + 1
    }
    guard missing == 0 else { return nil }
    return least...(least + order[least...].prefix(while: silent.contains).count)
  }
}
