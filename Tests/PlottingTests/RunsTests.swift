import Plotting
import Testing

/// A run may be passed over only where none of its elements matters: compared with every element one by one.
struct RunsTests {
  @Test(arguments: [0, 1, 15, 16, 17, 40])
  func nothingThatMeetsIsPassedOver(count: Int) {
    var step = 0
    /// 0..<100, without an order that a run could profit from.
    func number() -> Double {
      step += 1
      return Double(step * step * 2_654_435_761 % 9973) / 99.73
    }
    for _ in 0..<50 {
      let segments = (0..<count).map { _ in Segment(Point(number(), number()), Point(number(), number())) }
      let points = segments.map(\.start)
      let box = Rectangle(left: number() - 20, top: number(), right: 90, bottom: 110)
      var met: [Segment] = []
      Runs(segments).forEach(near: box) { if $0.bounds.meets(box) { met.append($0) } }
      #expect(met == segments.filter { $0.bounds.meets(box) }, "\(box)")
      let nearest = points.map { box.squaredDistance(to: $0) }.min()
      #expect(Runs(points).nearest(to: box) == nearest?.squareRoot() ?? .infinity, "\(box)")
    }
  }

  @Test func whatLiesFarFromARunIsNotAskedAbout() {
    let row = (0..<32).map { Segment(Point(Double($0), 0), Point(Double($0) + 1, 0)) }
    var asked = 0
    Runs(row).forEach(near: Rectangle(x: 20, y: -1, width: 1, height: 2)) { _ in asked += 1 }
    #expect(asked == 16)
  }
}
