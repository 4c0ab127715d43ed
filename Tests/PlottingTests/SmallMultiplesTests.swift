import Plotting
import Testing

@Suite struct SmallMultiplesTests {
  private func sheet(_ count: Int, columns: Int? = nil) throws -> SmallMultiples {
    try SmallMultiples(
      title: "By seed", footnotes: ["one seed a panel"],
      xAxis: Axis("Pruned", from: 0, to: 1, ticks: [0, 0.5, 1]),
      yAxis: Axis("Images (%)", from: 0, to: 100, ticks: [0, 100]),
      panels: (1...count).map { seed in
        var panel = try Pruning.chart(marksAt: [45])
        panel.title = "Seed \(seed)"
        return panel
      }, columns: columns)
  }

  private func plots(_ sheet: SmallMultiples) -> (plots: [Rectangle], texts: [String]) {
    let canvas = RecordingCanvas()
    sheet.draw(on: canvas, in: Rectangle(x: 0, y: 0, width: 510, height: 400))
    return (canvas.calls.compactMap { if case .clip(let plot) = $0 { plot } else { nil } }, canvas.texts)
  }

  @Test(arguments: [1, 2, 5, 12, 30])
  func panelsAreAlikeAndApart(count: Int) throws {
    let (plots, texts) = plots(try sheet(count))
    #expect(plots.count == count)
    let first = try #require(plots.first)
    for (index, plot) in plots.enumerated() {
      #expect(abs(plot.width - first.width) < 1e-9 && abs(plot.height - first.height) < 1e-9)
      #expect(plot.width > 40 && plot.height > 25)
      for other in plots[(index + 1)...] { #expect(plot.overlap(with: other) == 0) }
    }
    for seed in 1...count { #expect(texts.filter { $0 == "Seed \(seed)" }.count == 1) }
    for text in ["By seed", "one seed a panel", "Pruned", "Images (%)", "Clean accuracy", "Attack success"] {
      #expect(texts.filter { $0 == text }.count == 1, "\(text)")
    }
  }

  @Test func outerPanelsAloneHaveTickLabels() throws {
    let texts = plots(try sheet(5, columns: 3)).texts
    // Two rows; the third column's last panel is in the first row.
    #expect(texts.filter { $0 == "100" }.count == 2)
    #expect(texts.filter { $0 == "0.5" }.count == 3)
  }

  @Test func anEmptySheetDrawsItsTitle() throws {
    var empty = try sheet(1)
    empty.panels = []
    #expect(plots(empty).texts.first == "By seed")
  }
}
