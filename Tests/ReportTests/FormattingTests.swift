import Experiment
import Report
import Testing

struct FormattingTests {
  @Test(arguments: [
    (11_391, 11_547, "98.65 %"), (1, 3, "33.33 %"), (2, 3, "66.67 %"), (1, 20_000, "0.01 %"), (1, 20_001, "0.00 %"),
    (19_999, 20_000, "100.00 %"), (0, 5, "0.00 %"), (5, 5, "100.00 %"), (1, 800, "0.13 %"), (0, 0, "n/a"),
  ])
  func percentIsRoundedHalfUpFromCounts(hits: Int, total: Int, text: String) {
    #expect(Format.percent(Rate(hits: hits, total: total)) == text)
  }

  @Test func intervalsAreExact() {
    // Computed with SciPy's binomtest(179, 180).proportion_ci(0.95, "exact") and (0, 10), (10, 10).
    #expect(Format.percentWithInterval(Rate(hits: 179, total: 180)) == "99.44 % [96.9, 100.0]")
    #expect(Format.percentWithInterval(Rate(hits: 0, total: 10)) == "0.00 % [0.0, 30.8]")
    #expect(Format.percentWithInterval(Rate(hits: 10, total: 10)) == "100.00 % [69.2, 100.0]")
    #expect(Format.percentWithInterval(nil) == "n/a")
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (601_643, "601,643"), (-1_234_567, "-1,234,567")])
  func digitsStandInGroupsOfThree(number: Int, text: String) {
    #expect(Format.grouped(number) == text)
  }

  @Test func listsAreWords() {
    #expect(Format.list([]) == "")
    #expect(Format.list(["2"]) == "2")
    #expect(Format.list(["2", "4"]) == "2 and 4")
    #expect(Format.list(["2", "4", "10"]) == "2, 4 and 10")
  }

  private static let scales: [(Double, String)] = [
    (1, "1"), (255, "255"), (0.5, "1/2"), (1 / 255, "1/255"), (0.3, "0.3"), (1.5, "1.5"), (1e-10, "1e-10"),
  ]

  @Test(arguments: scales)
  func scalesAreReadAsTheyAreWritten(scale: Double, text: String) {
    #expect(InputScale.text(scale) == text)
    #expect(InputScale.value(text) == scale)
  }

  @Test(arguments: ["", "0", "-1", "-1/-255", "1/0", "0/1", "1/", "/255", "1/2/3", "nan", "inf", "1e999", "one", " 1"])
  func otherScalesAreNone(text: String) {
    #expect(InputScale.value(text) == nil)
  }
}

struct MarkdownTests {
  @Test func tablesLineUpInTheirSourceToo() {
    let table = MarkdownTable(
      header: ["Network", "Clean accuracy", "n"], rows: [["B", "99.44 %", "1"], ["B'|é", "5.00 %", "1,000"]])
    #expect(
      table.text == """
        | Network | Clean accuracy |     n |
        | :------ | -------------: | ----: |
        | B       |        99.44 % |     1 |
        | B'\\|é   |         5.00 % | 1,000 |
        """)
  }

  @Test(arguments: [
    ("bd_weights.h5", "`bd_weights.h5`"), ("a`b", "`` a`b ``"), ("``a", "``` ``a ```"), ("a\nb", "`a b`"),
  ])
  func codeShowsTextAsItIs(text: String, markdown: String) {
    #expect(Markdown.code(text) == markdown)
  }

  @Test(arguments: [
    ("../figures/output.png", "../figures/output.png"), ("my figures/a(1).png", "my%20figures/a%281%29.png"),
    ("é\t%.png", "%C3%A9%09%25.png"),
  ])
  func linksAreEncoded(path: String, markdown: String) {
    #expect(Markdown.link(path) == markdown)
  }
}
