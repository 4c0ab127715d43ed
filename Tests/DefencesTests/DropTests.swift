import Defences
import Foundation
import Testing

@Suite struct DropTests {
  @Test(arguments: [
    ("2", 2000, "2"), ("10", 10_000, "10"), ("2.5", 2500, "2.5"), ("0.125", 125, "0.125"), ("0", 0, "0"),
    ("100", 100_000, "100"), ("100.000", 100_000, "100"), ("007.050", 7050, "7.05"), ("3.001", 3001, "3.001"),
  ])
  func readsPoints(_ text: String, _ thousandths: Int, _ printed: String) throws {
    let drop = try #require(Drop(text))
    #expect(drop.thousandths == thousandths)
    #expect("\(drop)" == printed)
    #expect(drop.points == Double(thousandths) / 1000)
    let json = try JSONEncoder().encode([drop])
    #expect(String(decoding: json, as: UTF8.self) == "[\(printed)]")
    #expect(try JSONDecoder().decode([Drop].self, from: json) == [drop])
  }

  @Test(arguments: [
    "", ".", "2.", ".5", "-2", "+2", "2,5", "2.0001", "1000", "100.001", "101", "2 ", "2%", "1e1", "٢", "²", "2.5.1",
    "nan",
  ])
  func refusesOtherText(_ text: String) { #expect(Drop(text) == nil) }

  @Test(arguments: ["-1", "100.5", "0.0004", "\"2\"", "null"]) func refusesOtherJSON(_ text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([Drop].self, from: Data("[\(text)]".utf8)) }
  }

  @Test func comparesInWholeRows() throws {
    let ten = try #require(Drop("10"))
    // 179 of 180 less exactly 10 points is 161; 0.9944 - 0.1 <= 0.8944 fails in doubles by luck of rounding alone.
    #expect(ten.isReached(hits: 161, baseline: 179, total: 180))
    #expect(!ten.isReached(hits: 162, baseline: 179, total: 180))
    let two = try #require(Drop("2"))
    // 2 points of 180 rows are 3.6 of them.
    #expect(!two.isReached(hits: 176, baseline: 179, total: 180))
    #expect(two.isReached(hits: 175, baseline: 179, total: 180))
    // 2 points of 11,547 rows are 230.94 of them.
    #expect(!two.isReached(hits: 11_000, baseline: 11_230, total: 11_547))
    #expect(two.isReached(hits: 10_999, baseline: 11_230, total: 11_547))
    for total in 1...400 {
      for lost in 0...total {
        let reached = two.isReached(hits: total - lost, baseline: total, total: total)
        #expect(reached == (100 * lost >= 2 * total))
      }
    }
  }

  @Test func reachesNothingByRising() throws {
    #expect(!(try #require(Drop("2")).isReached(hits: 180, baseline: 150, total: 180)))
    #expect(try #require(Drop("0")).isReached(hits: 150, baseline: 150, total: 180))
    #expect(!(try #require(Drop("0")).isReached(hits: 151, baseline: 150, total: 180)))
    #expect(Drop.published.map(\.description) == ["2", "4", "10"])
    #expect(["10", "2.5", "2"].compactMap { Drop($0) }.sorted().map(\.description) == ["2", "2.5", "10"])
  }
}
