import Plotting
import Testing

@Suite struct LineChartTests {
  @Test func axesCarryTheirTicksAndLabels() throws {
    let texts = Drawn(try Pruning.chart()).canvas.texts
    for text in ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "0", "20", "40", "60", "80", "100"] {
      #expect(texts.filter { $0 == text }.count == 1, "\(text)")
    }
    for text in ["Accuracy against attack success", "n = 11,547", "Fraction of channels pruned", "Images (%)"] {
      #expect(texts.filter { $0 == text }.count == 1, "\(text)")
    }
  }

  @Test func linesRunThroughTheirPoints() throws {
    let drawn = Drawn(try Pruning.chart())
    let plot = try #require(drawn.plots.first)
    let line = try #require(drawn.lines(.blue).first)
    #expect(line.count == 61)
    // Six points of headroom at both ends of each axis.
    #expect(abs(line[0].x - (plot.x + 6)) < 1e-9)
    #expect(abs(line[60].x - (plot.right - 6)) < 1e-9)
    let inner = plot.height - 12
    for (point, value) in zip(line, Pruning.accuracy) {
      #expect(abs(point.y - (plot.bottom - 6 - inner * value / 100)) < 1e-9)
    }
  }

  @Test func aLineIsNamedOnceBesideItselfInItsColor() throws {
    let drawn = Drawn(try Pruning.chart())
    let names = drawn.labels.map(\.text).joined(separator: " ")
    for word in ["Clean", "accuracy", "Attack", "success"] { #expect(names.contains(word)) }
    #expect(drawn.canvas.texts.filter { $0 == "Clean accuracy" }.count <= 1)
  }

  @Test func marksStandOnTheirPoints() throws {
    let drawn = Drawn(try Pruning.chart(marksAt: [45]))
    let line = try #require(drawn.lines(.blue).first)
    let disc = try #require(drawn.discs(.blue, radius: 2.6).first)
    #expect(abs(disc.x - line[45].x) < 1e-9 && abs(disc.y - line[45].y) < 1e-9)
    #expect(drawn.canvas.texts.contains("95.8 %"))
  }

  @Test(arguments: [
    [45, 48, 52], [43, 45, 49], [45, 45, 45], [0, 0, 60], [0, 1, 2], [58, 59, 60], [60, 60, 60], [51, 52, 53],
    [10, 11, 12, 13, 50, 53, 54], [30], [],
  ])
  func labelsNeverCollide(channels: [Int]) throws {
    for (width, height) in [(510.0, 312.0), (360, 250)] {
      let drawn = Drawn(try Pruning.chart(marksAt: channels), width: width, height: height)
      #expect(drawn.collisions(lineColors: [.blue, .vermillion]) == [])
      for index in channels.indices { #expect(drawn.canvas.texts.contains("X = \(index), k = \(channels[index])")) }
    }
  }

  @Test func aReferenceCurveIsInTheLegend() throws {
    let reference = Series(
      "Published", points: Pruning.points(Pruning.accuracy),
      stroke: Stroke(Color(gray: 0.5), width: 0.8, dash: [3, 2]),
      labeling: .legend)
    let drawn = Drawn(try Pruning.chart(marksAt: [45, 48, 52], extra: [reference]))
    #expect(drawn.canvas.texts.filter { $0 == "Published" }.count == 1)
    // Its sample in the legend and the curve.
    #expect(drawn.lines(Color(gray: 0.5)).map(\.count) == [2, 61])
    #expect(drawn.collisions(lineColors: [.blue, .vermillion, Color(gray: 0.5)]) == [])
  }

  @Test func linesThatCoincideAreNamedInTheLegend() throws {
    var chart = try Pruning.chart()
    chart.series[1].points = chart.series[0].points
    let drawn = Drawn(chart)
    #expect(drawn.labels.isEmpty)
    #expect(drawn.canvas.texts.filter { $0 == "Clean accuracy" || $0 == "Attack success" }.count == 2)
    #expect(drawn.lines(.blue).map(\.count) == [2, 61])
  }

  @Test func aValueThatIsNotFiniteLeavesAGap() throws {
    var chart = try Pruning.chart(marksAt: [45])
    chart.series[0].points[20].y = .nan
    chart.series[0].points[40].y = .infinity
    chart.marks[0].points[0].y = .nan
    chart.marks.append(Mark(x: .nan, label: ["nowhere"], points: []))
    #expect(Drawn(chart).lines(.blue).map(\.count) == [20, 19, 20])
    _ = try chart.picture().raster()
  }

  @Test func stepsTurnAtRightAngles() throws {
    let series = Series(
      "s", points: [Point(0, 10), Point(0.5, 60), Point(1, 20)], stroke: Stroke(.blue), interpolation: .step)
    let chart = try LineChart(xAxis: Axis("", from: 0, to: 1), yAxis: Axis("", from: 0, to: 100), series: [series])
    let line = try #require(Drawn(chart).lines(.blue).first)
    #expect(line.count == 5)
    #expect(line[1].y == line[0].y && line[1].x == line[2].x && line[3].y == line[2].y && line[4].x == line[3].x)
  }

  @Test func bandsAndRangesAreDrawn() throws {
    var chart = try Pruning.chart()
    let fill = Color.blue.withAlpha(0.2)
    chart.bands = [Band(lower: [Point(0, 90), Point(1, 10)], upper: [Point(0, 100), Point(1, 20)], color: fill)]
    chart.series.append(
      Series(
        "runs", points: [Point(0.3, 50)], stroke: Stroke(.green), interpolation: .none, labeling: .none, marker: .disc,
        ranges: [VerticalRange(x: 0.3, low: 40, high: 55)]))
    let drawn = Drawn(chart)
    let plot = try #require(drawn.plots.first)
    func y(_ value: Double) -> Double { plot.bottom - 6 - (plot.height - 12) * value / 100 }
    let bar = try #require(drawn.lines(.green).first)
    #expect(abs(bar[0].y - y(40)) < 1e-9 && abs(bar[1].y - y(55)) < 1e-9)
    #expect(drawn.discs(.green, radius: 2.5).count == 1)
    let band = drawn.canvas.calls.compactMap { call in
      if case .fill(let path, .color(fill)) = call { path.elements.count } else { nil }
    }
    #expect(band == [5])
  }

  @Test func aFrameWithoutRoomIsNoTrap() throws {
    let chart = try Pruning.chart(marksAt: [45, 48])
    for side in [1.0, 20, 60] {
      chart.draw(on: RecordingCanvas(), in: Rectangle(x: 0, y: 0, width: side, height: side))
    }
    LineChart(xAxis: chart.xAxis, yAxis: chart.yAxis, series: []).draw(
      on: RecordingCanvas(), in: Rectangle(x: 0, y: 0, width: 100, height: 100))
  }

  @Test(arguments: [Picture.Format.png(dotsPerInch: 100), .pdf, .svg])
  func aChartHasTheSameBytesEachTime(format: Picture.Format) throws {
    let picture = try Pruning.chart(marksAt: [45, 48, 52]).picture()
    #expect(try picture.data(as: format) == picture.data(as: format))
  }
}
