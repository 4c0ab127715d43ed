import Plotting
import Report
import Testing

struct PruningFigureTests {
  @Test func theChartHoldsTheRecordsNumbersAndMarksEachX() throws {
    let record = try RecordMaker.published().record()
    let chart = try PruningFigure(record).chart()
    #expect(chart.series.map(\.name) == ["Clean accuracy", "Attack success rate"])
    #expect(chart.series.map(\.points.count) == [61, 61])
    let accuracy: Double = 100 * 9750 / 11_547
    let attack: Double = 100 * 893 / 12_830
    #expect(chart.series[0].points[52] == Point(52.0 / 60, accuracy))
    #expect(chart.series[1].points[54] == Point(54.0 / 60, attack))
    let stops: [Double] = [45.0 / 60, 48.0 / 60, 52.0 / 60]
    #expect(chart.marks.map(\.x) == stops)
    let label: [String] = chart.marks[2].label.map { line in line.runs.map(\.text).joined() }
    #expect(label == ["X = 10, k = 52", "84.4 % / 77.2 %"])
    #expect(chart.subtitle == "bd_weights.h5, layer pool_3, 60 channels pruned in ascending order")
    #expect(
      chart.footnotes == [
        """
        Clean accuracy on clean validation faces (n = 11547); attack success on backdoored test faces (n = 12830). X: \
        pruning stops at the first k channels at which accuracy on the 11547 clean validation faces has fallen by X \
        percentage points.
        """
      ])
  }

  @Test func aReferenceIsDrawnThinnerAndAMissingSplitNotAtAll() throws {
    let curve = try ReferenceCurve(csv: fixture("published_table.csv"), path: "a/published.csv")
    let chart = try PruningFigure(RecordMaker(valid: [100, 100]).record(), reference: curve).chart()
    #expect(
      chart.series.map(\.name) == [
        "Clean accuracy", "Published accuracy", "Published attack success",
      ])
    #expect(chart.series[2].points[53] == Point(54.0 / 60, 6.96025))
    #expect(chart.series[1].stroke.width < chart.series[0].stroke.width)
    #expect(chart.marks.isEmpty)
  }

  @Test func theSameRecordIsTheSameBytes() throws {
    let record = try RecordMaker.published().record()
    for name in ["a.png", "a.PDF", "a.svg"] {
      let first = try FigureFile.bytes(PruningFigure(record).picture(), for: name)
      #expect(try FigureFile.bytes(PruningFigure(record).picture(), for: name) == first)
    }
  }

  @Test func xThatStopAtOneKShareALabel() throws {
    var maker = try RecordMaker.published()
    maker.drops = ["2", "4", "4.1", "10"]
    func titles(_ chart: LineChart) -> [String] { chart.marks.compactMap { $0.label.first?.runs.first?.text } }
    let few = try PruningFigure(maker.record()).chart()
    #expect(titles(few) == ["X = 2, k = 45", "X = 4–4.1, k = 48", "X = 10, k = 52"])
    #expect(!few.footnotes[0].contains("labelled"))
    maker.drops = (1...60).map { "\($0)" }
    let many = try PruningFigure(maker.record()).chart()
    #expect(titles(many).count == 6)
    #expect(many.marks.map(\.x) == many.marks.map(\.x).sorted() && Set(many.marks.map(\.x)).count == many.marks.count)
    #expect(
      many.footnotes[0].hasSuffix(
        "6 of \(many.marks.count) places where X stop are labelled; the report's table has every X."))
  }

  @Test func aLetterThatNoFontHasIsNamed() throws {
    let picture = Picture(width: 100, height: 20) { canvas in
      canvas.text("k\u{10FFFD}", at: Point(5, 15), style: TextStyle(Font(size: 10)))
    }
    let warning = try FigureFile.drawn(picture, for: "a.svg").warning
    #expect(warning == "a.svg: no installed font has U+10FFFD, drawn as empty boxes; install one that does")
    #expect(
      try FigureFile.drawn(PruningFigure(RecordMaker.published().record()).picture(), for: "a.svg").warning == nil)
  }
}

@Suite struct FigureStyleTests {
  @Test func theUsualFigureKeepsItsSizeAndANarrowOneHasRoomForItsText() throws {
    #expect(FigureStyle().pictureHeight == 312)
    var style = FigureStyle()
    (style.width, style.fontSize) = (238, 8)
    #expect((240...280).contains(style.pictureHeight))
    let record = try RecordMaker(valid: [100, 100, 97, 60], attack: [100, 100, 80, 0]).record()
    #expect(
      try PruningFigure(record, style: style).chart().xAxis.ticks.map(\.label) == [
        "0.0", "0.2", "0.4", "0.6", "0.8", "1.0",
      ])
    (style.showsTitle, style.showsIntervals) = (false, true)
    let chart = try PruningFigure(record, style: style).chart()
    #expect(chart.title.isEmpty && chart.bands.count == 2 && chart.style.labelSize == 8)
  }
}
