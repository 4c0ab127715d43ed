import Foundation
import Report
import Testing

struct TableFormatTests {
  private let table = MarkdownTable(
    header: ["Name", "Rate [95 %]"],
    rows: [["`a_b`", "95.40 % [93.2, 97.1]"], ["[seed 1](r/run.json)", "a|b, \"c\""]])

  @Test func latexIsEscapedAndRuled() {
    #expect(
      table.text(as: .latex) == """
        \\begin{tabular}{lr}
        \\toprule
        Name & Rate [95\\,\\%] \\\\
        \\midrule
        a\\_b & 95.40\\,\\% [93.2, 97.1] \\\\
        seed 1 & a|b, \\textquotedbl{}c\\textquotedbl{} \\\\
        \\bottomrule
        \\end{tabular}
        """)
    #expect(
      LaTeX.escaped("[a] \\ ~ ^ & $ # { }")
        == "{}[a] \\textbackslash{} \\textasciitilde{} \\textasciicircum{} \\& \\$ \\# \\{ \\}")
  }

  @Test func csvIsQuotedWhereItHasTo() {
    #expect(
      table.text(as: .csv) == """
        Name,Rate [95 %]
        a_b,"95.40 % [93.2, 97.1]"
        seed 1,"a|b, ""c\"""
        """)
  }

  @Test func everyTableOfAReportIsFoundUnderItsHeading() throws {
    let record = try RecordMaker(valid: [100, 100, 97, 60], attack: [100, 100, 80, 0]).record()
    let report = try RunReport(record, figurePath: "f.png").markdown()
    let tables = ReportTable.tables(in: report)
    #expect(
      tables.map(\.title) == [
        "Baseline evaluation", "Table of results", "Repaired networks", "Repaired networks, Test splits",
        "Repaired networks, 2", "Reproduce",
      ])
    for table in tables { #expect(report.contains(table.text(as: .markdown))) }
    #expect(tables[3].name == "repaired-networks-test-splits")
  }

  @Test func aBarInACellComesBack() throws {
    let tables = ReportTable.tables(in: "# T\n\n" + table.text)
    #expect(tables.count == 1 && tables[0].text(as: .csv) == table.text(as: .csv))
  }
}
