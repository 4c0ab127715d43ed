import Report
import Testing

struct PublishedTableTests {
  @Test func publishedNumbersGiveThePublishedTextByteForByte() throws {
    let rows = try ReferenceCurve(csv: fixture("published_table.csv"), path: "table").points
    let text = PublishedTable(rows: rows).text + "\n"
    #expect(text == (try fixture("published_table.md")))
    #expect(text.split(separator: "\n").count == 62)
  }

  @Test func hitsOfTheWholeDatasetGiveThePublishedText() throws {
    let record = try RecordMaker.published().record()
    #expect(PublishedTable(record).text + "\n" == (try fixture("published_table.md")))
  }

  @Test func otherSizesAndNumbersAreTabulates() throws {
    func text(_ rates: [(Double, Double)]) -> String {
      PublishedTable(
        rows: rates.enumerated().map {
          PublishedTable.Row(
            channelsPruned: $0 + 1, channels: rates.count, cleanAccuracy: $1.0, attackSuccess: $1.1)
        }
      ).text + "\n"
    }
    let many = (1...120).map { (100 - Double($0) * 100 / 121, 100 / Double($0)) }
    #expect(text(many) == (try fixture("table_120.md")))
    #expect(text([(100, 100), (100, 100), (100, 100)]) == (try fixture("table_100.md")))
    #expect(
      text([(1e-05, 100), (1.25e-05, 50), (12.3456789, 0.0001), (1, 0)]) == (try fixture("table_small.md")))
  }

  @Test func aRateThatIsNotKnownIsSaidToBeSo() throws {
    let text = PublishedTable(try RecordMaker(valid: [100, 90]).record()).text
    #expect(
      text == """
        | Fraction of Channels Pruned   |   Clean Accuracy |   Attack Success Rate |
        |===============================|==================|=======================|
        | 1/1 (100.00%)                 |               90 |                   n/a |
        """)
  }
}
