import Experiment
import Plotting
import Report
import Testing

/// What the figures of a comparison draw, without pixels.
struct ComparisonFigureTests {
  @Test func meansBandsAndStops() throws {
    let runs = try [
      ComparedRecord(seed: 1), ComparedRecord(seed: 2, clean: [98, 98, 97, 91, 40]), ComparedRecord(seed: 3),
    ].map { try $0.run() }
    let chart = try ComparisonFigure(Comparison(runs)).chart()
    #expect(chart.title == "Pruning defence over 3 runs")
    let clean = try #require(chart.series.first { $0.name == "Clean accuracy" })
    #expect(clean.points.map(\.x) == [0, 0.25, 0.5, 0.75, 1])
    #expect(abs(clean.points[2].y - (95 + 97 + 95) / 3.0) < 1e-12)
    #expect(chart.series.count { $0.name.isEmpty && $0.ranges.isEmpty } == 6, "thin lines: 3 runs of 2 measures")
    #expect(chart.bands.count == 2)
    // Three runs that agree at 98 % leave room: 98 · 0.025^(1/3) and 100 - 2 · 0.025^(1/3).
    #expect(chart.bands[0].lower[0].x == 0 && abs(chart.bands[0].lower[0].y - 28.6553) < 1e-3)
    #expect(abs(chart.bands[0].upper[0].y - 99.4152) < 1e-3)
    // X = 2 stops at k = 2, 3 and 2 with 95, 91 and 95 %.
    #expect(chart.marks.map { $0.label[0].runs[0].text } == ["X = 2, k = 2–3", "X = 4, k = 3"])
    let bars = chart.series.filter { !$0.ranges.isEmpty }
    #expect(bars.count == 4)
    #expect(bars[0].ranges.map { [$0.low, $0.high] } == [[91, 95]])
    #expect(bars[0].points.first?.x == 0.5 && bars[0].points.last?.x == 0.75)
  }

  @Test func oneRunHasNeitherBandNorThinLine() throws {
    let chart = try ComparisonFigure(Comparison([ComparedRecord().run()])).chart()
    #expect(chart.bands.isEmpty && chart.series.count { $0.labeling == .none && $0.ranges.isEmpty } == 0)
    #expect(chart.footnotes[0].contains("One run, so there is no interval across runs."))
  }

  @Test func groupsHaveAPanelForEachMeasure() throws {
    let runs = try ["ascending", "descending", "weight-norm"].map { try ComparedRecord(order: $0).run($0) }
    let sheet = try ComparisonFigure(Comparison(runs, across: "order")).groupSheet()
    #expect(
      sheet.panels.map(\.title) == ["Clean accuracy (clean validation)", "Attack success rate (backdoored validation)"])
    #expect(sheet.panels[0].series.map(\.name).filter { !$0.isEmpty } == ["ascending", "descending", "weight-norm"])
    #expect(Set(sheet.panels[0].series.prefix(3).map(\.stroke.color)).count == 3)
  }

  @Test(arguments: [1, 2, 30]) func everyRunHasAPanel(_ count: Int) throws {
    let figure = try ComparisonFigure(Comparison((1...count).map { try ComparedRecord(seed: $0).run() }))
    let sheet = try figure.runSheet()
    #expect(sheet.panels.map(\.title) == (1...count).map { "seed \($0)" })
    #expect(sheet.panels.allSatisfy { $0.marks.count == 2 && $0.series.count == 2 })
    #expect(try figure.runsPicture().data(as: .pdf).starts(with: Array("%PDF".utf8)))
    #expect(try figure.picture().data(as: .pdf).starts(with: Array("%PDF".utf8)))
  }

  @Test func xThatStopTogetherShareAMark() throws {
    let drops = ["2", "2.5", "3", "4", "8", "9", "50"]
    let runs = try (1...300).map { try ComparedRecord(seed: $0, drops: drops).run() }
    let figure = try ComparisonFigure(Comparison(runs))
    let chart = try figure.chart()
    #expect(chart.marks.map { $0.label[0].runs[0].text } == ["X = 2–3, k = 2", "X = 4–8, k = 3", "X = 9–50, k = 4"])
    #expect(chart.footnotes[0].contains("where X = each of 7 values from 2 to 50 stops"))
    #expect(try figure.runsPicture().data(as: .pdf).starts(with: Array("%PDF".utf8)))
  }
}
