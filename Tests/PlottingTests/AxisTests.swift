import Plotting
import Testing

@Suite struct AxisTests {
  @Test(arguments: [
    (0.0, 100.0, 5, [0.0, 20, 40, 60, 80, 100]),
    (0.0, 1.0, 10, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
    (0.0, 1.0, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]),
    (-7.0, 12.0, 4, [-5, 0, 5, 10]),
    (91.2, 98.7, 4, [92, 94, 96, 98]),
    (0.0, 60.0, 6, [0, 10, 20, 30, 40, 50, 60]),
    (1e-7, 5e-7, 4, [1e-7, 2e-7, 3e-7, 4e-7, 5e-7]),
  ])
  func ticksAreRoundNumbers(lower: Double, upper: Double, count: Int, expected: [Double]) {
    #expect(Ticks.values(from: lower, to: upper, about: count) == expected)
  }

  @Test func ticksOfHopelessDomainsAreTheEnds() {
    #expect(Ticks.values(from: 1e16, to: 1e16 + 2) == [1e16, 1e16 + 2])
    #expect(Ticks.values(from: 0, to: 5e-324) == [])
    #expect(Ticks.values(from: 3, to: 3) == [])
    #expect(Ticks.values(from: 0, to: .infinity) == [])
    #expect(Ticks.values(from: -1e308, to: 1e308).isEmpty)
  }

  @Test func labelsHaveTheDecimalsTheyNeed() {
    #expect(Ticks.labels(for: [0, 0.5, 1]) == ["0.0", "0.5", "1.0"])
    #expect(Ticks.labels(for: [0, 20, 100]) == ["0", "20", "100"])
    #expect(Ticks.labels(for: [-0.25, 0]) == ["\u{2212}0.25", "0.00"])
    #expect(Ticks.labels(for: [0, 2e7]) == ["0", "2e+07"])
    #expect(Ticks.labels(for: [0, 0.00005]) == ["0", "5e-05"])
  }

  @Test func givenTicksStayInsideTheDomain() throws {
    let axis = try Axis("k", from: 0, to: 60, ticks: [-10, 0, 30, 60, 90]) { "#\(Int($0))" }
    #expect(axis.ticks == [Tick(0, label: "#0"), Tick(30, label: "#30"), Tick(60, label: "#60")])
  }

  @Test func positionAndValueAreInverse() throws {
    let scale = try Axis("y", from: 0, to: 100).scale(from: 250, to: 50)
    #expect(scale.position(of: 0) == 250)
    #expect(scale.position(of: 100) == 50)
    #expect(scale.position(of: 25) == 200)
    #expect(abs(scale.position(of: 110) - 30) < 1e-12)
    for value in [-3.0, 0, 17.25, 99.9] { #expect(abs(scale.value(at: scale.position(of: value)) - value) < 1e-12) }
    #expect(try Axis("y", from: 2, to: 3).scale(from: 7, to: 7).value(at: 7) == 2)
  }

  @Test func anAxisNeedsAnExtent() {
    #expect(throws: PlottingError.axisDomain(label: "Accuracy (%)", lower: 3, upper: 3)) {
      try Axis("Accuracy (%)", from: 3, to: 3)
    }
    #expect(throws: PlottingError.self) { try Axis("x", from: .nan, to: 1) }
    #expect(throws: PlottingError.self) { try Axis("x", from: -1e308, to: 1.5e308) }
    #expect(
      PlottingError.axisDomain(label: "Accuracy (%)", lower: 3, upper: 2.5).description
        == "axis \"Accuracy (%)\" goes from 3 to 2.5; expected two finite numbers, ascending")
  }
}
