import Datasets
import Experiment

/// What the first five runs of a comparison leave open, and all of them tell.
struct FewRuns {
  private let all: Comparison
  private let few: Comparison
  private let backdoored: Split

  private static let few = 5

  /// nil where there are fewer than twice as many, several groups, or no attack.
  init?(_ comparison: Comparison) {
    guard comparison.groups.count == 1, comparison.runs.count >= 2 * Self.few,
      let backdoored = comparison.reported.backdoored,
      let few = try? Comparison(Array(comparison.runs.prefix(Self.few)))
    else { return nil }
    (all, self.few, self.backdoored) = (comparison, few, backdoored)
  }

  /// A paragraph and a list, as Markdown; nil where no X is reached by two of the five.
  var text: String? {
    let tests = (all: PairedTestTables(all), few: PairedTestTables(few))
    let lines = all.groups[0].drops.indices.compactMap { index -> String? in
      let (whole, first) = (all.groups[0].drops[index], few.groups[0].drops[index])
      guard let width = whole.repaired[backdoored]?.interval, let before = first.repaired[backdoored]?.interval,
        let p = tests.all.test(group: 0, drop: whole.drop, split: backdoored)?.permutation,
        let earlier = tests.few.test(group: 0, drop: whole.drop, split: backdoored)?.permutation
      else { return nil }
      return """
        - X = \(whole.drop): mean attack success of B' lies in \(Self.percent(width)), where the first \(Self.few) leave \
        \(Self.percent(before)). \(Self.change(p, earlier))
        """
    }
    guard !lines.isEmpty else { return nil }
    return "What the first \(Self.few) of these \(all.runs.count) runs could not tell:\n\n"
      + lines.joined(separator: "\n")
  }

  private static func percent(_ interval: ClosedRange<Double>) -> String {
    "\(Format.fixed(interval.lowerBound, 1)) to \(Format.fixed(interval.upperBound, 1)) %"
  }

  /// Whether pruning changes attack success, by the corrected permutation tests of all runs and of the few.
  private static func change(_ p: Double, _ earlier: Double) -> String {
    func text(_ p: Double) -> String { p < 0.001 ? "p < 0.001" : "p = \(Format.probability(p))" }
    switch (p <= 0.05, earlier <= 0.05) {
    case (true, false):
      return "That pruning changes it is established (\(text(p))), and by those was not (\(text(earlier)))."
    case (true, true): return "That pruning changes it is established by either."
    case (false, true):
      return "That pruning changes it is not established (\(text(p))), and by those was (\(text(earlier)))."
    case (false, false): return "That pruning changes it is not established (\(text(p))) by either."
    }
  }
}
