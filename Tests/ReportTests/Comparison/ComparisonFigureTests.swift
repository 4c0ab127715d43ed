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
    #expect(chart.bands.isEmpty, "three runs are drawn themselves")
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

  /// 31 runs: quartiles, 5 and 95 % and extremes in place of lines; medians in place of means.
  @Test func manyRunsAreBands() throws {
    let runs = try (0...30).map { try ComparedRecord(seed: $0, attack: [100, 100, 100 - $0, 90, 5]).run() }
    let chart = try ComparisonFigure(Comparison(runs)).chart()
    #expect(chart.bands.count == 4)
    // At k = 2 attack success is 70 … 100, one each: its quantiles are 70 + 30 p.
    #expect(chart.bands[2...3].map { $0.lower[2].y } == [71.5, 77.5])
    #expect(chart.bands[2...3].map { $0.upper[2].y } == [98.5, 92.5])
    let extremes = chart.series.filter { $0.name.isEmpty && $0.ranges.isEmpty }
    #expect(extremes.count == 4 && extremes[2...3].map { $0.points[2].y } == [70, 100])
    #expect(chart.series.first { $0.name == "Attack success rate" }?.points[2].y == 85)
    #expect(chart.footnotes[0].contains("Lines: medians over runs; bands: the middle 50 and 90 % of them"))
    #expect(
      chart.footnotes[0].contains("Discs: medians of B' where X = 2 and 4 stops; bars: the middle 90 % of k and rates.")
    )
  }

  @Test func theMostTellingRunsComeFirst() throws {
    var records = (1...130).map { ComparedRecord(seed: $0, attack: [100, 100, 90, 60, 5]) }
    records[40].attack = [100, 100, 90, 0, 0]
    records[41].attack = [100, 100, 90, 95, 5]
    records[42].attack = [0, 0, 0, 60, 100]
    let sheets = try ComparisonFigure(Comparison(records.map { try $0.run() })).runSheets()
    #expect(sheets.map(\.panels.count) == [30, 30, 30, 30])
    #expect(sheets[0].title == "The single runs, page 1 of 4")
    #expect(sheets[0].panels[1...3].map(\.title) == ["seed 41, best", "seed 42, worst", "seed 43, most unlike"])
    #expect(sheets[0].panels[0].title.hasSuffix(", median"))
    #expect(sheets[3].footnotes[0].hasSuffix("then by how unlike they are; 120 of 130 runs are shown."))
    let all = sheets.flatMap { $0.panels.map(\.title) }
    #expect(Set(all).count == 120)
  }

  @Test func everyRunIsADotAtEachX() throws {
    let runs = try (1...5).map { try ComparedRecord(seed: $0, attack: [100, 100, 90, 50 + $0, 5]).run() }
    let comparison = try Comparison(runs)
    let chart = try DistributionFigure(comparison).chart(comparison.groups[0])
    #expect(chart.xAxis.ticks.map(\.label) == ["B", "B', X = 2", "B', X = 4"])
    // The attack's dots: B at 100, X = 2 at 90 and X = 4 at 51 … 55.
    let dots = chart.series[3].points
    #expect(dots.map(\.y) == [100, 100, 100, 100, 100, 90, 90, 90, 90, 90, 51, 52, 53, 54, 55])
    #expect(Set(dots.prefix(5).map(\.x)).count == 5, "equal runs stand side by side")
    #expect(chart.series[4].points.map(\.y) == [100, 90, 53] && chart.series[4].ranges.count == 3)
    #expect(chart.footnotes[0].contains("Every run is a dot"))
    let swarm = DistributionFigure.swarm((0..<5000).map { Double($0 % 100) }, around: 1, halfWidth: 0.1)
    #expect(swarm.count == 2000 && swarm.allSatisfy { abs($0.x - 1) <= 0.1 + 1e-9 })
    #expect(swarm.first?.y == 0 && swarm.last?.y == 99)
  }
}
