import Experiment
import Testing

@Suite struct StatisticsTests {
  /// SciPy 1.16, `binomtest(hits, total).proportion_ci(0.95, "wilson")`; 81/263, 15/148 and 1/29 are the examples of
  /// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I,
  /// which prints 0.2553-0.3662, 0.0624-0.1605 and 0.0061-0.1718.
  @Test(arguments: [
    (81, 263, 0.2552885198782742, 0.36620957698280004), (15, 148, 0.06238639953073629, 0.16048724172330803),
    (1, 29, 0.006113214292762667, 0.17175521879320282), (161, 180, 0.8410276570803017, 0.9313770056704258),
    (6415, 12_830, 0.4913495288838778, 0.5086504711161222), (0, 10, 0, 0.27753279986288926),
    (10, 10, 0.7224672001371109, 1), (0, 20, 0, 0.16112515805281935), (1, 1, 0.20654931437723745, 1),
    (0, 1, 0, 0.7934506856227626),
  ])
  func intervalsAreThoseOfSciPy(_ hits: Int, _ total: Int, _ low: Double, _ high: Double) throws {
    let interval = try #require(Intervals.wilson(Rate(hits: hits, total: total)))
    // Some ten operations in doubles.
    #expect(abs(interval.lowerBound - low) < 1e-14)
    #expect(abs(interval.upperBound - high) < 1e-14)
    if hits == 0 { #expect(interval.lowerBound == 0) }
    if hits == total { #expect(interval.upperBound == 1) }
  }

  @Test func intervalsHoldTheirRate() throws {
    for total in 1...60 {
      for hits in 0...total {
        let rate = Rate(hits: hits, total: total)
        #expect(try #require(Intervals.wilson(rate)).contains(rate.fraction))
      }
    }
    #expect(Intervals.wilson(Rate(hits: 0, total: 0)) == nil)
  }

  @Test func ratesAreSharesOfRows() {
    #expect(Rate(hits: 179, total: 180).fraction == 179.0 / 180)
    #expect(Rate(hits: 29, total: 100).percent == 29)
    #expect(Rate(hits: 0, total: 0).percent == 0 && Rate(hits: 0, total: 0).fraction == 0)
    #expect(Rate(hits: .max, total: .max).percent == 100)
  }

  @Test func attacksAreJudgedInWholeRows() {
    #expect(AttackFate(Rate(hits: 10, total: 20)) == .survives)
    #expect(AttackFate(Rate(hits: 9, total: 20)) == .weakened)
    #expect(AttackFate(Rate(hits: 2, total: 20)) == .weakened)
    #expect(AttackFate(Rate(hits: 1, total: 20)) == .broken)
  }
}
