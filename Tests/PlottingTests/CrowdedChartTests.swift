import Plotting
import Testing

/// Charts with more labels, lines and letters than there is room for.
@Suite struct CrowdedChartTests {
  private let blues = Color.blue.withAlpha(0.2)

  /// A line that goes up and down between every two points.
  private func zigzag(_ count: Int, from low: Double = 0, to high: Double = 100, color: Color = .green) -> Series {
    let points = (0..<count).map { Point(Double($0) / Double(count - 1), $0 % 2 == 0 ? low : high) }
    return Series("Zigzag", points: points, stroke: Stroke(color, width: 0.4))
  }

  @Test func theWorkIsBoundedWhateverIsAsked() throws {
    let clock = ContinuousClock()
    var charts: [LineChart] = [
      try Pruning.chart(marksAt: (0..<60).map { $0 }), try Pruning.chart(marksAt: (0..<603).map { $0 % 61 }),
      try Pruning.chart(extra: [zigzag(100_000)]),
    ]
    charts.append(
      try Pruning.chart(marksAt: [10, 20, 30], extra: (0..<40).map { zigzag(60, from: Double($0), to: 100) }))
    for (index, chart) in charts.enumerated() {
      // Some 50 ms each; seconds and minutes before there was a bound.
      let time = clock.measure { _ = Drawn(chart) }
      #expect(time < .seconds(2), "chart \(index): \(time)")
    }
  }

  @Test func ofManyMarksTenAreLabelledAndNoneCollides() throws {
    for count in [11, 15, 60] {
      let channels = (0..<count).map { 60 * $0 / (count - 1) }
      let drawn = Drawn(try Pruning.chart(marksAt: channels))
      let titles = drawn.canvas.texts.filter { $0.hasPrefix("X = ") }
      #expect(titles.count <= 10 && titles.count >= 6, "\(titles)")
      #expect(titles.contains("X = 0, k = 0") && titles.contains("X = \(count - 1), k = 60"))
      #expect(drawn.collisions(lineColors: [.blue, .vermillion]) == [])
      #expect(drawn.discs(.blue, radius: 2.6).count == count)
    }
  }

  @Test func whereLinesFillThePlotTheLabelsStandAboveItInOrder() throws {
    var chart = try Pruning.chart(marksAt: [5, 7, 11])
    for index in chart.series.indices { chart.series[index].labeling = .legend }
    chart.series += (0..<100).map { run in
      var line = zigzag(80, from: Double(run), to: Double(100 - run), color: blues)
      line.labeling = .none
      return line
    }
    let drawn = Drawn(chart)
    let plot = try #require(drawn.plots.first)
    let titles = drawn.canvas.calls.compactMap { call in
      if case .text(let text, let point, _) = call, text.hasPrefix("X = ") { (text, point) } else { nil }
    }
    #expect(titles.map(\.0) == ["X = 0, k = 5", "X = 1, k = 7", "X = 2, k = 11"])
    #expect(titles.allSatisfy { $0.1.y < plot.y })
    #expect(titles[0].1.x < titles[1].1.x && titles[1].1.x < titles[2].1.x)
    let boxes = titles.map { text, point in
      let width = drawn.canvas.width(of: text, font: Font(size: 7.5, weight: .bold))
      return Rectangle(x: point.x, y: point.y - 6, width: width, height: 6)
    }
    #expect(boxes[0].right < boxes[1].x && boxes[1].right < boxes[2].x)
    // No line of any colour runs through the text: not the leaders either, which lead from the text to each mark.
    let leaders = drawn.lines(Color(gray: 0.45)).filter { $0.count == 3 }
    #expect(leaders.count == 3)
    for leader in leaders {
      for (start, end) in zip(leader, leader.dropFirst()) {
        #expect(boxes.allSatisfy { Segment(start, end).length(inside: $0) == 0 })
      }
    }
  }

  @Test func longWordsStayInsideOfThePage() throws {
    var chart = try Pruning.chart()
    chart.title = "Layer " + String(repeating: "x", count: 300)
    chart.subtitle = String(repeating: "y", count: 200)
    chart.footnotes = [String(repeating: "z", count: 200) + " and more"]
    chart.series[0].name = "model_" + String(repeating: "w", count: 300) + "_end"
    chart.series[0].labeling = .legend
    let drawn = Drawn(chart)
    var letters = 0
    for case .text(let text, let point, let style) in drawn.canvas.calls where style.anchor == .start {
      #expect(point.x + drawn.canvas.width(of: text, font: style.font) <= 510, "\(text)")
      letters += text.count { $0 == "x" }
    }
    #expect(letters == 300)
    #expect(drawn.canvas.texts.contains { $0.hasPrefix("model_w") && $0.contains("…") && $0.hasSuffix("_end") })
  }

  /// U+1D5A0 is in DejaVu Sans and not in its bold; U+10FFFD is for private use, and in no font.
  @Test func aLetterThatTheFontLacksComesFromAnotherOrIsTold() throws {
    func missing(_ text: String, _ weight: Font.Weight) throws -> [Character] {
      let picture = Picture(width: 100, height: 20) { canvas in
        canvas.text(text, at: Point(5, 15), style: TextStyle(Font(size: 10, weight: weight)))
      }
      return try picture.drawn(as: .svg).missingLetters
    }
    #expect(!CairoFont(.bold).has("\u{1D5A0}") && CairoFont(.regular).has("\u{1D5A0}"))
    #expect(try missing("A\u{1D5A0}é–…", .bold) == [])
    #expect(try missing("A\u{10FFFD}B\u{10FFFD}", .regular) == ["\u{10FFFD}"])
    #expect(try #require(CairoFont(having: "\u{1D5A0}", .bold)).has("\u{1D5A0}"))
    #expect(CairoFont(having: "\u{10FFFD}", .regular) == nil)
  }

  /// Igzip's matches depended on where its memory lay.
  @Test func pngBytesDependOnTheDrawingAlone() throws {
    let picture = try Pruning.chart(marksAt: [45, 48, 52]).picture()
    let first = try picture.data(as: .png(dotsPerInch: 150))
    var held: [[UInt8]] = []
    for index in 0..<40 {
      // Other memory each time.
      held.append([UInt8](repeating: UInt8(index), count: 1000 + 4099 * index))
      #expect(try picture.data(as: .png(dotsPerInch: 150)) == first)
    }
  }
}
