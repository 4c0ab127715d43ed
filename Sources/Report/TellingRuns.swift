import Datasets
import Experiment

/// The runs of a comparison in the order in which they tell most: of many, a reader sees the first ones alone.
struct TellingRuns {
  /// A run, and why it comes early; nil where it comes by its unlikeness alone.
  struct Entry {
    let group: RunGroup
    let run: ComparedRun
    let role: String?
  }

  let entries: [Entry]

  /// - Parameter comparison: of one group or several, whose runs then take turns.
  init(_ comparison: Comparison) {
    let lists = comparison.groups.map { Self.ordered($0, comparison.reported) }
    let longest = lists.map(\.count).max() ?? 0
    entries = (0..<longest).flatMap { place in lists.compactMap { place < $0.count ? $0[place] : nil } }
  }

  /// The median run, the one where the defence does best, the one where it does worst, then by distance from the medians.
  private static func ordered(_ group: RunGroup, _ splits: (clean: Split, backdoored: Split?)) -> [Entry] {
    let measures = [splits.clean] + (splits.backdoored.map { [$0] } ?? [])
    let medians = measures.map { split in group.curve.map { $0[split]?.median ?? 0 } }
    let unlike = group.runs.map { run in
      zip(measures, medians).reduce(0.0) { sum, measure in
        sum
          + measure.1.enumerated().reduce(0) {
            $0 + abs((run.record.rates(after: $1.offset)[measure.0]?.percent ?? $1.element) - $1.element)
          }
      }
    }
    let scores = group.runs.map { score($0.record, splits) }
    // The lower attack success of B' at the largest X, the better; of equals, the one most like the others.
    let ranked = group.runs.indices.sorted {
      (scores[$0], unlike[$0], group.runs[$0].record.seed) < (scores[$1], unlike[$1], group.runs[$1].record.seed)
    }
    let apart = group.runs.indices.sorted {
      (-unlike[$0], group.runs[$0].record.seed) < (-unlike[$1], group.runs[$1].record.seed)
    }
    guard let best = ranked.first, let worst = ranked.last, let most = apart.first else { return [] }
    var seen: Set<Int> = []
    let first = [(ranked[(ranked.count - 1) / 2], "median"), (best, "best"), (worst, "worst"), (most, "most unlike")]
    return (first.map { ($0.0, Optional($0.1)) } + apart.map { ($0, nil) }).compactMap { index, role in
      seen.insert(index).inserted ? Entry(group: group, run: group.runs[index], role: role) : nil
    }
  }

  /// Attack success of B' at the largest X that is reached, in percent; without an attack what accuracy has lost.
  private static func score(_ record: RunRecord, _ splits: (clean: Split, backdoored: Split?)) -> Double {
    let reached = record.repaired.last { $0.channelsPruned != nil }
    let rates = reached?.network ?? record.baseline
    guard let backdoored = splits.backdoored else { return 100 - (rates[splits.clean]?.percent ?? 0) }
    return rates[backdoored]?.percent ?? 100
  }
}
