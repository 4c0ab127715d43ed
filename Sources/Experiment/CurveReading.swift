import Datasets

/// What can be read off a pruning curve; all in whole rows, from the record alone.
extension RunRecord {
  /// The rates of B, before anything is pruned.
  public var baseline: Splits<Rate> { curve.first?.rates ?? Splits() }

  /// How many channels are free: the largest k of the curve up to which clean validation accuracy never fell below the baseline.
  public var freeChannels: Int {
    guard let baseline = baseline.cleanValid else { return 0 }
    let firstLoss = curve.firstIndex { ($0.rates.cleanValid?.hits ?? 0) < baseline.hits }
    return firstLoss.map { $0 > 0 ? curve[$0 - 1].channelsPruned : 0 } ?? channels
  }

  /// Channels whose mean activation on clean validation faces is 0.
  public var silentChannels: Int { meanActivation.count { $0 == 0 } }

  /// The first k from which on a split's rate stays below `fraction` (0...1); nil where it does not.
  public func lastingFall(of split: Split, below fraction: Double) -> Int? {
    guard let last = curve.lastIndex(where: { ($0.rates[split]?.fraction ?? 1) >= fraction }) else { return 0 }
    return last + 1 < curve.count ? curve[last + 1].channelsPruned : nil
  }

  /// The splits that the figure and the prose speak of: test or validation, whichever has more rows of both kinds, test
  /// where they have as many; a kind that only one of them has is taken from there. Rows that are left out do not count; a
  /// backdoored split without others is none.
  public var reported: (clean: Split, backdoored: Split?) {
    func rows(_ splits: [Split]) -> Int { splits.reduce(0) { $0 + rowsThatCount($1) } }
    let prefersTest = rows([.cleanTest, .backdooredTest]) >= rows([.cleanValid, .backdooredValid])
    let clean: [Split] = prefersTest ? [.cleanTest, .cleanValid] : [.cleanValid, .cleanTest]
    let backdoored: [Split] =
      prefersTest ? [.backdooredTest, .backdooredValid] : [.backdooredValid, .backdooredTest]
    return (clean.first { data[$0] != nil } ?? .cleanValid, backdoored.first { rowsThatCount($0) > 0 })
  }

  /// n: the rows of a split's rates, which are fewer than the file's where the target's own are left out; 0 for a split that
  /// was not given.
  public func rowsThatCount(_ split: Split) -> Int { baseline[split]?.total ?? data[split]?.rows ?? 0 }

  /// Whether a backdoored split was given of which no row counts.
  public var excludesEveryTriggeredRow: Bool {
    reported.backdoored == nil && Split.allCases.contains { $0.isBackdoored && data[$0] != nil }
  }
}

/// What became of an attack, judged by its success rate.
public enum AttackFate: String, Equatable, Sendable {
  /// At least half of the triggered faces still reach the target.
  case survives
  /// Between a tenth and half of them.
  case weakened
  /// Under a tenth.
  case broken

  /// The limits, as fractions 0...1.
  public static let survivalLimit = 0.5, breakLimit = 0.1

  /// The fate at this attack success rate; nil of no rows.
  public init?(_ rate: Rate) {
    guard rate.hasRows else { return nil }
    // In whole rows: 2 hits >= total, 10 hits >= total.
    self = 2 * rate.hits >= rate.total ? .survives : 10 * rate.hits >= rate.total ? .weakened : .broken
  }
}
