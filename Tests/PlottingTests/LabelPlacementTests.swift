import Plotting
import Testing

@Suite struct LabelPlacementTests {
  private let bounds = Rectangle(x: 0, y: 0, width: 100, height: 100)

  private func box(_ x: Double, _ y: Double) -> LabelCandidate {
    LabelCandidate(box: Rectangle(x: x, y: y, width: 20, height: 10))
  }

  @Test func segmentInsideABoxIsMeasured() {
    let box = Rectangle(x: 10, y: 10, width: 10, height: 10)
    #expect(Segment(Point(0, 15), Point(30, 15)).length(inside: box) == 10)
    #expect(abs(Segment(Point(10, 10), Point(20, 20)).length(inside: box) - 200.0.squareRoot()) < 1e-12)
    #expect(Segment(Point(12, 15), Point(15, 15)).length(inside: box) == 3)
    #expect(Segment(Point(0, 25), Point(30, 25)).length(inside: box) == 0)
    // Passes the corner (20, 20) at a distance.
    #expect(Segment(Point(15, 30), Point(30, 15)).length(inside: box) == 0)
  }

  @Test func segmentsCrossInsideOfBothAlone() {
    let level = Segment(Point(0, 5), Point(10, 5))
    #expect(level.crosses(Segment(Point(5, 0), Point(5, 10))))
    #expect(!level.crosses(Segment(Point(5, 5), Point(5, 10))))
    #expect(!level.crosses(Segment(Point(2, 5), Point(8, 5))))
    #expect(!level.crosses(Segment(Point(20, 0), Point(20, 10))))
  }

  @Test func theFirstFreePlaceWins() {
    let obstacles = LabelObstacles(bounds: bounds, segments: [Segment(Point(0, 15), Point(40, 15))])
    let placement = LabelPlacement(of: [[box(10, 10), box(50, 10), box(50, 40)]], among: obstacles)
    #expect(placement.places == [box(50, 10)])
    #expect(placement.costs == [0])
  }

  @Test func aLabelGivesWayToOneWithoutChoice() {
    let placement = LabelPlacement(
      of: [[box(10, 10), box(10, 50)], [box(15, 12)]], among: LabelObstacles(bounds: bounds))
    #expect(placement.places == [box(10, 50), box(15, 12)])
  }

  @Test func aCollisionThatCannotBeAvoidedIsTold() {
    let placement = LabelPlacement(of: [[box(10, 10)], [box(10, 10)], []], among: LabelObstacles(bounds: bounds))
    #expect(placement.places == [box(10, 10), box(10, 10), nil])
    // The collision and the area of the box with 2 points around it that the other covers.
    #expect(placement.costs == [1200, 1200, 0])
    let outside = LabelPlacement(of: [[box(90, 0)]], among: LabelObstacles(bounds: bounds))
    #expect(outside.costs == [1100])
  }

  @Test func shorterLeadersWin() {
    var (near, far) = (box(30, 10), box(50, 10))
    near.leader = [Point(20, 15), Point(30, 15)]
    far.leader = [Point(20, 15), Point(50, 15)]
    let placement = LabelPlacement(of: [[far, near]], among: LabelObstacles(bounds: bounds))
    #expect(placement.places == [near])
    #expect(placement.costs == [1])
  }

  @Test func aLeaderKeepsClearOfMarkersAndLabels() {
    var (through, around) = (box(60, 10), box(10, 60))
    through.leader = [Point(0, 15), Point(60, 15)]
    around.leader = [Point(0, 15), Point(0, 65), Point(10, 65)]
    let marker = Rectangle(x: 30, y: 13, width: 4, height: 4)
    let obstacles = LabelObstacles(bounds: bounds, boxes: [marker])
    #expect(LabelPlacement(of: [[through, around]], among: obstacles).places == [around])
    let labels = LabelPlacement(of: [[through, around], [box(30, 10)]], among: LabelObstacles(bounds: bounds))
    #expect(labels.places == [around, box(30, 10)])
  }

  @Test func nothingToPlaceIsNoFailure() {
    #expect(LabelPlacement(of: [], among: LabelObstacles(bounds: bounds)).places.isEmpty)
  }
}
