import Experiment
import Report
import Testing

/// The sentences of a comparison's report follow its numbers.
struct ComparisonReportTests {
  private func report(_ records: [ComparedRecord], across: String? = nil) throws -> String {
    try ComparisonReport(
      Comparison(records.map { try $0.run("runs/\($0.order)-\($0.seed)") }, across: across), figurePath: "figure.png",
      runsFigurePaths: ["runs.png"], command: "espalier compare"
    ) { "\($0.folder)/run.json" }.markdown()
  }

  private let survivors = [ComparedRecord(seed: 1), ComparedRecord(seed: 2), ComparedRecord(seed: 3)]

  @Test func survivalIsCounted() throws {
    let text = try report(survivors)
    #expect(text.contains("# The pruning defence over 3 runs"))
    #expect(text.contains("A seed varies which 100 of the 180 clean validation faces rank the channels"))
    #expect(
      text.contains("over 3 seeds the attack survives X = 2 in 3 of 3 runs [29, 100 %]. Pruning changes it in no run."))
    #expect(text.contains("**The pruning defence fails in every one of 3 runs**: the attack survives at X = 2 and 4."))
    #expect(text.contains("clean accuracy does not differ between runs at any k"))
    #expect(text.contains("Intervals are wide where few runs leave room for rare ones"))
    #expect(text.contains("About 9 seeds would halve the interval of its mean."))
    #expect(text.contains("| 3/3 [29.2, 100.0] | 0/3 [0.0, 70.8] |"))
    #expect(text.contains("| [seed 1](runs/ascending-1/run.json) |"))
  }

  @Test func oneBrokenRunChangesTheCountAndTheVerdict() throws {
    var records = survivors
    records[2].attack = [100, 100, 5, 0, 0]
    let text = try report(records)
    #expect(
      text.contains("over 3 seeds the attack survives X = 2 in 2 of 3 runs [9, 99 %] and is broken in 1 [1, 91 %]."))
    // 0, 0 and 95 points: one run that falls proves nothing.
    #expect(
      text.contains(
        """
        Pruning lowers it in 1 of 3 runs, by 31.67 [-63.47, 88.37] points on average (permutation test, corrected: \
        p = 1.000): over these seeds no change is established; of 4 comparisons the first takes 8 runs that agree.
        """))
    #expect(text.contains("**Whether the pruning defence works depends on X and on the seed**"))
    #expect(text.contains("the attack is broken in 1 of 3 at X = 2 and 1 of 3 at X = 4."))
    #expect(text.contains("attack success differs most at k = 2, by a standard deviation of 54.85 points"))
  }

  @Test func weakenedIsNotBroken() throws {
    var records = survivors
    records[2].attack = [100, 100, 100, 30, 0]
    #expect(
      try report(records).contains(
        """
        **The pruning defence breaks the attack in no run**: it is weakened in 0 of 3 at X = 2 and 1 of 3 at X = 4, and \
        survives in the others.
        """))
    for index in records.indices { records[index].attack = [100, 100, 30, 30, 0] }
    #expect(try report(records).contains("it is weakened in 3 of 3 at X = 2 and 3 of 3 at X = 4.\n"))
  }

  @Test func aFallBeyondLuckIsSaidToBeOne() throws {
    func records(_ count: Int) -> [ComparedRecord] {
      (1...count).map { ComparedRecord(seed: $0, attack: [100, 100, $0 % 3 + 4, 0, 0]) }
    }
    let three = try report(records(3))
    #expect(three.contains("over 3 seeds the attack is broken at X = 2 in 3 of 3 runs [29, 100 %]."))
    #expect(
      three.contains("over these seeds no change is established; of 4 comparisons the first takes 8 runs that agree."))
    #expect(three.contains("**The pruning defence works in every one of 3 runs**"))
    // 2^(1-8) = 0.0078, times 4.
    let eight = try report(records(8))
    #expect(eight.contains("(permutation test, corrected: p = 0.031): a fall beyond what the seeds explain."))
    #expect(eight.contains("| p, sign (Holm over 4) | p, permutation (Holm over 4) |"))
    #expect(eight.contains("|       8 / 0 / 0 |                 0.031 |                        0.031 |"))
  }

  /// X = 4: 8 and 10 discordant faces have p = 0.0078 and 0.0020 in each of three runs; times 12 for the three smallest of
  /// the 12 tests, times 9 for the next.
  @Test func testsByRunAreCorrected() throws {
    let text = try report(survivors)
    #expect(text.contains("| p, accuracy (Holm) | p, attack (Holm) |"))
    #expect(text.contains("|              0.070 |            0.023 |"))
  }

  @Test func oneRunHasNoIntervalAndSaysWhy() throws {
    let text = try report([survivors[0]])
    #expect(text.contains("# The pruning defence over 1 run\n"))
    #expect(text.contains("One run gives no interval across runs: with nothing to compare it to"))
    #expect(text.contains("- One run gives no interval across runs: the spread of a single number is unknown."))
    #expect(text.contains(" 95.00 % |"))
    #expect(text.contains("**The pruning defence fails in the one run**"))
    #expect(!text.contains("t-intervals of the mean"))
  }

  @Test func dropsThatSomeRunsDoNotReach() throws {
    var records = survivors
    records[0].clean = [98, 98, 98, 98, 98]
    #expect(try report(records).contains("**X = 2** (reached in 2 of 3 runs) stops at k = 2"))
    records[1].clean = [98, 98, 98, 98, 98]
    #expect(
      try report(records).contains("100.00 %: in that run the attack survives X = 2. Pruning does not change it."))
    for index in records.indices { records[index].clean = [98, 98, 98, 98, 98] }
    let text = try report(records)
    #expect(text.contains("**X = 2** is reached in none of 3 runs."))
    #expect(text.contains("No X was reached in any run"))
  }

  @Test func withoutABackdoorThereIsNoVerdict() throws {
    var records = survivors
    for index in records.indices { records[index].attack = [3, 3, 3, 3, 3] }
    #expect(try report(records).contains("in only 0 of 3 runs: where it does not, there is hardly a backdoor"))
  }

  @Test func groupsStandSideBySide() throws {
    let records = [
      ComparedRecord(seed: 1, order: "ascending", sample: nil), ComparedRecord(seed: 1, order: "random", sample: nil),
      ComparedRecord(seed: 2, order: "random", sample: nil, attack: [100, 100, 90, 80, 5]),
    ]
    let text = try report(records, across: "order")
    #expect(text.contains("the runs differ in `order`: ascending (1 run) and random (2 runs)."))
    #expect(text.contains("### order random"))
    #expect(
      text.contains("- X = 2: 100.00 % with ascending; 95.00 % [15.00, 99.87] with random over 2 seeds."))
  }

  @Test func aTemplateMayAskForNothingElse() throws {
    let comparison = try Comparison([ComparedRecord().run()])
    let made = ComparisonReport(comparison, figurePath: "", runsFigurePaths: [], command: "") { $0.folder }
    do {
      _ = try made.markdown(template: "{{% CONTENT_TYPE:TEXT}}\n{{luck}}", name: "mine.mustache")
      Issue.record("a missing value renders")
    } catch {
      #expect("\(error)".hasPrefix("mine.mustache: no value for luck; expected names among "))
    }
  }
}
