import Datasets
import Defences
import Experiment

/// The exact tests of a comparison, corrected together for their number, and what they are printed as.
struct PairedTestTables {
  /// One paired comparison.
  struct Test {
    let group: Int, drop: Drop, split: Split
    let change: PairedRates
    /// After Holm's correction over all tests of the comparison.
    var sign: Double, permutation: Double
  }

  let tests: [Test]
  /// Pairs of groups by seed: the second group's B' against the first's.
  let contrasts: [Test]
  private let comparison: Comparison

  init(_ comparison: Comparison) {
    self.comparison = comparison
    let splits = [comparison.reported.clean] + (comparison.reported.backdoored.map { [$0] } ?? [])
    tests = Self.corrected(
      comparison.groups.indices.flatMap { index in
        comparison.groups[index].drops.flatMap { drop in
          splits.compactMap { split in drop.change[split].map { Self.test(index, drop.drop, split, $0) } }
        }
      })
    let drops = comparison.field == "drops" ? [] : comparison.groups[0].drops.map(\.drop)
    contrasts = Self.corrected(
      comparison.groups.indices.dropFirst().flatMap { index in
        drops.indices.flatMap { place in
          splits.compactMap { split in
            comparison.groups[0].paired(with: comparison.groups[index], at: place, split)
              .map { Self.test(index, drops[place], split, $0) }
          }
        }
      })
  }

  private static func test(_ group: Int, _ drop: Drop, _ split: Split, _ change: PairedRates) -> Test {
    Test(
      group: group, drop: drop, split: split, change: change, sign: change.sign, permutation: change.permutation)
  }

  private static func corrected(_ tests: [Test]) -> [Test] {
    let signs = PairedTest.holm(tests.map(\.sign))
    let permutations = PairedTest.holm(tests.map(\.permutation))
    return tests.indices.map { index in
      var test = tests[index]
      (test.sign, test.permutation) = (signs[index], permutations[index])
      return test
    }
  }

  /// The test of B against B' in one group at one X.
  func test(group: Int, drop: Drop, split: Split) -> Test? {
    tests.first { $0.group == group && $0.drop == drop && $0.split == split }
  }

  /// B against B' over the runs.
  var table: String {
    guard !tests.isEmpty else { return "No X was reached, so there is nothing to test." }
    return table(tests, "B - B'") { [comparison.groups[$0.group].value?.text ?? "none"] }
  }

  /// The groups against the first one by seed; nil where no two runs share a seed.
  var contrastTable: String? {
    guard contrasts.contains(where: { $0.change.difference.count > 1 }) else { return nil }
    func name(_ group: Int) -> String { comparison.groups[group].value?.text ?? "none" }
    return table(contrasts, "Difference of B'") { ["\(name(0)) - \(name($0.group))"] }
  }

  private func table(_ tests: [Test], _ title: String, _ group: (Test) -> [String]) -> String {
    let header = (comparison.field.map { [$0] } ?? []) + ["X", "Measure"]
    let rows = tests.map { test -> [String] in
      let change = test.change
      let name = comparison.field == nil ? [] : group(test)
      return name + [
        "X = \(test.drop)", test.split.isBackdoored ? "attack success" : "clean accuracy",
        "\(change.difference.count)", Format.points(change.difference),
        "\(change.fell) / \(change.rose) / \(change.same)", Format.probability(test.sign),
        Format.probability(test.permutation) + (change.isExact ? "" : " *"),
        change.difference.countToHalve.map { "about \($0)" } ?? "n/a",
      ]
    }
    let table = MarkdownTable(
      header: header + [
        "Runs", "\(title) [95 %]", "> 0 / < 0 / = 0", "p, sign (Holm over \(tests.count))",
        "p, permutation (Holm over \(tests.count))", "Runs to halve the interval",
      ], rows: rows, textColumns: Set(header.indices))
    let sampled = tests.contains { !$0.change.isExact }
    return table.text + (sampled ? "\n\n\\* of 9,999 random choices of signs." : "")
  }

  /// In how many runs the attack survives, with exact intervals; nil without backdoored faces.
  var fates: String? {
    guard let split = comparison.reported.backdoored else { return nil }
    let header = comparison.field.map { [$0] } ?? []
    let rows = comparison.groups.flatMap { group in
      group.drops.map { drop -> [String] in
        let name = comparison.field == nil ? [] : [group.value?.text ?? "none"]
        let shares = [AttackFate.survives, .weakened, .broken].map { Format.share(drop.count($0, split)) }
        let median = drop.repaired[split].map { Format.median($0) } ?? "n/a"
        return name + ["X = \(drop.drop)"] + shares + [median]
      }
    }
    return MarkdownTable(
      header: header + [
        "X", "Survives [95 %]", "Weakened [95 %]", "Broken [95 %]", "Median attack success of B' [95 %]",
      ], rows: rows, textColumns: Set(0...header.count)
    ).text
  }
}
