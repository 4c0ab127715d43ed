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
}
