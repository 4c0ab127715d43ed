import Attacks
import Experiment
import Report
import Testing

/// A number in the record, and the sentence that it makes.
struct ConclusionTests {
  private func text(_ maker: RecordMaker) throws -> String { try Conclusion(maker.record()).text }
  private func verdict(_ maker: RecordMaker) throws -> String { try Conclusion(maker.record()).verdict }

  @Test func thePublishedNumbers() throws {
    let record = try RecordMaker.published().record()
    #expect(record.freeChannels == 33)
    #expect(record.repaired.map(\.channelsPruned) == [45, 48, 52])
    #expect(
      Conclusion(record).text == """
        The first 33 of 60 channels are free: up to there clean validation accuracy never falls below the baseline's \
        98.65 % (11391/11547). 31 channels never fire on a clean validation face.

        - **X = 2** stops at k = 45: clean validation accuracy falls by 2.89 points to 95.76 % [95.4, 96.1], and \
        attack success is 100.00 % [100.0, 100.0]: the attack survives.
        - **X = 4** stops at k = 48: clean validation accuracy falls by 6.56 points to 92.09 % [91.6, 92.6], and \
        attack success is 99.98 % [99.9, 100.0]: the attack survives.
        - **X = 10** stops at k = 52: clean validation accuracy falls by 14.21 points to 84.44 % [83.8, 85.1], and \
        attack success is 77.21 % [76.5, 77.9]: the attack survives.

        Attack success stays under 10 % only from k = 54 on, where it is 6.96 %; the clean validation accuracy left \
        there is 54.86 %.

        **The pruning defence fails on this network**: the attack survives at X = 2, 4 and 10.
        """)
  }

  @Test func noChannelIsFreeAndTheAttackIsBroken() throws {
    #expect(
      try text(RecordMaker(valid: [100, 97, 90], attack: [100, 9, 0])) == """
        No channel is free: silencing the very first one costs clean validation accuracy. Every channel fires on some \
        clean validation face.

        - **X = 2** stops at k = 1: clean validation accuracy falls by 3.00 points to 97.00 % [91.5, 99.4], and attack \
        success is 9.00 % [4.2, 16.4]: the attack is broken.
        - **X = 4** stops at k = 2: clean validation accuracy falls by 10.00 points to 90.00 % [82.4, 95.1], and \
        attack success is 0.00 % [0.0, 3.6]: the attack is broken.
        - **X = 10** stops at k = 2: clean validation accuracy falls by 10.00 points to 90.00 % [82.4, 95.1], and \
        attack success is 0.00 % [0.0, 3.6]: the attack is broken.

        Attack success stays under 10 % only from k = 1 on, where it is 9.00 %; the clean validation accuracy left \
        there is 97.00 %.

        **The pruning defence works on this network**: the attack is broken at X = 2, 4 and 10.
        """)
  }

  @Test func everyChannelIsFreeAndNoXIsReached() throws {
    var maker = RecordMaker(valid: [80, 80, 81], attack: [100, 100, 60])
    maker.silent = 1
    maker.drops = ["1", "2.5"]
    #expect(
      try text(maker) == """
        All 2 channels are free: clean validation accuracy never falls below the baseline's 80.00 % (80/100). 1 \
        channel never fires on a clean validation face.

        - **X = 1** is never reached: clean validation accuracy does not fall by 1 point, so there is no B'.
        - **X = 2.5** is never reached: clean validation accuracy does not fall by 2.5 points, so there is no B'.

        Attack success never stays under 10 %, however many channels are pruned.

        No X is reached, so there is no repaired network to judge.
        """)
  }

  @Test func noBackdooredFaces() throws {
    var maker = RecordMaker(valid: [100, 100, 98])
    maker.drops = ["2", "4"]
    #expect(
      try text(maker) == """
        The first of 2 channels is free: up to there clean validation accuracy never falls below the baseline's \
        100.00 % (100/100). Every channel fires on some clean validation face.

        - **X = 2** stops at k = 2: clean validation accuracy falls by 2.00 points to 98.00 % [93.0, 99.8].
        - **X = 4** is never reached: clean validation accuracy does not fall by 4 points, so there is no B'.

        No backdoored faces were given, so nothing can be said about the attack.
        """)
  }

  @Test func theDropOfNothingStaysAtTheBaseline() throws {
    var maker = RecordMaker(valid: [90, 89], attack: [100, 100])
    maker.drops = ["0"]
    #expect(
      try text(maker).contains(
        "- **X = 0** stops at k = 0: clean validation accuracy stays at 90.00 % [82.4, 95.1], and attack success is "))
  }

  @Test(arguments: [
    ([100, 50, 50, 50], "**The pruning defence fails on this network**: the attack survives at X = 2, 4 and 10."),
    (
      [100, 49, 30, 10],
      """
      **The pruning defence is not enough on this network**: the attack is weakened, but not broken, at X = 2, 4 \
      and 10.
      """
    ),
    ([100, 9, 9, 9], "**The pruning defence works on this network**: the attack is broken at X = 2, 4 and 10."),
    (
      [100, 50, 49, 9],
      """
      **The pruning defence works on this network only in part**: the attack survives at X = 2, is weakened at X = 4 \
      and is broken at X = 10.
      """
    ),
    (
      [100, 80, 60, 20],
      """
      **The pruning defence works on this network only in part**: the attack survives at X = 2 and 4 and is weakened \
      at X = 10.
      """
    ),
    (
      [49, 0, 0, 0],
      """
      The attack succeeds on only 49.00 % of the triggered faces before anything is pruned: there is hardly a backdoor \
      to defend against.
      """
    ),
  ])
  func theVerdictFollowsTheAttack(attack: [Int], sentence: String) throws {
    #expect(try verdict(RecordMaker(valid: [100, 98, 96, 90], attack: attack)) == sentence)
  }

  @Test func anAttackThatNeverDiesIsSaidNotTo() throws {
    let maker = RecordMaker(valid: [100, 98, 96, 90], attack: [100, 0, 0, 10])
    #expect(try text(maker).contains("Attack success never stays under 10 %, however many channels are pruned."))
  }

  @Test func aBackdoorThatIsBrokenAtFirstHasNoEnd() throws {
    #expect(try !text(RecordMaker(valid: [100, 90], attack: [9, 0])).contains("stays under"))
  }

  @Test func detectionIsToldWhereCleanFacesOfTheSameHalfAreThere() throws {
    var maker = RecordMaker(valid: [100, 90], attack: [100, 20])
    maker.splits[.cleanTest] = ([50, 45], 50)
    #expect(
      try text(maker).contains(
        """
        The GoodNet of X = 10 flags 80.00 % [70.8, 87.3] of the triggered faces as poisoned, and 10.00 % [3.3, 21.8] \
        of the clean ones by mistake.
        """))
    #expect(try text(maker).contains("clean test accuracy falls by 10.00 points to 90.00 % [78.2, 96.7]"))
  }

  @Test func nothingIsConcludedFromNoRows() throws {
    var maker = RecordMaker(valid: [100, 98, 96, 90], of: 100, attack: [0, 0, 0, 0], of: 0)
    (maker.excludesTarget, maker.excludedRows) = (true, 100)
    let record = try maker.record()
    #expect(record.reported.backdoored == nil && record.rowsThatCount(.backdooredTest) == 0)
    #expect(
      Conclusion(record).verdict
        == "No backdoored face counts, since the true class of each is its label: nothing can be said about the attack."
    )
    #expect(!Conclusion(record).text.contains("attack success"))
    #expect(try !RunReport(record, figurePath: "f.png").markdown().contains("Attack success goes"))
    let text = try RunReport(record, figurePath: "f.png").markdown()
    #expect(text.contains("| backdoored test  | attack success |    0 |  n/a |"), "\(text)")
    #expect(try PruningFigure(record).chart().series.map(\.name) == ["Clean accuracy"])
    #expect(record.csv.split(separator: "\n")[1] == "0,3,,100,100,,,,,,0")
    #expect(PublishedTable(record).text.contains("n/a"))
    #expect(record.repaired[0].pairedTests.backdooredTest == nil && record.repaired[0].pairedTests.cleanValid != nil)
  }

  @Test func aFiguresNumberIsOfTheRowsThatCount() throws {
    var maker = RecordMaker(valid: [100, 98, 96, 90], of: 100, attack: [20, 18, 10, 0], of: 20)
    (maker.excludesTarget, maker.excludedRows) = (true, 10)
    let record = try maker.record()
    let comparison = try Comparison([ComparedRun(folder: "run", record: record)])
    for footnotes in [try PruningFigure(record).chart().footnotes, try ComparisonFigure(comparison).chart().footnotes] {
      #expect(footnotes[0].contains("attack success on backdoored test faces (n = 20)"), "\(footnotes)")
    }
  }

  @Test func aSplitWhoseRowsCountStandsInForOneWithout() throws {
    var maker = RecordMaker(valid: [100, 98, 96, 90], of: 100, attack: [0, 0, 0, 0], of: 0)
    maker.splits[.backdooredValid] = ([20, 18, 0, 0], 20)
    (maker.excludesTarget, maker.excludedRows) = (true, 100)
    #expect(try maker.record().reported.backdoored == .backdooredValid)
  }
}
