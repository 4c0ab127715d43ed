import Experiment
import Testing

struct RateTests {
  @Test func intervalsHoldTheirRate() throws {
    for total in 1...60 {
      for hits in 0...total {
        let rate = Rate(hits: hits, total: total)
        let interval = try #require(Intervals.exact(rate))
        #expect(interval.contains(try #require(rate.fraction)))
        if hits == 0 { #expect(interval.lowerBound == 0) }
        if hits == total { #expect(interval.upperBound == 1) }
      }
    }
    #expect(Intervals.exact(Rate(hits: 0, total: 0)) == nil)
  }

  @Test func ratesAreSharesOfRows() {
    #expect(Rate(hits: 179, total: 180).fraction == 179.0 / 180)
    #expect(Rate(hits: 29, total: 100).percent == 29)
    #expect(Rate(hits: 0, total: 0).percent == nil && Rate(hits: 0, total: 0).fraction == nil)
    #expect(!Rate(hits: 0, total: 0).hasRows && Rate(hits: 0, total: 1).hasRows)
    #expect(AttackFate(Rate(hits: 0, total: 0)) == nil && AttackFate(Rate(hits: 0, total: 1)) == .broken)
    #expect(Rate(hits: .max, total: .max).percent == 100)
  }

  @Test func attacksAreJudgedInWholeRows() {
    #expect(AttackFate(Rate(hits: 10, total: 20)) == .survives)
    #expect(AttackFate(Rate(hits: 9, total: 20)) == .weakened)
    #expect(AttackFate(Rate(hits: 2, total: 20)) == .weakened)
    #expect(AttackFate(Rate(hits: 1, total: 20)) == .broken)
  }
}
